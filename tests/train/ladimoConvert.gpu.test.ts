import { expect, it, vi } from 'vitest';
import { engineConfig } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { type LadimoSettings, parseLadimoSettings } from '../../src/config/ladimoSettings.ts';
import { parseExperiment } from '../../src/config/parse.ts';
import { Converter } from '../../src/train/ladimo/converter.ts';
import { sampleBatches } from '../../src/train/ladimo/distill.ts';
import { LayerTrainer } from '../../src/train/ladimo/layerTrainer.ts';
import { layerStart } from '../../src/train/ladimo/start.ts';
import { studentExperiment } from '../../src/train/ladimo/student.ts';
import { type Checkpoint, decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { checkState, initialState } from '../../src/train/session/modelState.ts';
import { conversionLab, fileOf } from '../runs/conversions/lab.ts';
import { useDevice } from '../support/gpu.ts';
import { fakeText, TINY } from './support.ts';

const device = useDevice();

const DENSE: Experiment = {
  ...TINY,
  model: { ...TINY.model, L: 3, arrangement: 'dense' },
  initStd: 0.3,
  evaluation: { ...TINY.evaluation, batches: 2 },
};
const TEXT = fakeText(DENSE);
const CONFIG = engineConfig(DENSE, TEXT.tokenizer.size);

function teacher(): Checkpoint {
  return { experiment: DENSE, state: initialState(CONFIG, DENSE.initStd, 1) };
}

const FEW = { sample: 50, batch: 8, steps: 40, profile: 20 };

/** A conversion from its start to its policy. */
async function run(settings: LadimoSettings, from = teacher()) {
  const { room, library } = conversionLab(device(), () => TEXT);
  const { state } = await room.begin(fileOf(from), settings);
  const { id } = state;
  await room.goOn(id);
  const { policy, adaptive } = await room.policy(id, settings.policy);
  const modelOf = async (shares: LadimoSettings['policy'] | null) => {
    const run = await room.assemble(id, { layers: settings.layers, policy: shares });
    return decodeCheckpoint(await library.checkpoint(run, 0));
  };
  const student = await modelOf(null);
  const adaptiveModel = await modelOf(settings.policy);
  const { state: after, curves } = await room.open(id);
  return { state: after, curves, policy, measured: adaptive, student, adaptive: adaptiveModel };
}

it('gives the teacher back where one expert stands for the whole FFN and nothing is trained', async () => {
  const optimizer = { lr: 0, minLr: 0 };
  const whole = { layers: [0, 2], N: 1, K: 1, gate: 'renormalized', optimizer, ...FEW };
  const { state, curves, measured } = await run(parseLadimoSettings(whole));
  for (const { mse, lr } of curves) {
    expect(Math.max(...mse)).toBeLessThan(1e-10);
    expect(lr).toEqual(new Array(40).fill(0));
  }
  const [first] = state.students.filter(({ layers }) => layers.length === 0);
  for (const { ce } of [...state.students, measured]) expect(ce).toBeCloseTo(first!.ce, 5);
});

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

it('compares students from the last layer upward and each layer alone, and replays', async () => {
  const settings = parseLadimoSettings({ layers: [1, 2], N: 4, K: 2, ...FEW });
  const { state, curves, policy, student, adaptive } = await run(settings);
  expect(curves.map(({ layer }) => layer)).toEqual([1, 2]);
  for (const { mse, balance, total } of curves) {
    expect(mse).toHaveLength(40);
    expect(sum(mse.slice(-10))).toBeLessThan(sum(mse.slice(0, 10)));
    total.forEach((all, i) => {
      expect(all).toBeCloseTo(mse[i]! + balance[i]!, 6);
    });
  }
  const active = (layers: number[], K: number | null = null) =>
    state.students.find(
      ({ choice }) => choice.layers.join() === layers.join() && (choice.K ?? null) === K,
    )?.active;
  expect(active([1, 2])).toBeLessThan(active([2])!);
  expect(active([1])).toBe(active([2]));
  expect(active([2])).toBeLessThan(active([])!);
  expect(active([1, 2], 1)).toBeLessThan(active([1, 2])!);

  expect(policy.layers.map(({ layer }) => layer)).toEqual([1, 2]);
  const table = adaptive.experiment.router.policy;
  expect(table?.map((own) => own?.kind)).toEqual([
    undefined,
    ...policy.layers.map(({ kind }) => kind),
  ]);
  for (const { kind, computing } of policy.layers) {
    if (kind !== 'dynamic') expect(computing).toBe(Number(kind.at(-1)));
  }

  for (const { experiment, state: model } of [student, adaptive]) {
    const { problems } = parseExperiment(JSON.parse(JSON.stringify(experiment)));
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    checkState(model, engineConfig(experiment, TEXT.tokenizer.size));
  }
  const name = 'layers.0.ffn.up.weight';
  expect(student.state.parameters.get(name)).toEqual(teacher().state.parameters.get(name));

  const again = await run(settings);
  expect(again.curves).toEqual(curves);
  expect(again.state.students).toEqual(state.students);
  expect(again.state.digest).toBe(state.digest);
});

it('gives f(m)/N in every layer where all N experts compute with gates of 1/N', async () => {
  const N = 4;
  const from = teacher();
  const even = { N, K: N, gate: 'softmax', start: 'split', sample: 8, batch: 8, steps: 1 };
  for (const layer of [0, 1, 2]) {
    const settings = parseLadimoSettings({ layers: [layer], ...even });
    const converter = new Converter({ device: device() }, from, settings, TEXT);
    const { parameters } = converter.begin(layer, 0).state;
    parameters.get(`layers.${layer}.moe.router.weight`)!.data.fill(0);
    const student = converter.assemble(new Map([[layer, parameters]]));
    const batch = TEXT.validationBatch(0);
    const read = (model: Checkpoint, name: string) =>
      converter.withModel(model, async (engine) => {
        const tensors = await engine.inspect(batch, (one) => one === `layers.${layer}.${name}`);
        return [...tensors.values()][0]!.data;
      });
    const dense = await read(from, 'ffn_output');
    const moe = await read(student, 'moe_output');
    expect(moe).toHaveLength(dense.length);
    moe.forEach((value, i) => {
      expect(Math.abs(value - dense[i]! / N)).toBeLessThan(1e-5);
    });
    expect(Math.max(...dense.map(Math.abs))).toBeGreaterThan(0.01);
  }
});

it('makes no GPU object per step', async () => {
  const settings = parseLadimoSettings({ layers: [1], N: 4 });
  const student = engineConfig(studentExperiment(DENSE, settings), TEXT.tokenizer.size);
  const { parameters } = teacher().state;
  const trainer = await LayerTrainer.create({ device: device() }, student, { layer: 1, alpha: 1 });
  trainer.load(layerStart(student, 1, parameters, { start: 'split', initStd: 0.02, seed: 1 }));
  const vectors = { inputs: new Float32Array(64).fill(0.5), targets: new Float32Array(64) };
  const makers = (['createBuffer', 'createBindGroup', 'createComputePipelineAsync'] as const).map(
    (maker) => vi.spyOn(device(), maker),
  );
  for (let step = 0; step < 20; step++) {
    trainer.submitStep(vectors);
    await trainer.settle(2);
  }
  expect((await trainer.readTelemetry())?.n).toBe(20);
  expect(makers.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
  makers.forEach((maker) => {
    maker.mockRestore();
  });
  trainer.destroy();
});

it('stops at a step that is not finite, naming it and the layer', async () => {
  const from = teacher();
  from.state.parameters.get('layers.1.ffn.down.weight')!.data.fill(1e30);
  const settings = parseLadimoSettings({ layers: [1], N: 4, ...FEW });
  await expect(run(settings, from)).rejects.toThrow('Layer 1, step 1 of its distillation');
});

it('shows every vector of a sample once before any comes again', () => {
  const inputs = Float32Array.from({ length: 7 }, (_, i) => i);
  const sample = { layer: 0, n: 7, inputs, targets: inputs };
  const batchOf = sampleBatches(sample, { T: 2, seed: 3 });
  const seen = [1, 2, 3, 4, 5, 6, 7].flatMap((step) => [...batchOf(step).inputs]);
  const epochs = [seen.slice(0, 7), seen.slice(7)];
  for (const epoch of epochs) expect([...epoch].sort()).toEqual([...inputs]);
  expect(epochs[0]).not.toEqual(epochs[1]);
  expect(() => sampleBatches(sample, { T: 8, seed: 3 })).toThrow('a sample of 7 vectors');
});

it.each([
  [{ layers: [] }, 'at least one'],
  [{ layers: [0], N: 0 }, 'N: 0 is not allowed; it must be a whole number from 1 to 64'],
  [{ layers: [0], policy: { pu: 2 } }, 'policy.pu: 2 is not allowed; it must be a number from 0'],
  [{ layers: [0], expert: 4 }, 'unknown setting "expert"; known are layers, N, K, gate'],
  [
    { layers: [0], optimizer: { rate: 4 } },
    'unknown setting "optimizer.rate"; known are lr, minLr',
  ],
  [
    { layers: [0], optimizer: { clip: 0 } },
    'clip: 0 is not allowed; it must be a number from 1e-9',
  ],
  [
    { layers: [0], optimizer: { lr: '1' } },
    'optimizer.lr: "1" is not allowed; it must be a number',
  ],
  [{ layers: [0], optimizer: 3 }, 'optimizer: 3 is not allowed; it must be an object of lr'],
  [{ layers: [0], alpha: null }, 'alpha: null is not allowed; it must be a number from 0 to 1000'],
  [{ layers: [0], gate: 'top' }, 'gate: "top" is not allowed; it must be one of softmax, renorm'],
  [{ layers: [0], start: 1 }, 'start: 1 is not allowed; it must be one of split, random'],
  [{ layers: [0], N: 4, K: 9 }, 'K: 9 of N = 4 experts cannot be chosen; it must be from 1 to 4'],
  [{ layers: [1, 1] }, 'layer 1 is named twice'],
  [{ layers: [0], sample: 8, batch: 9 }, 'batch: 9 is more than the sample of 8 vectors'],
  [{ layers: [0], steps: 4, optimizer: { warmup: 5 } }, 'warmup: 5 is more than the 4 steps'],
  [{ layers: 'all' }, 'layers: "all" is not allowed; it must be a list of layer indices'],
  [{}, 'layers'],
  [42, 'the settings: 42 is not allowed; it must be an object of layers'],
])('refuses settings %j', (settings, message) => {
  expect(() => parseLadimoSettings(settings)).toThrow(message);
});

it.each([
  [{ layers: [3] }, 'layer 3 does not exist; there are 0 to 2'],
  [{ layers: [1], N: 3 }, '3 experts do not divide 8'],
])('refuses %j for this teacher', (settings, message) => {
  expect(() => studentExperiment(DENSE, parseLadimoSettings(settings))).toThrow(message);
});

it('converts dense models only', () => {
  expect(() => studentExperiment(TINY, parseLadimoSettings({ layers: [1] }))).toThrow('MoE layers');
});
