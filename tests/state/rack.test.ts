import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { experimentAtStep, setPath } from '../../src/config/edit.ts';
import type { Slot } from '../../src/config/experiment.ts';
import {
  addSlot,
  changeKind,
  cloneSlot,
  removeSlot,
  setPairWidth,
  setWidth,
} from '../../src/config/surgeryPlan.ts';
import { pendingPaths } from '../../src/state/configStore.ts';
import type { Lab } from '../../src/state/lab.ts';
import { testLab } from './support.ts';

const ffn = (...widths: number[]): Slot[] => widths.map((hidden) => ({ kind: 'ffn', hidden }));
const EXPERIMENT = setPath(DEFAULTS_V1, 'experts.slots', [
  { kind: 'ffn', hidden: 64 },
  { kind: 'ffn', hidden: 32 },
  { kind: 'zero' },
]);

async function running(steps = 5) {
  const test = await testLab({ experiment: EXPERIMENT });
  await test.lab.commands.start();
  test.trainer.advance(steps);
  return test;
}

const formSlots = (lab: Lab) => lab.config.getState().experiment.experts.slots;

it('edits the settings where no run is open, with the form’s undo', async () => {
  const { lab, called } = await testLab({ experiment: EXPERIMENT });
  await lab.commands.rack.edit(setWidth(0, 96));
  expect(formSlots(lab)).toEqual([...ffn(96, 32), { kind: 'zero' }]);
  await lab.commands.rack.undo();
  expect(formSlots(lab)).toEqual(EXPERIMENT.experts.slots);
  await lab.commands.rack.redo();
  expect(formSlots(lab)[0]).toEqual({ kind: 'ffn', hidden: 96 });
  expect(called()).toEqual(['probe']);
});

it('sends an edit of the running model as one surgery, and form and run follow', async () => {
  const { lab, trainer } = await running();
  await lab.commands.rack.edit(cloneSlot(1));
  expect(trainer.calls.at(-1)).toEqual([
    'change',
    {
      'experts.slots': [...ffn(64, 32, 32), { kind: 'zero' }],
      surgery: { from: { default: [0, 1, 1, 2] } },
    },
  ]);
  expect(lab.config.getState().running?.events.map(([step]) => step)).toEqual([6]);
  expect(formSlots(lab)).toHaveLength(4);
  expect(pendingPaths(lab.config.getState(), 5)).toEqual([]);
  expect(lab.run.getState().report?.layers[0]).toMatchObject({ slots: 4 });
  trainer.advance(3);
  expect(lab.run.getState().loads.get(0)?.latest?.counts).toHaveLength(4);
  expect(lab.run.getState().loads.get(0)?.binAt(2)?.counts).toHaveLength(3);
});

it('keeps the pair’s sum', async () => {
  const { lab } = await running();
  await lab.commands.rack.edit(setPairWidth(0, 80));
  expect(formSlots(lab)).toEqual([...ffn(80, 16), { kind: 'zero' }]);
});

it('collects edits and applies them together as one event', async () => {
  const { lab, trainer, called } = await running();
  lab.rack.getState().set({ mode: 'collect' });
  await lab.commands.rack.edit(setWidth(0, 72));
  await lab.commands.rack.edit(removeSlot(2));
  await lab.commands.rack.edit(addSlot({ kind: 'constant' }));
  expect(called()).not.toContain('change');
  await lab.commands.rack.undo();
  expect(lab.rack.getState().plan?.experts.slots).toEqual(ffn(72, 32));
  await lab.commands.rack.redo();
  await lab.commands.rack.apply();
  expect(trainer.calls.at(-1)).toEqual([
    'change',
    {
      'experts.slots': [...ffn(72, 32), { kind: 'constant' }],
      surgery: { from: { default: [0, 1, null] } },
    },
  ]);
  expect(lab.rack.getState()).toMatchObject({ plan: null, base: null, sent: null });
});

it('discards what waits', async () => {
  const { lab, called } = await running();
  lab.rack.getState().set({ mode: 'collect' });
  await lab.commands.rack.edit(setWidth(0, 72));
  lab.commands.rack.discard();
  await lab.commands.rack.apply();
  expect(called()).not.toContain('change');
  expect(formSlots(lab)).toEqual(EXPERIMENT.experts.slots);
});

it('sends edits that came while one was under way together after it', async () => {
  const { lab, trainer } = await running();
  await Promise.all([
    lab.commands.rack.edit(setWidth(0, 72)),
    lab.commands.rack.edit(setWidth(0, 80)),
    lab.commands.rack.edit(setWidth(1, 40)),
  ]);
  const changes = trainer.calls.filter(([name]) => name === 'change').map(([, change]) => change);
  expect(changes).toEqual([
    {
      'experts.slots': [...ffn(72, 32), { kind: 'zero' }],
      surgery: { from: {} },
    },
    {
      'experts.slots': [...ffn(80, 40), { kind: 'zero' }],
      surgery: { from: {} },
    },
  ]);
});

it('takes a surgery back and does it again as events, in the order of all edits', async () => {
  const { lab, trainer } = await running();
  await lab.commands.edit({ 'optimizer.lr': 0.001 });
  await lab.commands.rack.edit(removeSlot(1));
  await lab.commands.edit({ 'optimizer.clip': 2 });
  trainer.advance(4);
  await lab.commands.undo();
  expect(trainer.calls.at(-1)).toEqual(['change', { 'optimizer.clip': 1 }]);
  await lab.commands.undo();
  expect(trainer.calls.at(-1)).toEqual([
    'change',
    { 'experts.slots': EXPERIMENT.experts.slots, surgery: { undo: 1 } },
  ]);
  expect(formSlots(lab)).toEqual(EXPERIMENT.experts.slots);
  await lab.commands.undo();
  expect(lab.config.getState().experiment.optimizer.lr).toBe(DEFAULTS_V1.optimizer.lr);
  expect(formSlots(lab)).toEqual(EXPERIMENT.experts.slots);
  await lab.commands.redo();
  expect(lab.config.getState().experiment.optimizer.lr).toBe(0.001);
  await lab.commands.redo();
  expect(trainer.calls.at(-1)).toMatchObject(['change', { surgery: { undo: 1 } }]);
  expect(formSlots(lab)).toEqual([{ kind: 'ffn', hidden: 64 }, { kind: 'zero' }]);
  const { running: run } = lab.config.getState();
  expect(run === null ? null : experimentAtStep(run, 10).experts.slots).toHaveLength(2);
});

it('says why an edit is impossible, with the numbers', async () => {
  const { lab, called } = await running();
  await lab.commands.rack.edit(setPairWidth(0, 96));
  expect(lab.rack.getState().refusal).toEqual({
    message: "a hidden width of 96 leaves the pair's sum of 96; 1 to 95 are possible",
    experts: null,
  });
  expect(called()).not.toContain('change');
});

it('offers what the model refused as a new model', async () => {
  const { lab, trainer, called } = await running();
  trainer.failNext('change', 'ModelTooLarge', 'experts.up needs 9 GB');
  await lab.commands.rack.edit(setWidth(0, 65536));
  expect(lab.rack.getState().refusal?.message).toBe('experts.up needs 9 GB');
  expect(formSlots(lab)).toEqual(EXPERIMENT.experts.slots);
  await lab.commands.rack.asNewModel();
  expect(called().slice(-2)).toEqual(['open', 'start']);
  expect(lab.config.getState().running?.experts.slots[0]).toEqual({ kind: 'ffn', hidden: 65536 });
});

it('keeps refused edits that were collected, to be mended', async () => {
  const { lab, trainer } = await running();
  lab.rack.getState().set({ mode: 'collect' });
  await lab.commands.rack.edit(changeKind(2, { kind: 'copy' }));
  trainer.failNext('change', 'ConfigInvalid', 'no');
  await lab.commands.rack.apply();
  expect(lab.rack.getState().plan?.experts.slots[2]).toEqual({ kind: 'copy' });
});

it('follows surgeries that are replayed, and forgets them at a reset', async () => {
  const first = await running(5);
  await first.lab.commands.rack.edit(removeSlot(1));
  const { running: recorded } = first.lab.config.getState();
  if (recorded === null) throw new Error('no run');
  const { lab, trainer } = await testLab({ experiment: recorded });
  await lab.commands.start();
  trainer.advance(4);
  expect(lab.run.getState().report?.layers[0]).toMatchObject({ slots: 3 });
  trainer.advance(6);
  expect(lab.run.getState().report?.layers[0]).toMatchObject({ slots: 2 });
  expect(formSlots(lab)).toHaveLength(2);
  expect(pendingPaths(lab.config.getState(), 10)).toEqual([]);
  await lab.commands.reset();
  expect(lab.run.getState().report?.layers[0]).toMatchObject({ slots: 3 });
  trainer.advance(2);
  expect(lab.run.getState().loads.get(0)?.latest?.counts).toHaveLength(3);
});

it('leaves edits of the form that wait for a new model', async () => {
  const { lab } = await running();
  lab.commands.stage({ 'experts.slots': ffn(8).map((slot) => ({ ...slot })) });
  await lab.commands.rack.edit(setWidth(0, 72));
  expect(formSlots(lab)).toEqual(ffn(8));
  expect(pendingPaths(lab.config.getState(), 5)).toEqual(['experts.slots']);
});

it('forks the run with what waits for a new model', async () => {
  const { lab, trainer, called } = await running();
  await lab.commands.edit({ 'batch.B': 8 });
  await lab.commands.forkPending();
  expect(trainer.calls.find(([name]) => name === 'fork')).toEqual(['fork', { 'batch.B': 8 }]);
  expect(called().slice(-3)).toEqual(['fork', 'checkCheckpoint', 'restore']);
  expect(lab.config.getState().running).toMatchObject({ batch: { B: 8 }, events: [] });
});
