import { describe, expect, it } from 'vitest';
import type { EngineConfig, Slot } from '../../src/config/experiment.ts';
import { normalDraws } from '../../src/config/hash.ts';
import { elementCount, parameterShapes } from '../../src/config/parameterShapes.ts';
import type { GoldenTensors, TrainCaseOutput } from '../../src/golden/subject.ts';
import { trainOnGpu } from '../../src/golden/webgpuSubject.ts';
import { useDevice } from '../support/gpu.ts';
import { expectClose } from '../support/kernelHarness.ts';
import { batchOf, ffn, tiny } from './support.ts';

const device = useDevice();

/** Identities of the mathematics hold within rounding of float32. */
const CLOSE = { abs: 1e-6, rel: 1e-6 };

type Parameters = Map<string, { shape: readonly number[]; data: Float32Array }>;

/** Random parameters at which every part of the network matters. */
function parametersOf(config: EngineConfig): Parameters {
  return new Map(
    parameterShapes(config).map(({ name, shape, start }) => {
      const std = start.kind === 'one' ? 0.2 : 1 / Math.sqrt(shape.at(-1)!);
      const draws = normalDraws(9, name, elementCount(shape), std);
      return [name, { shape, data: start.kind === 'one' ? draws.map((x) => 1 + x) : draws }];
    }),
  );
}

/** One step with captures. */
function trainStep(
  config: EngineConfig,
  parameters: Parameters,
  batches = [batchOf(config, 1)],
): Promise<TrainCaseOutput> {
  const input = { config, parameters, batches };
  return trainOnGpu(device(), input, { captures: true, adapterClass: 'software' });
}

function dataOf(tensors: GoldenTensors, name: string): ArrayLike<number> {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`no tensor ${name}`);
  return tensor.data;
}

function expectSame(got: TrainCaseOutput, want: TrainCaseOutput, names: [string, string][]): void {
  for (const [ofGot, ofWant] of names) {
    expectClose(dataOf(got.tensors, ofGot), dataOf(want.tensors, ofWant), CLOSE, ofGot);
  }
  expectClose([got.steps[0]!.gradNorm], [want.steps[0]!.gradNorm], CLOSE, 'gradNorm');
  expectClose([got.steps[0]!.loss.ce!], [want.steps[0]!.loss.ce!], CLOSE, 'ce');
}

const LAYERS = [0, 1];
const EPS = { eps: 1e-3 };

it('a MoE of one expert is the dense layer of its width', async () => {
  for (const gate of ['softmax', 'renormalized'] as const) {
    const dense = tiny({ model: { arrangement: 'dense', denseHidden: 9 }, optimizer: EPS });
    const moe = tiny({
      model: { arrangement: 'full' },
      router: { K: 1, gate },
      experts: { slots: [ffn(9)] },
      losses: { switch: { alpha: 0 } },
      optimizer: EPS,
    });
    const parameters = parametersOf(dense);
    const pairs = [...parameters.keys()].map((name): [string, string] => [
      name.replace('.ffn.', '.moe.experts.0.'),
      name,
    ]);
    const ofMoe = parametersOf(moe);
    for (const [own, name] of pairs) ofMoe.set(own, parameters.get(name)!);
    const [got, want] = [await trainStep(moe, ofMoe), await trainStep(dense, parameters)];
    expectSame(got, want, [
      ['out.logits', 'out.logits'],
      ...LAYERS.map((l): [string, string] => [
        `out.layers.${l}.moe_output`,
        `out.layers.${l}.ffn_output`,
      ]),
      ...pairs.map(([own, name]): [string, string] => [`grad.${own}`, `grad.${name}`]),
      ...pairs.map(([own, name]): [string, string] => [`after.${own}`, `after.${name}`]),
    ]);
  }
});

it('an expert and its negated twin with equal gates cancel', async () => {
  const alone = tiny({ router: { K: 1 }, experts: { slots: [ffn(9)] } });
  const twins = tiny({
    router: { K: 2, gate: 'softmax' },
    experts: { slots: [{ kind: 'negated', of: 0 }, ffn(9)] },
  });
  const parameters = parametersOf(twins);
  for (const l of LAYERS) parameters.get(`layers.${l}.moe.router.weight`)!.data.fill(0);
  const ofAlone = parametersOf(alone);
  for (const [name, tensor] of parameters) {
    if (!name.includes('router')) ofAlone.set(name, tensor);
  }
  const { tensors } = await trainStep(twins, parameters);
  const one = dataOf((await trainStep(alone, ofAlone)).tensors, 'out.layers.0.moe_output');
  expect(Math.max(...Array.from(one, Math.abs))).toBeGreaterThan(0.1);
  for (const l of LAYERS) {
    expect([...new Set(Array.from(dataOf(tensors, `out.layers.${l}.gates`)))]).toEqual([0.5]);
    const output = dataOf(tensors, `out.layers.${l}.moe_output`);
    expectClose(output, new Float32Array(output.length), { abs: 1e-7, rel: 0 }, 'moe_output');
  }
});

describe('the order of the slots', () => {
  /** Slot r of the permuted model is slot ORDER[r] of the other. */
  const ORDER = [3, 0, 5, 1, 4, 2];
  const slots: Slot[] = [
    ffn(6),
    { kind: 'copy' },
    ffn(9),
    ffn(3),
    { kind: 'zero' },
    { kind: 'negated', of: 1 },
  ];
  /** Experts in the order of the permuted model's slots: 3 → 0, 0 → 1, 2 → 2. */
  const EXPERTS = [2, 0, 1];
  const permuted = ORDER.map((r): Slot => {
    const slot = slots[r]!;
    return slot.kind === 'negated' ? { kind: 'negated', of: EXPERTS.indexOf(slot.of) } : slot;
  });

  it('changes nothing but itself', async () => {
    const overrides = { router: { K: 3, bias: true }, optimizer: EPS };
    const losses = {
      switch: { alpha: 0.1 },
      heterogeneous: { beta: 0.1 },
      ternary: { alpha1: 0.1 },
    };
    const first = tiny({ ...overrides, losses, experts: { slots } });
    const second = tiny({ ...overrides, losses, experts: { slots: permuted } });
    const parameters = parametersOf(first);
    const names = [...parameters.keys()];
    const movedName = (name: string) =>
      name.replace(/experts\.(\d+)/, (_, e) => `experts.${EXPERTS.indexOf(Number(e))}`);
    /** Rows of a router's tensor in the order of the permuted model. */
    const moved = (name: string, data: ArrayLike<number>) => {
      if (!name.includes('.router.')) return data;
      const width = data.length / ORDER.length;
      return Float32Array.from(
        data,
        (_, i) => data[ORDER[Math.floor(i / width)]! * width + (i % width)]!,
      );
    };
    const ofSecond: Parameters = new Map(
      names.map((name) => {
        const { shape, data } = parameters.get(name)!;
        return [movedName(name), { shape, data: Float32Array.from(moved(name, data)) }];
      }),
    );
    const [want, got] = [await trainStep(first, parameters), await trainStep(second, ofSecond)];
    const same = ['out.logits', ...LAYERS.map((l) => `out.layers.${l}.moe_output`)];
    expectSame(
      got,
      want,
      same.map((name) => [name, name]),
    );
    for (const name of names) {
      for (const group of ['grad', 'after']) {
        const wanted = moved(name, dataOf(want.tensors, `${group}.${name}`));
        const found = dataOf(got.tensors, `${group}.${movedName(name)}`);
        expectClose(found, wanted, CLOSE, `${group}.${name}`);
      }
    }
    for (const l of LAYERS) {
      const selected = Array.from(dataOf(got.tensors, `out.layers.${l}.selected`));
      expect(selected.map((r) => ORDER[r]!)).toEqual(
        Array.from(dataOf(want.tensors, `out.layers.${l}.selected`)),
      );
    }
    for (const term of ['switch', 'heterogeneous', 'ternary']) {
      expectClose([got.steps[0]!.loss[term]!], [want.steps[0]!.loss[term]!], CLOSE, term);
    }
  });
});

it('a zero slot, chosen or not, changes no other token', async () => {
  const slots: Slot[] = [ffn(6), { kind: 'zero' }, ffn(9)];
  const config = tiny({ router: { K: 1, gate: 'softmax' }, experts: { slots }, losses: {} });
  const parameters = parametersOf(config);
  const T = config.batch.B * config.batch.S;
  const D = config.model.D;
  const batch = batchOf(config, 1);
  const runs = [];
  // The last token of the batch has every value once: no other token attends to it.
  for (let token = 0; token < config.model.V; token++) {
    const tokens = batch.tokens.slice();
    tokens[T - 1] = token;
    const { tensors } = await trainStep(config, parameters, [{ ...batch, tokens }]);
    runs.push({
      choices: LAYERS.map((l) => dataOf(tensors, `out.layers.${l}.selected`)[T - 1]!),
      others: LAYERS.map((l) =>
        Array.from(dataOf(tensors, `out.layers.${l}.moe_output`)).slice(0, (T - 1) * D),
      ),
      own: Array.from(dataOf(tensors, 'out.layers.0.moe_output')).slice((T - 1) * D),
    });
  }
  const chosen = new Set(runs.map(({ choices }) => choices[0]));
  expect(chosen.has(1)).toBe(true);
  expect(chosen.size).toBeGreaterThan(1);
  for (const { choices, others, own } of runs) {
    expect(others).toEqual(runs[0]!.others);
    expect(own.every((x) => x === 0)).toBe(choices[0] === 1);
  }
});
