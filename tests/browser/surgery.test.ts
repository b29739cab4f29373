import { afterEach, expect, it } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, experimentAtStep } from '../../src/config/edit.ts';
import type { Change, Experiment } from '../../src/config/experiment.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { redoChange, undoChange } from '../../src/config/surgeryHistory.ts';
import {
  addSlot,
  addToPlan,
  changeKind,
  cloneSlot,
  emptyPlan,
  planChange,
  removeSlot,
  reorder,
  type SpaceEdit,
  setPairWidth,
  setWidth,
} from '../../src/config/surgeryPlan.ts';
import { SCALAR_COUNT } from '../../src/config/telemetry.ts';
import type { TrainerEvent } from '../../src/worker/api.ts';
import { createTrainerClient, type TrainerClient } from '../../src/worker/client.ts';

/** Live surgery in the real worker, on the browser's own WebGPU. */

const clients: TrainerClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.terminate();
});

const OWN = { name: 'hills.txt', text: 'Over the hills and far away, over the hill. '.repeat(200) };
const SMALL: Experiment = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'model.D': 16,
  'experts.slots': [8, 12, 6, 8].map((hidden) => ({ kind: 'ffn', hidden })),
  'router.gatingResidual': true,
  'batch.B': 2,
  'batch.S': 16,
  'tokenizer.kind': 'chars',
  'data.mix': { own: 1 },
  'evaluation.every': 0,
  'evaluation.sampleEvery': 0,
});

async function openRun(experiment: Experiment) {
  const client = createTrainerClient();
  clients.push(client);
  const events: TrainerEvent[] = [];
  client.onEvent((event) => events.push(event));
  await client.open(experiment, OWN);
  const scalars = () =>
    events.flatMap((event) => (event.type === 'steps' ? [...event.records.scalars] : []));
  return { client, scalars };
}

/** The change that an edit of all layers makes of an experiment as it is before `step`. */
function edit(experiment: Experiment, step: number, space: SpaceEdit): Change {
  const { experts } = experimentAtStep(experiment, step);
  const change = planChange(experts, addToPlan(emptyPlan(experts), 'all', space));
  if (change === null) throw new Error('the edit changes nothing');
  return change;
}

const TEN: readonly (SpaceEdit | 'undo' | 'redo')[] = [
  setWidth(0, 16),
  setWidth(1, 5),
  setPairWidth(2, 10),
  addSlot({ kind: 'ffn', hidden: 7 }),
  'undo',
  'redo',
  cloneSlot(1),
  removeSlot(2),
  changeKind(3, { kind: 'copy' }),
  reorder([4, 3, 2, 1, 0]),
];

async function apply(client: TrainerClient, step: number, what: (typeof TEN)[number]) {
  const experiment = await client.experiment();
  if (what === 'undo' || what === 'redo') {
    const change = (what === 'undo' ? undoChange : redoChange)(experiment, step);
    if (change === null) throw new Error(`nothing to ${what}`);
    return client.change(change);
  }
  return client.change(edit(experiment, step, what));
}

it('replays ten edits of all kinds bit for bit from the link', async () => {
  const live = await openRun(SMALL);
  for (const [i, what] of TEN.entries()) {
    await live.client.step();
    await live.client.step();
    const step = 3 + 2 * i;
    expect(await apply(live.client, step, what)).toBe(step);
  }
  for (let i = 0; i < 4; i++) await live.client.step();
  const count = 24 * SCALAR_COUNT;
  await expect.poll(() => live.scalars().length).toBe(count);

  const { experiment, problems } = decodeLink(encodeLink(await live.client.experiment()));
  expect(problems).toEqual([]);
  expect(experiment.events).toHaveLength(10);
  const replay = await openRun(experiment);
  for (let i = 0; i < 24; i++) await replay.client.step();
  await expect.poll(() => replay.scalars().length).toBe(count);
  expect(replay.scalars()).toEqual(live.scalars());
}, 120_000);
