import { expect, it } from 'vitest';
import { figuresAt } from '../../src/analysis/figuresAt.ts';
import type { Inspection } from '../../src/analysis/inspection.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { reorder } from '../../src/config/surgeryPlan.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { useGpuDeps } from './gpuDeps.ts';
import { eventsOf, lossesOf, open, TINY } from './support.ts';
import { surgery } from './surgeryRun.ts';

/** Figures over training time, of runs on the WebGPU engine. */

const deps = useGpuDeps();

/** Kinds of slots, capacity in training and evaluation, random drops: all of it draws or counts. */
const MIXED: Experiment = {
  ...TINY,
  optimizer: { ...TINY.optimizer, totalSteps: 200 },
  evaluation: { ...TINY.evaluation, every: 25, batches: 2, capacity: true },
  router: { ...TINY.router, selection: 'randomDrop', q: 0.4, gate: 'softmax', capacity: 1.1 },
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
const without = (experiment: Experiment): Experiment => ({
  ...experiment,
  evaluation: { ...experiment.evaluation, every: 0 },
});

async function run(experiment: Experiment, state: Parameters<typeof open>[2] = {}) {
  const one = { deps, devices: [], events: [] };
  return { session: await open(experiment, one, state), events: one.events };
}

it('changes no bit of the training, and none of the validation', async () => {
  const [followed, plain] = [await run(MIXED), await run(without(MIXED))];
  for (const { session } of [followed, plain]) await session.runTo(100);
  expect(lossesOf(followed.events)).toHaveLength(100);
  expect(lossesOf(followed.events)).toEqual(lossesOf(plain.events));
  const stateOf = async ({ session }: typeof plain) =>
    decodeCheckpoint(await session.checkpoint()).state;
  expect(await stateOf(followed)).toEqual(await stateOf(plain));
  expect(eventsOf(plain.events, 'figures')).toEqual([]);
  const losses = eventsOf(followed.events, 'validation');
  expect(losses.map(({ step }) => step)).toEqual([25, 50, 75, 100]);
  // Asked by hand at the same step, where no figures come with it.
  const again = await run(without(MIXED));
  for (const { step, ce } of losses) {
    await again.session.runTo(step);
    expect(await again.session.evaluate()).toBe(ce);
  }
  for (const { session } of [followed, plain, again]) await session.dispose();
});

it('has the rows that an analysis of the checkpoints of its steps gives', async () => {
  const followed = await run(MIXED);
  const checkpoints: Uint8Array[] = [];
  for (const step of [25, 50, 75]) {
    await followed.session.runTo(step);
    checkpoints.push(await followed.session.checkpoint());
  }
  const rows = eventsOf(followed.events, 'figures').map(({ figures }) => figures);
  expect(rows.map(({ step }) => step)).toEqual([25, 50, 75]);
  const inspections: Inspection[] = [];
  for (const bytes of checkpoints) {
    const { experiment, state } = decodeCheckpoint(bytes);
    const { session } = await run(experiment, { state });
    inspections.push((await session.inspect('pass', { of: { validation: 1 } })).inspection);
    await session.dispose();
  }
  expect(rows).toEqual(
    inspections.map((one, i) => figuresAt(rows[i]!.step, one, inspections[i - 1] ?? null)),
  );
  expect(rows[0]!.values['saturation.churn']).toBeNaN();
  expect(rows[1]!.values['saturation.churn']).toBeGreaterThanOrEqual(0);
  await followed.session.dispose();
});

it('compares nothing over a surgery or a new start', async () => {
  const slots = MIXED.experts.slots.map((slot) =>
    'hidden' in slot ? { ...slot, hidden: 8 } : slot,
  );
  const alike = { ...MIXED, experts: { ...MIXED.experts, slots } };
  const { session, events } = await run(alike);
  await session.runTo(60);
  // Two experts alike change places: kinds and widths are as before.
  await session.change(surgery(alike, reorder([1, 0, 2, 3, 4])));
  await session.runTo(100);
  await session.reset();
  await session.runTo(50);
  const churn = eventsOf(events, 'figures').map(
    ({ figures: { step, values } }) => [step, Number.isNaN(values['saturation.churn'])] as const,
  );
  expect(churn).toEqual([
    [25, true],
    [50, false],
    [75, true],
    [100, false],
    [25, true],
    [50, false],
  ]);
  await session.dispose();
});

it('does nothing for a model without MoE layers', async () => {
  const dense: Experiment = { ...MIXED, model: { ...MIXED.model, arrangement: 'dense' } };
  const { session, events } = await run(dense);
  await session.runTo(50);
  expect(eventsOf(events, 'validation')).toHaveLength(2);
  expect(eventsOf(events, 'figures')).toEqual([]);
  await session.dispose();
});
