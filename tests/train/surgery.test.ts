import { describe, expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { experimentAtStep } from '../../src/config/edit.ts';
import type { Change, Experiment, Slot } from '../../src/config/experiment.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { redoChange, undoChange } from '../../src/config/surgeryHistory.ts';
import {
  addSlot,
  changeKind,
  cloneSlot,
  removeSlot,
  reorder,
  type SpaceEdit,
  setPairWidth,
  setWidth,
} from '../../src/config/surgeryPlan.ts';
import type { PreparedText } from '../../src/data/types.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import type { TrainingDevice } from '../../src/train/device/trainingDevice.ts';
import type { EngineState } from '../../src/train/engine/engine.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import type { SessionDeps } from '../../src/train/session/openRun.ts';
import { createSession, type Session } from '../../src/train/session/session.ts';
import { useDevice } from '../support/gpu.ts';
import { eventsOf, fakeText, lossesOf, TINY } from './support.ts';
import { learnableText, surgery } from './surgeryRun.ts';

const device = useDevice();

let shared: TrainingDevice | null = null;

function deps(prepare: (experiment: Experiment) => PreparedText): SessionDeps {
  return {
    async requestDevice() {
      shared ??= gpuDevice(device(), { description: 'test', isSoftware: true });
      return shared;
    },
    prepareText: async (experiment) => prepare(experiment),
  };
}

async function open(
  experiment: Experiment,
  options: { state?: EngineState; text?: (experiment: Experiment) => PreparedText } = {},
) {
  const events: Parameters<typeof lossesOf>[0][number][] = [];
  const { state = null, text = fakeText } = options;
  const emit = (event: (typeof events)[number]) => events.push(event);
  const session = await createSession(deps(text), experiment, { emit, state, snapshotEvery: 0 });
  return { session, events };
}

const ffn = (hidden: number): Slot => ({ kind: 'ffn', hidden });
const now = (session: Session): Experiment =>
  experimentAtStep(session.experiment, session.stepsTaken + 1);
const edit = (session: Session, ...edits: Parameters<typeof surgery>[1][]): Promise<number> =>
  session.change(surgery(now(session), ...edits));

async function checkpointOf(session: Session): Promise<EngineState> {
  return decodeCheckpoint(await session.checkpoint()).state;
}
const tensorsOf = ({ parameters, firstMoments, secondMoments }: EngineState) => ({
  parameters,
  firstMoments,
  secondMoments,
});

const MIXED: Experiment = {
  ...TINY,
  router: { ...TINY.router, gatingResidual: true, bias: true },
  experts: {
    slots: [ffn(4), ffn(8), ffn(6), ffn(2), { kind: 'zero' }, { kind: 'constant' }],
    sharedHidden: 0,
  },
};

/** Ten changes of all kinds, each from the expert space that is then in force. */
const TEN: ((session: Session) => Change | null)[] = [
  (s) => surgery(now(s), setWidth(0, 9)),
  (s) => surgery(now(s), setWidth(1, 3)),
  (s) => surgery(now(s), [1, setPairWidth(2, 5)]),
  (s) => surgery(now(s), addSlot(ffn(5))),
  (s) => undoChange(s.experiment, s.stepsTaken + 1),
  (s) => redoChange(s.experiment, s.stepsTaken + 1),
  (s) => ({ ...surgery(now(s), cloneSlot(1)), 'router.K': 3 }),
  (s) => surgery(now(s), [0, removeSlot(2)]),
  (s) => surgery(now(s), changeKind(3, { kind: 'copy' }), addSlot({ kind: 'negated', of: 0 })),
  (s) => surgery(now(s), [1, reorder([8, 7, 6, 5, 4, 3, 2, 1, 0])]),
];

async function tenEdits() {
  const live = await open(MIXED);
  let state: EngineState | null = null;
  for (const [i, plan] of TEN.entries()) {
    const step = 2 + 2 * i;
    await live.session.runTo(step - 1);
    const change = plan(live.session);
    if (change === null) throw new Error(`nothing to do at step ${step}`);
    expect(await live.session.change(change)).toBe(step);
    if (i === 4) state = await checkpointOf(live.session);
  }
  const midway: Experiment = live.session.experiment;
  await live.session.runTo(24);
  return { live, midway, state };
}

describe('a run with ten edits of all kinds', () => {
  it('replays bit for bit from its link, and goes on from a checkpoint between two edits', async () => {
    const { live, state } = await tenEdits();
    const losses = lossesOf(live.events);
    expect(losses).toHaveLength(24);
    const { experiment, problems } = decodeLink(encodeLink(live.session.experiment));
    expect(problems).toEqual([]);
    expect(experiment.events).toHaveLength(10);

    const replay = await open(experiment);
    await replay.session.runTo(24);
    expect(lossesOf(replay.events)).toEqual(losses);
    expect(await checkpointOf(replay.session)).toEqual(await checkpointOf(live.session));
    const models = ({ events }: typeof live) => eventsOf(events, 'model');
    expect(models(replay)).toEqual(models(live));
    expect(models(live).map(({ step }) => step)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    expect(
      models(live)
        .at(-1)
        ?.model.layers.map(({ slots }) => slots),
    ).toEqual([8, 9]);

    // The undo of step 10 was done already; its redo at 12 needs what it removed.
    if (state === null) throw new Error('no checkpoint');
    expect([state.step, state.surgeries?.length]).toEqual([9, 5]);
    const restored = await open(experiment, { state });
    await restored.session.runTo(24);
    expect(lossesOf(restored.events, 10)).toEqual(losses.slice(9));
    for (const { session } of [live, replay, restored]) await session.dispose();
  });

  it('starts over without them', async () => {
    const { live } = await tenEdits();
    await live.session.reset();
    live.events.length = 0;
    await live.session.runTo(5);
    const plain = await open(MIXED);
    await plain.session.runTo(5);
    expect(lossesOf(live.events)).toEqual(lossesOf(plain.events));
    await live.session.dispose();
    await plain.session.dispose();
  });
});

it('undoes exactly before a further step, and later with what was removed', async () => {
  const { session } = await open(MIXED);
  await session.runTo(6);
  const before = await checkpointOf(session);
  const undo = () => session.change(undoChange(session.experiment, session.stepsTaken + 1) ?? {});
  await edit(session, removeSlot(1), setWidth(0, 2), cloneSlot(2));
  expect(await undo()).toBe(7);
  expect(tensorsOf(await checkpointOf(session))).toEqual(tensorsOf(before));
  expect(session.experiment.events).toHaveLength(2);

  await edit(session, removeSlot(1));
  await session.runTo(9);
  await undo();
  const after = await checkpointOf(session);
  for (const role of ['gate', 'up', 'down']) {
    const name = `layers.0.moe.experts.1.${role}.weight`;
    expect(after.parameters.get(name)).toEqual(before.parameters.get(name));
    expect(after.secondMoments.get(name)).toEqual(before.secondMoments.get(name));
    const other = `layers.0.moe.experts.0.${role}.weight`;
    expect(after.parameters.get(other)).not.toEqual(before.parameters.get(other));
  }
  await session.dispose();
});

it('removes zero-computation slots like a plain MoE that starts from the weights and moments', async () => {
  const mixed = await open({ ...MIXED, experts: { ...MIXED.experts } });
  await mixed.session.runTo(10);
  await edit(mixed.session, removeSlot(5), removeSlot(4));
  const state = await checkpointOf(mixed.session);
  await mixed.session.runTo(30);
  const experts = { slots: [ffn(4), ffn(8), ffn(6), ffn(2)], sharedHidden: 0 };
  const { surgeries: _, ...exported } = state;
  const plain = await open({ ...MIXED, experts }, { state: exported });
  await plain.session.runTo(30);
  expect(lossesOf(plain.events, 11)).toEqual(lossesOf(mixed.events).slice(10));
  expect(tensorsOf(await checkpointOf(plain.session))).toEqual(
    tensorsOf(await checkpointOf(mixed.session)),
  );
  await mixed.session.dispose();
  await plain.session.dispose();
});

it('refuses what cannot change live by name, and forks', async () => {
  const { session } = await open(TINY);
  await session.runTo(4);
  await expect(session.change({ 'model.D': 16 })).rejects.toThrow(/model\.D cannot change.*fork/);
  await expect(session.change({ 'experts.slots': [{ kind: 'zero' }] })).rejects.toThrow(
    'experts.slots cannot change',
  );
  await expect(
    session.change({ 'experts.slots': [{ kind: 'zero' }], surgery: { from: {} } }),
  ).rejects.toThrow('layer 0 gets 1 slots, but the provenance names 4');
  await expect(session.change({ surgery: { undo: 1 } })).rejects.toThrow('would undo surgery 0');
  expect(session.experiment.events).toEqual([]);

  const same = decodeCheckpoint(await session.fork({ 'seeds.data': 9 }));
  expect(same.experiment.seeds.data).toBe(9);
  expect(tensorsOf(same.state)).toEqual(tensorsOf(await checkpointOf(session)));
  expect(same.state.step).toBe(4);
  const anew = decodeCheckpoint(await session.fork({ 'model.D': 16 }));
  expect([anew.state.step, anew.experiment.model.D]).toEqual([0, 16]);
  const fork = await open(anew.experiment, { state: anew.state });
  await fork.session.runTo(2);
  await expect(session.fork({ 'model.H': 3 })).rejects.toThrow(/D = 8 is not a multiple of H = 3/);
  await session.dispose();
  await fork.session.dispose();
});

describe('what a model keeps', () => {
  const LEARNER: Experiment = {
    ...TINY,
    model: { ...TINY.model, D: 16, H: 2, Hkv: 2 },
    router: { ...TINY.router, gatingResidual: true },
    experts: {
      slots: [ffn(16), ffn(16), ffn(16), ffn(16), { kind: 'zero' }, { kind: 'constant' }],
      sharedHidden: 0,
    },
    optimizer: { ...TINY.optimizer, lr: 0.01, minLr: 0.001, warmup: 20, totalSteps: 300 },
    batch: { B: 8, S: 16 },
    evaluation: { ...TINY.evaluation, batches: 20 },
  };
  const EDITS: Record<string, SpaceEdit> = {
    narrow: setWidth(0, 8),
    'change a pair': setPairWidth(0, 24),
    add: addSlot(ffn(16)),
    'add zero': addSlot({ kind: 'zero' }),
    clone: cloneSlot(1),
    remove: removeSlot(2),
    'remove zero': removeSlot(4),
    'to copy': changeKind(3, { kind: 'copy' }),
    'to expert': changeKind(4, ffn(16)),
    reorder: reorder([5, 3, 1, 0, 2, 4]),
  };

  it('is at least half of what it learnt, whatever the edit', async () => {
    const { session } = await open(LEARNER, { text: learnableText });
    await session.runTo(300);
    const trained = await session.evaluate();
    const lost: Record<string, number> = {};
    for (const [name, one] of Object.entries(EDITS)) {
      await edit(session, one);
      const after = await session.evaluate();
      const fresh = await open(
        { ...LEARNER, experts: now(session).experts },
        { text: learnableText },
      );
      const untrained = await fresh.session.evaluate();
      await fresh.session.dispose();
      expect(untrained - trained, 'there is something to lose').toBeGreaterThan(0.5);
      lost[name] = (after - trained) / (untrained - trained);
      await session.change(undoChange(session.experiment, 301) ?? {});
    }
    for (const [name, share] of Object.entries(lost)) {
      expect(share, `${name} of ${JSON.stringify(lost)}`).toBeLessThan(0.5);
    }
    expect(await session.evaluate()).toBe(trained);
    await session.dispose();
  });
});

it('makes 50 edits of the default model without stall or growth', async () => {
  const created = vi.spyOn(GpuEngine, 'create');
  const { session } = await open({ ...DEFAULTS_V1, evaluation: { ...TINY.evaluation } });
  const engine = await created.mock.results[0]?.value;
  created.mockRestore();
  const buffers = { alive: 0 };
  const makeBuffer = device().createBuffer.bind(device());
  const spy = vi.spyOn(device(), 'createBuffer').mockImplementation((descriptor) => {
    const buffer = makeBuffer(descriptor);
    buffers.alive++;
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      buffers.alive--;
      destroy();
    };
    return buffer;
  });
  const cycle: SpaceEdit[] = [
    setWidth(0, 200),
    cloneSlot(2),
    removeSlot(3),
    addSlot({ kind: 'zero' }),
    setWidth(0, 128),
    reorder([1, 0, 2, 3, 4, 5, 6, 7, 8]),
    removeSlot(8),
    changeKind(7, { kind: 'copy' }),
    addSlot(ffn(128)),
    removeSlot(8),
  ];
  await session.step();
  const milliseconds: number[] = [];
  const bytes: number[] = [];
  const alive: number[] = [];
  for (let i = 0; i < 50; i++) {
    const change = surgery(now(session), cycle[i % cycle.length]!);
    await device().queue.onSubmittedWorkDone();
    const start = performance.now();
    await session.change(change);
    await device().queue.onSubmittedWorkDone();
    milliseconds.push(performance.now() - start);
    bytes.push(engine.gpuBytes);
    alive.push(buffers.alive);
    if (i % 10 === 9) await session.step();
  }
  spy.mockRestore();
  // The same edits need the same memory, cycle after cycle.
  expect(bytes.slice(40)).toEqual(bytes.slice(10, 20));
  expect(alive.slice(40)).toEqual(alive.slice(10, 20));
  // Whatever else the machine does at times: each kind of edit is fast at its best of five.
  const all = milliseconds.map(Math.round).join();
  cycle.forEach((_, kind) => {
    const best = Math.min(...milliseconds.filter((_, i) => i % cycle.length === kind));
    expect(best, all).toBeLessThan(200);
  });
  expect(milliseconds.toSorted((a, b) => a - b)[45], all).toBeLessThan(500);
  await session.dispose();
});
