/** Bias and history of counts go with a run over surgery, a lost device, a link and a checkpoint. */
import { afterAll, expect, it } from 'vitest';
import { countHistoryName } from '../../src/config/countHistory.ts';
import { applyChange, experimentAtStep } from '../../src/config/edit.ts';
import type { Change, Experiment } from '../../src/config/experiment.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { addSlot, cloneSlot, removeSlot, reorder } from '../../src/config/surgeryPlan.ts';
import { requestNodeDevice } from '../../src/gpu/adapter.node.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import type { EngineState } from '../../src/train/engine/engine.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import type { SessionDeps } from '../../src/train/session/openRun.ts';
import type { Session } from '../../src/train/session/session.ts';
import { fakeText, lossesOf, open, TINY } from './support.ts';
import { surgery } from './surgeryRun.ts';

const devices: { raw: GPUDevice; destroy(): void }[] = [];
const deps: SessionDeps = {
  async requestDevice() {
    const node = await requestNodeDevice();
    const device = gpuDevice(node.device, node);
    devices.push({ raw: node.device, destroy: () => device.destroy() });
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

const WINDOW = 6;
const BIASED = applyChange(TINY, {
  'router.biasRule': { kind: 'sign', rate: 0.01, centre: true },
  'losses.balance': { coefficient: 0.3, scope: 'global', window: WINDOW, counts: 'unbiased' },
});
const LAST = 30;

const stateOf = async (session: Session) => decodeCheckpoint(await session.checkpoint()).state;
/** Steps that each layer's history holds, and its slots. */
const shapes = ({ countHistories }: EngineState) =>
  [0, 1].map((layer) => [...(countHistories?.get(countHistoryName(layer))?.shape ?? [])]);
const biasOf = ({ parameters }: EngineState, layer: number) => [
  ...parameters.get(`layers.${layer}.moe.router.selection_bias`)!.data,
];

it('are the same whatever happens to the run', async () => {
  const live = await run(BIASED, 4);
  const { session } = live;
  const change = async (step: number, of: (now: Experiment) => Change) => {
    await session.runTo(step - 1);
    const before = await stateOf(session);
    await session.change(of(experimentAtStep(session.experiment, step)));
    return { before, after: await stateOf(session) };
  };
  const cloned = await change(8, (now) => surgery(now, [0, cloneSlot(1)]));
  expect(shapes(cloned.before)).toEqual([
    [WINDOW - 1, 4],
    [WINDOW - 1, 4],
  ]);
  expect(shapes(cloned.after)).toEqual([[], [WINDOW - 1, 4]]);
  expect(biasOf(cloned.after, 1)).toEqual(biasOf(cloned.before, 1));
  const removed = await change(12, (now) => surgery(now, [1, removeSlot(0)]));
  expect(shapes(removed.after)).toEqual([[4, 5], []]);
  expect(biasOf(removed.after, 1)).toEqual(biasOf(removed.before, 1).slice(1));
  // Between two snapshots, with histories that are full in one layer and begin in the other.
  await session.runTo(15);
  devices.at(-1)!.raw.destroy();
  const added = await change(18, (now) => surgery(now, [1, addSlot({ kind: 'copy' })]));
  expect(devices).toHaveLength(2);
  expect(shapes(added.before)).toEqual([
    [WINDOW - 1, 5],
    [WINDOW - 1, 3],
  ]);
  expect(shapes(added.after)).toEqual([[WINDOW - 1, 5], []]);
  await session.runTo(20);
  const midway = await stateOf(session);
  expect(shapes(midway)).toEqual([
    [WINDOW - 1, 5],
    [3, 4],
  ]);
  await session.runTo(23);
  devices.at(-1)!.raw.destroy();
  await session.runTo(LAST);
  expect(devices).toHaveLength(3);
  const losses = lossesOf(live.events);
  const end = await session.checkpoint();

  const { experiment, problems } = decodeLink(encodeLink(session.experiment));
  expect(problems).toEqual([]);
  const replay = await run(experiment);
  await replay.session.runTo(LAST);
  expect(lossesOf(replay.events)).toEqual(losses);
  expect(await replay.session.checkpoint()).toEqual(end);

  const restored = await run(experiment, 0, midway);
  await restored.session.runTo(LAST);
  expect(lossesOf(restored.events, 21)).toEqual(losses.slice(20));
  expect(await restored.session.checkpoint()).toEqual(end);
  // The history tells: without it the run goes elsewhere.
  const forgetful = await run(experiment, 0, { ...midway, countHistories: new Map() });
  await forgetful.session.runTo(LAST);
  expect(await stateOf(forgetful.session)).not.toEqual(await stateOf(session));
  for (const one of [live, replay, restored, forgetful]) await one.session.dispose();
}, 120_000);

it('are emptied where slots that look alike change places', async () => {
  const { session } = await run(BIASED);
  await session.runTo(8);
  const before = await stateOf(session);
  const change = surgery(experimentAtStep(session.experiment, 9), [1, reorder([1, 0, 2, 3])]);
  await session.change(change);
  const after = await stateOf(session);
  expect(shapes(after)).toEqual([[WINDOW - 1, 4], []]);
  const [a, b, ...others] = biasOf(before, 1);
  expect(biasOf(after, 1)).toEqual([b, a, ...others]);
  await session.dispose();
});
