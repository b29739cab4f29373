/** The selection bias is state of the layer: it goes wherever the parameters go. */
import { expect, it } from 'vitest';
import { experimentAtStep } from '../../src/config/edit.ts';
import type { BiasRule, Change, Experiment } from '../../src/config/experiment.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { undoChange } from '../../src/config/surgeryHistory.ts';
import { addSlot, cloneSlot, removeSlot } from '../../src/config/surgeryPlan.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import type { EngineState } from '../../src/train/engine/engine.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { createSession, type Session } from '../../src/train/session/session.ts';
import { useDevice } from '../support/gpu.ts';
import { fakeText, lossesOf, TINY } from './support.ts';
import { surgery } from './surgeryRun.ts';

const device = useDevice();
const NAME = 'layers.0.moe.router.selection_bias';
const QUANTILE: BiasRule = { kind: 'quantile', smoothing: 0.5 };
const EXPERIMENT: Experiment = {
  ...TINY,
  router: {
    ...TINY.router,
    score: 'sigmoid',
    routeScale: 2,
    biasRule: { kind: 'sign', rate: 0.01, centre: false },
  },
};

async function open(experiment: Experiment, state: EngineState | null = null) {
  const events: Parameters<typeof lossesOf>[0][number][] = [];
  const deps = {
    requestDevice: async () => gpuDevice(device(), { description: 'test', isSoftware: true }),
    prepareText: async (one: Experiment) => fakeText(one),
  };
  const options = { emit: (event: (typeof events)[number]) => events.push(event), state };
  const session = await createSession(deps, experiment, { ...options, snapshotEvery: 0 });
  return { session, events };
}

const stateOf = async (session: Session) => decodeCheckpoint(await session.checkpoint()).state;
async function biasOf(session: Session): Promise<number[]> {
  const { parameters } = await stateOf(session);
  return [...(parameters.get(NAME)?.data ?? [])];
}
const now = (session: Session) => experimentAtStep(session.experiment, session.stepsTaken + 1);

it('is in checkpoints without moments, follows its slots, and replays bit for bit', async () => {
  const live = await open(EXPERIMENT);
  const { session } = live;
  const change = async (step: number, of: () => Change | null) => {
    await session.runTo(step - 1);
    const wanted = of();
    if (wanted === null) throw new Error(`nothing to do at step ${step}`);
    const before = await biasOf(session);
    await session.change(wanted);
    return { before, after: await biasOf(session) };
  };

  const cloned = await change(5, () => surgery(now(session), cloneSlot(1)));
  expect(cloned.before.some((b) => b !== 0)).toBe(true);
  expect(cloned.after.filter((b) => b === cloned.before[1])).not.toHaveLength(0);
  expect([...new Set(cloned.after)].sort()).toEqual([...new Set(cloned.before)].sort());
  expect(cloned.after).toHaveLength(cloned.before.length + 1);

  const removed = await change(8, () => surgery(now(session), removeSlot(0)));
  expect(removed.after).toEqual(removed.before.slice(1));
  const added = await change(10, () => surgery(now(session), addSlot({ kind: 'ffn', hidden: 4 })));
  expect([...added.after].sort()).toEqual([...added.before, 0].sort());
  const undone = await change(12, () => undoChange(session.experiment, 12));
  expect(undone.after).toHaveLength(added.before.length);

  const changed = await change(14, () => ({ 'router.biasRule': QUANTILE as unknown as Change }));
  expect(changed.after).toEqual(changed.before);
  await session.runTo(15);
  const midway = await stateOf(session);
  expect(midway.parameters.has(NAME)).toBe(true);
  expect(midway.firstMoments.has(NAME)).toBe(false);

  const ended = await change(17, () => ({ 'router.biasRule': null }));
  expect(ended.after).toEqual([]);
  const begun = await change(19, () => ({ 'router.biasRule': QUANTILE as unknown as Change }));
  expect(begun.before).toEqual([]);
  expect(begun.after).toEqual(added.before.map(() => 0));
  // Undoes a removal of before, whose slot has no bias that was kept.
  const back = await change(21, () => undoChange(session.experiment, 21));
  expect(back.after).toHaveLength(begun.after.length + 1);
  await session.runTo(24);

  const { experiment, problems } = decodeLink(encodeLink(session.experiment));
  expect(problems).toEqual([]);
  const losses = lossesOf(live.events);
  const replay = await open(experiment);
  await replay.session.runTo(24);
  expect(lossesOf(replay.events)).toEqual(losses);
  expect(await stateOf(replay.session)).toEqual(await stateOf(session));
  const restored = await open(experiment, midway);
  await restored.session.runTo(24);
  expect(lossesOf(restored.events, 16)).toEqual(losses.slice(15));
  expect(await stateOf(restored.session)).toEqual(await stateOf(session));
  for (const one of [live, replay, restored]) await one.session.dispose();
}, 60_000);
