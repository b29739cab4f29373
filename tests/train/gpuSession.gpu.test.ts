import { afterAll, expect, it } from 'vitest';
import type { BiasRule, Experiment } from '../../src/config/experiment.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { requestNodeDevice } from '../../src/gpu/adapter.node.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import type { TrainingDevice } from '../../src/train/device/trainingDevice.ts';
import type { EngineState } from '../../src/train/engine/engine.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import type { SessionDeps } from '../../src/train/session/openRun.ts';
import { eventsOf, fakeText, lossesOf, open, TINY } from './support.ts';

/** The session on the WebGPU engine, with texts of its own. */

const SIGN: BiasRule = { kind: 'sign', rate: 0.01, centre: true };
const raw: GPUDevice[] = [];
const devices: TrainingDevice[] = [];
const deps: SessionDeps = {
  async requestDevice() {
    const node = await requestNodeDevice();
    const device = gpuDevice(node.device, node);
    raw.push(node.device);
    devices.push(device);
    return device;
  },
  prepareText: async (experiment) => fakeText(experiment),
};

afterAll(() => {
  for (const device of devices) device.destroy();
});

async function run(experiment: Experiment, snapshotEvery = 0, state: EngineState | null = null) {
  const one = { deps, devices: [], events: [] };
  const session = await open(experiment, one, { snapshotEvery, state });
  return { session, events: one.events };
}

const EVENTS: Experiment['events'] = [
  [6, { 'optimizer.lr': 0.02, 'optimizer.clip': null }],
  [9, { 'router.K': 1, 'router.gate': 'softmax' }],
  [14, { 'router.K': 2, 'router.gate': 'renormalized', 'router.capacity': 1 }],
];

it('replays live changes, a restored checkpoint and a reset bit for bit', async () => {
  const live = await run(TINY);
  for (const [step, change] of EVENTS) {
    await live.session.runTo(step - 1);
    expect(await live.session.change(change)).toBe(step);
  }
  const bytes = await live.session.checkpoint();
  const { experiment: stored, state } = decodeCheckpoint(bytes);
  await live.session.runTo(20);
  const losses = lossesOf(live.events);
  expect(losses).toHaveLength(20);
  expect(live.session.experiment.events).toEqual(EVENTS);

  const evaluation = { ...TINY.evaluation, every: 4, sampleEvery: 5 };
  const replay = await run({ ...live.session.experiment, evaluation }, 5);
  await replay.session.runTo(20);
  expect(lossesOf(replay.events)).toEqual(losses);

  const restored = await run(stored, 0, state);
  await restored.session.runTo(20);
  expect(lossesOf(restored.events, 14)).toEqual(losses.slice(13));

  await live.session.reset();
  live.events.length = 0;
  await live.session.runTo(5);
  expect(lossesOf(live.events)).toEqual(losses.slice(0, 5));
  await live.session.dispose();
  await replay.session.dispose();
  await restored.session.dispose();
}, 60_000);

/** Zero-computation slots, capacity and the heterogeneous loss: K, τ, γ and the gate all matter. */
const MIXED: Experiment = {
  ...TINY,
  router: { ...TINY.router, gate: 'softmax', capacity: 1.1, tau: 0.75 },
  experts: {
    slots: [
      { kind: 'ffn', hidden: 8 },
      { kind: 'ffn', hidden: 12 },
      { kind: 'constant' },
      { kind: 'copy' },
      { kind: 'zero' },
    ],
    sharedHidden: 0,
  },
  losses: { heterogeneous: { beta: 0.05 } },
};

it('replays K, τ, γ and the gate mode, changed in mid-run, from the link bit for bit', async () => {
  const changes: Experiment['events'] = [
    [4, { 'router.K': 3 }],
    [6, { 'router.tau': 0.4 }],
    [8, { 'router.capacity': 0.7 }],
    [10, { 'router.gate': 'renormalizedWithoutZero' }],
    [12, { 'router.K': 2, 'router.capacity': null, 'router.gate': 'renormalizedWithNull' }],
  ];
  const live = await run(MIXED);
  for (const [step, change] of changes) {
    await live.session.runTo(step - 1);
    expect(await live.session.change(change)).toBe(step);
  }
  await live.session.runTo(16);
  const losses = lossesOf(live.events);
  const untouched = await run(MIXED);
  await untouched.session.runTo(16);
  const without = lossesOf(untouched.events);
  for (const [step] of changes) expect(losses[step - 1]).not.toEqual(without[step - 1]);

  const { experiment, problems } = decodeLink(encodeLink(live.session.experiment));
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const replay = await run(experiment);
  await replay.session.runTo(16);
  expect(lossesOf(replay.events)).toEqual(losses);
  for (const { session } of [live, untouched, replay]) await session.dispose();
}, 60_000);

it('reports loads that sum to K·T in every layer and step', async () => {
  const { session, events } = await run({ ...TINY, events: EVENTS });
  await session.runTo(16);
  const records = eventsOf(events, 'steps').map((event) => event.records);
  for (const { firstStep, n, layers } of records) {
    for (let i = 0; i < n; i++) {
      const step = firstStep + i;
      const K = step >= 9 && step < 14 ? 1 : 2;
      for (const { W, R, assignments } of layers) {
        expect(W).toBe(K);
        const sum = assignments.slice(i * W * R, (i + 1) * W * R).reduce((a, b) => a + b);
        expect(sum, `step ${step}`).toBe(K * 8);
      }
    }
  }
  await session.dispose();
}, 60_000);

it('stops at a learning rate of 1e6 with the parameters of the last good step', async () => {
  const optimizer = { ...TINY.optimizer, lr: 1e6, minLr: 1e6, warmup: 0, clip: null };
  const { session, events } = await run({ ...TINY, optimizer });
  await session.runTo(60);
  expect(session.state).toBe('failed');
  const reason = eventsOf(events, 'stopped')[0]?.reason;
  if (reason?.kind !== 'nonFinite') throw new Error(`stopped with ${JSON.stringify(reason)}`);
  const { step } = reason;
  expect(session.stepsTaken).toBe(step - 1);
  const file = await session.checkpoint();
  const reference = await run({ ...TINY, optimizer });
  await reference.session.runTo(step - 1);
  expect(await reference.session.checkpoint()).toEqual(file);
  await session.dispose();
  await reference.session.dispose();
}, 60_000);

it.each([
  ['', TINY],
  [', with a selection bias', { ...TINY, router: { ...TINY.router, biasRule: SIGN } }],
])(
  'goes on over a lost device with the same losses%s',
  async (_, experiment) => {
    const plain = await run(experiment);
    await plain.session.runTo(24);
    const { session, events } = await run(experiment, 10);
    await session.runTo(14);
    raw.at(-1)?.destroy();
    await session.runTo(24);
    expect(session.state).toBe('paused');
    expect(lossesOf(events)).toEqual(lossesOf(plain.events));
    expect(await session.checkpoint()).toEqual(await plain.session.checkpoint());
    for (const one of [plain.session, session]) await one.dispose();
  },
  60_000,
);
