import { describe, expect, it, vi } from 'vitest';
import { paperCounts } from '../../../src/accounting/parameters.ts';
import { decodeConversionLink } from '../../../src/config/conversionLink.ts';
import { engineConfig } from '../../../src/config/edit.ts';
import type { Experiment } from '../../../src/config/experiment.ts';
import { previewPolicy } from '../../../src/config/ladimo.ts';
import { memoryTables } from '../../../src/runs/memoryTables.ts';
import type { Tables } from '../../../src/runs/tables.ts';
import { curvesKey, curvesOf, takeSteps } from '../../../src/state/conversion/curves.ts';
import type { ConversionEvent, ConversionState } from '../../../src/train/ladimo/conversion.ts';
import { Converter } from '../../../src/train/ladimo/converter.ts';
import { studentExperiment } from '../../../src/train/ladimo/student.ts';
import { decodeCheckpoint } from '../../../src/train/session/checkpoint.ts';
import { initialState } from '../../../src/train/session/modelState.ts';
import { useDevice } from '../../support/gpu.ts';
import { DOCUMENTS } from '../../train/probeDocuments.ts';
import { fakeText, TINY } from '../../train/support.ts';
import { type ConversionLab, conversionLab, fileOf } from './lab.ts';

const device = useDevice();

const DENSE: Experiment = {
  ...TINY,
  model: { ...TINY.model, L: 3, arrangement: 'dense' },
  initStd: 0.3,
  data: { ...TINY.data, mix: { prose: 1, code: 1 } },
  evaluation: { ...TINY.evaluation, batches: 2 },
};
const TEXT = fakeText(DENSE);
const TEACHER = {
  experiment: DENSE,
  state: initialState(engineConfig(DENSE, TEXT.tokenizer.size), DENSE.initStd, 1),
};
const SETTINGS = {
  ...{ layers: [1, 2], N: 4, K: 2, sample: 50, batch: 8, steps: 24, profile: 20, seeds: 2 },
};

const labOn = (tables?: Tables) =>
  conversionLab(device(), fakeText, { ...(tables && { tables }), deps: { storeMs: 0 } });

async function converted(lab: ConversionLab, settings: object = SETTINGS) {
  const { state } = await lab.room.begin(fileOf(TEACHER), settings);
  return lab.room.goOn(state.id);
}

/** What of a conversion does not depend on when it was made. */
const resultOf = ({ digest, layers, students }: ConversionState) => ({
  digest,
  layers,
  students: [...students].sort((a, b) =>
    JSON.stringify(a.choice) < JSON.stringify(b.choice) ? -1 : 1,
  ),
});

/** Tables that a killed page writes to no more. */
function mortal(tables: Tables): { tables: Tables; kill(): void } {
  let isDead = false;
  return {
    tables: {
      transact: (...of) => (isDead ? Promise.reject(new Error('killed')) : tables.transact(...of)),
    },
    kill() {
      isDead = true;
    },
  };
}

const trains = (layer: number, seed: number, step: number) => (event: ConversionEvent) => {
  if (event.type !== 'state' || event.state.stage !== 'training') return false;
  const one = event.state.layers[layer]?.seeds[seed];
  return one !== undefined && one.step >= step && one.step < SETTINGS.steps;
};
const MOMENTS: Readonly<Record<string, (event: ConversionEvent) => boolean>> = {
  'while it records': (event) => event.type === 'state' && event.state.stage === 'recording',
  'in the middle of the first layer': trains(1, 0, 6),
  'in the first steps of its second training': trains(1, 1, 1),
  'behind the first layer': (event) => event.type === 'state' && event.state.students.length > 0,
  'in the middle of the last training': trains(2, 1, 10),
  'behind the last training': (event) =>
    event.type === 'state' &&
    event.state.digest === null &&
    event.state.students.length === SETTINGS.layers.length,
};

describe('a conversion that is killed', () => {
  it('goes on to the same bits, at six moments', async () => {
    const whole = await converted(labOn());
    expect(whole.state.digest).toMatch(/^[0-9a-f]{16}$/);
    for (const [name, isMoment] of Object.entries(MOMENTS)) {
      const stored = memoryTables();
      const { tables, kill } = mortal(stored);
      const first = labOn(tables);
      const killed = new Promise<void>((resolve) => {
        void first.room.subscribe((event) => {
          if (!isMoment(event)) return;
          kill();
          resolve();
        });
      });
      const { state } = await first.room.begin(fileOf(TEACHER), SETTINGS);
      await killed;
      await first.room.stop().catch(() => undefined);
      const second = labOn(stored);
      const before = await second.room.open(state.id);
      expect(before.state.digest, name).toBeNull();
      const isInPart = before.state.layers.some(({ status }) => status === 'stopped');
      expect(isInPart, name).toBe(name.startsWith('in '));
      const after = await second.room.goOn(state.id);
      expect(resultOf(after.state), name).toEqual(resultOf(whole.state));
      expect(after.curves, name).toEqual(whole.curves);
    }
  });
});

it('stops, goes on and trains a layer again', async () => {
  const lab = labOn();
  const { state } = await lab.room.begin(fileOf(TEACHER), SETTINGS);
  await lab.room.stop();
  const stopped = await lab.room.open(state.id);
  expect(stopped.state.stage).toBe('idle');
  expect(stopped.state.digest).toBeNull();
  const done = await lab.room.goOn(state.id);
  expect(done.state.layers.map(({ status }) => status)).toEqual([
    'dense',
    'converted',
    'converted',
  ]);
  const again = await lab.room.redo(state.id, 2);
  expect(resultOf(again.state)).toEqual(resultOf(done.state));
  await expect(lab.room.redo(state.id, 0)).rejects.toThrow('Layer 0 is not among the layers');
});

it('tells of every step at its place, also of those before a stop', async () => {
  const lab = labOn();
  // Steps are read more often than they are told of.
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 20));
  const told: ReturnType<typeof curvesOf> = new Map();
  let isStopped = false;
  await lab.room.subscribe((event) => {
    if (event.type !== 'steps') return;
    takeSteps(told, event);
    if (isStopped || told.get(curvesKey(1, 0))!.mse.length < 3) return;
    isStopped = true;
    void lab.room.stop();
  });
  const { state } = await lab.room.begin(fileOf(TEACHER), SETTINGS);
  await expect.poll(async () => (await lab.room.open(state.id)).state.stage).toBe('idle');
  expect(isStopped).toBe(true);
  const done = await lab.room.goOn(state.id);
  clock.mockRestore();
  expect(done.state.digest).not.toBeNull();
  expect([...told.keys()].sort()).toEqual([...curvesOf(done.curves).keys()].sort());
  for (const [key, { mse, balance }] of curvesOf(done.curves))
    expect(told.get(key), key).toMatchObject({ mse, balance });
});

it('trains the other layers where one diverges, and says which step it was', async () => {
  const lab = labOn();
  // Its outputs are numbers, but their squares are not.
  const name = 'layers.1.ffn.down.weight';
  const { shape, data } = TEACHER.state.parameters.get(name)!;
  const wild = new Map(TEACHER.state.parameters).set(name, {
    shape,
    data: data.map((x) => x * 1e28),
  });
  const teacher = { ...TEACHER, state: { ...TEACHER.state, parameters: wild } };
  const { state } = await lab.room.begin(fileOf(teacher), { ...SETTINGS, seeds: 1 });
  await expect(lab.room.goOn(state.id)).rejects.toThrow('Layer 1, step 1 of its distillation');
  const after = (await lab.room.open(state.id)).state;
  expect(after.layers.map(({ status }) => status)).toEqual(['dense', 'dense', 'converted']);
  expect(after).toMatchObject({ stage: 'idle', digest: null });
  expect(after.failure).toContain('Layer 1, step 1');
});

it('replays from its link, and is the same from its file, in another context', async () => {
  const lab = labOn();
  const settings = { ...SETTINGS, seeds: 1, steps: 40 };
  const { state } = await lab.room.begin({ experiment: DENSE, steps: 3 }, settings);
  const whole = await lab.room.goOn(state.id);
  const link = await lab.room.link(state.id, { layers: [2], K: 1 });
  expect(decodeConversionLink(link).conversion).toMatchObject({ steps: 3, settings });

  const other = labOn();
  const replayed = await other.room.replay(link);
  const after = await other.room.goOn(replayed.state.id);
  expect(after.state.expected).toBe(whole.state.digest);
  expect(after.state.student).toEqual({ layers: [2], K: 1 });
  expect(after.state.digest).toBe(whole.state.digest);
  expect(after.curves).toEqual(whole.curves);
  await expect(other.room.replay('v=1')).rejects.toThrow('names no conversion');

  await lab.room.profile(state.id);
  const bytes = await lab.room.toFile(state.id);
  const third = labOn();
  const read = await third.room.fromFile(bytes);
  expect(read).toEqual(await lab.room.open(state.id));
  expect(await third.room.list()).toEqual(await lab.room.list());
  const cut = bytes.slice(0, bytes.length - 100);
  await expect(third.room.fromFile(cut)).rejects.toThrow(RangeError);
  await third.room.remove(state.id);
  expect(await third.room.list()).toEqual([]);
  await expect(third.room.open(state.id)).rejects.toThrow('There is no conversion');
});

it('trains the converted layers alone on a domain, and measures policies and speed', async () => {
  const lab = labOn();
  const { state } = await converted(lab, { ...SETTINGS, seeds: 1, steps: 40 });
  const { id } = state;
  const result = await lab.room.domains(id, 'code', 60);
  expect(result.layers).toEqual([1, 2]);
  expect(Object.keys(result.after.perDomain)).toEqual(['prose', 'code']);
  expect(result.after.ce).not.toBe(result.before.ce);
  const modelOf = async (domain: string | null) => {
    const run = await lab.room.assemble(id, { layers: [1, 2], domain });
    const row = await lab.library.row(run);
    const named = { layers: [1, 2], student: { layers: [1, 2], domain } };
    expect(row?.conversion).toEqual({ id, teacher: null, ...named });
    return decodeCheckpoint(await lab.library.checkpoint(run, 0)).state.parameters;
  };
  const [before, after] = [await modelOf(null), await modelOf('code')];
  const moved = [...after].flatMap(([name, { data }]) =>
    data.every((x, i) => x === before.get(name)?.data[i]) ? [] : [name],
  );
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.filter((name) => !/^layers\.[12]\.moe\./.test(name))).toEqual([]);
  await expect(lab.room.domains(id, 'arithmetic', 5)).rejects.toThrow('prose, code');
  // What is there stays until all of another training is.
  const quality = vi.spyOn(Converter.prototype, 'quality').mockRejectedValueOnce(new Error('lost'));
  await expect(lab.room.domains(id, 'code', 5)).rejects.toThrow('lost');
  quality.mockRestore();
  expect((await lab.room.open(id)).state.domains).toEqual([result]);
  expect(await modelOf('code')).toEqual(after);

  const shares = { pu: 0.5, pe: 0.1 };
  const policy = await lab.room.policy(id, shares);
  expect(policy.statics.map(({ K, computing }) => [K, computing])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  const { weights } = (await lab.room.open(id)).state;
  expect(weights?.layers.map((one) => one.weights.length)).toEqual([20, 20]);
  expect(weights?.domains.map(({ domain }) => domain)).toEqual(['prose', 'code']);
  expect(policy.policy).toEqual(previewPolicy(weights!.layers, weights!.N, shares));

  const speed = await lab.room.throughput(id, 'teacher', 2);
  expect(speed.rows.map(({ layers }) => layers)).toEqual([[], [2], [1, 2]]);
  for (const { prefill, decode } of speed.rows)
    for (const { median, low, high, rounds } of [prefill, decode]) {
      expect(rounds).toHaveLength(2);
      expect(low).toBeLessThanOrEqual(median);
      expect(high).toBeGreaterThanOrEqual(median);
    }
  expect(speed.verdict).toContain('2 of the layers converted');
  await expect(lab.room.throughput(id, 'teacher', 0)).rejects.toThrow('from 1 to 50');
});

it('plans a conversion of the open run, converts it, and puts probe tasks to the student', async () => {
  const experiment = { ...DENSE, batch: { B: 2, S: 64 } };
  const model = { experiment, state: TEACHER.state, own: null, run: null };
  const lab = conversionLab(device(), fakeText, {
    deps: {
      live: async () => model,
      liveExperiment: async () => experiment,
      isTraining: () => true,
      readDocuments: async () => DOCUMENTS,
    },
  });
  const plan = await lab.room.plan('live', { N: 2, steps: 10 });
  expect(plan).toMatchObject({
    settings: { layers: [0, 1, 2], N: 2, K: 2 },
    domains: ['prose', 'code'],
    divisors: [1, 2, 4, 8],
    seconds: null,
  });
  const active = (layers: readonly number[]) =>
    paperCounts(engineConfig(studentExperiment(experiment, { ...plan.settings, layers }), 8)).Na;
  expect(plan.active.slice(1)).toEqual([active([2]), active([1, 2]), active([0, 1, 2])]);
  await expect(lab.room.plan('live', { N: 3 })).rejects.toThrow('3 experts do not divide 8');

  const settings = { layers: [2], N: 2, K: 1, sample: 64, batch: 8, steps: 10 };
  const { state } = await lab.room.begin('live', settings);
  expect(state.teacher.isReplayable).toBe(false);
  await lab.room.goOn(state.id);
  const ask = { seed: 3, items: 1 };
  const seen: string[] = [];
  await lab.room.subscribe((event) => {
    if (event.type !== 'state' || event.state.stage !== 'probing') return;
    const { done, total } = event.state.progress ?? { done: 0, total: 0 };
    seen.push(`${done} of ${total}`);
  });
  const [student] = await lab.room.measure(state.id, [{ layers: [2] }], ask);
  expect(seen.at(-1)).toMatch(/^[1-9] of 9$/);
  const stopping = lab.room.measure(state.id, [{ layers: [] }], { seed: 3, items: 50 });
  await expect.poll(() => seen.at(-1)).toMatch(/^[1-9]\d* of /);
  await lab.room.stop();
  await expect(stopping).rejects.toMatchObject({ name: 'Cancelled' });
  expect(student?.probes?.ask).toEqual(ask);
  expect(Object.keys(student?.probes?.results ?? {})).toContain('induction');
  await expect(lab.room.link(state.id)).rejects.toThrow('A link cannot replay this conversion');
  await expect(lab.room.throughput(state.id, 'teacher', 1)).rejects.toMatchObject({
    name: 'Cancelled',
  });
});
