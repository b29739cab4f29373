import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import type { Change } from '../../src/config/experiment.ts';
import { MAX_UNDO } from '../../src/config/surgery.ts';
import { cloneSlot, removeSlot, setWidth } from '../../src/config/surgeryPlan.ts';
import { pendingPaths } from '../../src/state/configStore.ts';
import { createHistory, type Edit } from '../../src/state/history.ts';
import type { Lab } from '../../src/state/lab.ts';
import { testLab } from './support.ts';

const EXPERIMENT = applyChange(DEFAULTS_V1, {
  'experts.slots': [{ kind: 'ffn', hidden: 64 }, { kind: 'ffn', hidden: 32 }, { kind: 'zero' }],
});

async function running(steps = 5, experiment = EXPERIMENT) {
  const test = await testLab({ experiment });
  await test.lab.commands.start();
  test.trainer.advance(steps);
  const changes = () =>
    test.trainer.calls.flatMap(([name, change]) => (name === 'change' ? [change as Change] : []));
  return { ...test, changes };
}

const listed = ({ history }: Lab) => history.getState().past.map(({ of }) => of);
const undone = ({ history }: Lab) => history.getState().future.map(({ of }) => of);
const lrOf = ({ config }: Lab) => config.getState().experiment.optimizer.lr;
const slotsOf = ({ config }: Lab) => config.getState().experiment.experts.slots;

it('keeps the newest edits, and forgets what was undone at the next', async () => {
  const history = createHistory();
  const gone: number[] = [];
  const edit = (n: number): Edit => ({
    of: 'plan',
    before: {},
    after: {},
    canAct: () => true,
    act: async () => {
      gone.push(n);
      return n !== 150;
    },
  });
  for (let n = 1; n <= 150; n++) history.getState().add(edit(n));
  expect(history.getState().past).toHaveLength(MAX_UNDO);
  // Refused: it stays where it was.
  await history.getState().undo();
  expect(history.getState()).toMatchObject({ future: [] });
  history.getState().add(edit(151));
  await history.getState().undo();
  await history.getState().undo(({ id }) => id === 60);
  expect(gone).toEqual([150, 151, 60]);
  expect(history.getState().future).toHaveLength(2);
  history.getState().add(edit(152));
  expect(history.getState().future).toEqual([]);
});

it('records a surgery once, by its event', async () => {
  const { lab, trainer } = await running();
  let records = 0;
  lab.config.subscribe((now, before) => {
    if (now.running !== before.running) records += 1;
  });
  await lab.commands.rack.edit(removeSlot(1));
  expect(records).toBe(1);
  expect(lab.config.getState().running?.events).toHaveLength(1);
  trainer.advance(3);
  expect(records).toBe(1);
});

it('takes edits back one after another, however fast they are asked for', async () => {
  const { lab, changes } = await running();
  const edits = [
    lab.commands.edit({ 'optimizer.lr': 0.5 }),
    lab.commands.rack.edit(setWidth(0, 72)),
    lab.commands.undo(),
    lab.commands.undo(),
    lab.commands.redo(),
  ];
  await Promise.all(edits);
  expect(slotsOf(lab)).toEqual(EXPERIMENT.experts.slots);
  expect(changes().map((change) => Object.keys(change).at(-1))).toEqual([
    'optimizer.lr',
    'surgery',
    'surgery',
    'optimizer.lr',
    'optimizer.lr',
  ]);
  expect(lrOf(lab)).toBe(0.5);
  expect([listed(lab), undone(lab)]).toEqual([['form'], ['model']]);
});

it('undoes live edits while the trainer is ahead of its records', async () => {
  const { lab, trainer, changes } = await running(5);
  const ahead = lab.config.getState().running;
  if (ahead === null) throw new Error('no run');
  trainer.change = async (change) => {
    const { running: now } = lab.config.getState();
    const experiment = recordEvent(now ?? ahead, 31, change);
    (trainer.calls as [string, unknown][]).push(['change', change]);
    trainer.emit({ type: 'changed', step: 31, change, experiment });
    return 31;
  };
  await lab.commands.edit({ 'optimizer.lr': 0.5 });
  expect(pendingPaths(lab.config.getState(), lab.run.getState().step)).toEqual([]);
  await lab.commands.undo();
  expect(changes()).toEqual([
    { 'optimizer.lr': 0.5 },
    { 'optimizer.lr': DEFAULTS_V1.optimizer.lr },
  ]);
  trainer.advance(30);
  expect(lrOf(lab)).toBe(DEFAULTS_V1.optimizer.lr);
  await lab.commands.redo();
  expect(lrOf(lab)).toBe(0.5);
});

it('drops what the run refused, and what its own events overrule', async () => {
  const experiment = recordEvent(EXPERIMENT, 9, { 'optimizer.lr': 0.25 });
  const { lab, trainer } = await running(5, experiment);
  await lab.commands.edit({ 'optimizer.lr': 0.5, 'optimizer.clip': 2 });
  trainer.failNext('change', 'ConfigInvalid', 'K = 9 of 3 slots');
  await lab.commands.edit({ 'router.K': 9 });
  expect(listed(lab)).toEqual(['form']);
  trainer.advance(5);
  expect(lrOf(lab)).toBe(0.25);
  await lab.commands.undo();
  expect(lab.config.getState().experiment.optimizer).toMatchObject({ lr: 0.25, clip: 1 });
});

it('leaves what a person staged where the run’s own events change the same', async () => {
  const own = { 'experts.slots': [{ kind: 'zero' }], surgery: { from: { default: [2] } } };
  const { lab, trainer } = await running(5, recordEvent(EXPERIMENT, 9, own));
  lab.commands.stage({ 'experts.slots': [{ kind: 'copy' }] });
  trainer.advance(10);
  expect(slotsOf(lab)).toEqual([{ kind: 'copy' }]);
  expect(pendingPaths(lab.config.getState(), 15)).toEqual(['experts.slots']);
});

it('drops surgeries of a run that closes, resets or gives way; edits of the form stay', async () => {
  for (const end of ['cancel', 'reset', 'applyPending'] as const) {
    const { lab } = await running();
    await lab.commands.edit({ 'model.L': 6 });
    await lab.commands.rack.edit(cloneSlot(0));
    lab.rack.getState().set({ mode: 'collect' });
    await lab.commands.rack.edit(setWidth(0, 8));
    expect(listed(lab)).toEqual(['form', 'model', 'plan']);
    await lab.commands[end]();
    expect(listed(lab)).toEqual(['form']);
    await lab.commands.undo();
    expect(lab.config.getState().experiment.model.L).toBe(DEFAULTS_V1.model.L);
  }
});

it('takes a link back as one edit, with its events', async () => {
  const { lab } = await testLab({ experiment: EXPERIMENT });
  const other = recordEvent(DEFAULTS_V1, 9, { 'optimizer.lr': 0.25 });
  await lab.commands.load(other, []);
  await lab.commands.undo();
  expect(lab.config.getState().experiment).toEqual(EXPERIMENT);
  await lab.commands.redo();
  expect(lab.config.getState().experiment).toEqual(other);
});

it('sends nothing of a preset that waits when it is chosen again', async () => {
  const { lab, changes } = await running();
  lab.commands.stage({ 'optimizer.lr': 0.5, 'model.L': 6 });
  await lab.commands.undo();
  await lab.commands.redo();
  expect(lrOf(lab)).toBe(0.5);
  expect(changes()).toEqual([]);
});

it('takes surgeries back that the run came with, by the rack’s own command alone', async () => {
  const change = { 'experts.slots': [{ kind: 'zero' }], surgery: { from: { default: [2] } } };
  const { lab, changes } = await running(5, recordEvent(EXPERIMENT, 3, change));
  await lab.commands.undo();
  expect(changes()).toEqual([]);
  await lab.commands.rack.undo();
  expect(changes().at(-1)).toMatchObject({ surgery: { undo: 1 } });
  expect(slotsOf(lab)).toEqual(EXPERIMENT.experts.slots);
  await lab.commands.redo();
  expect(slotsOf(lab)).toEqual([{ kind: 'zero' }]);
});

it('keeps collected edits in the list where the model refuses them', async () => {
  const { lab, trainer } = await running();
  lab.rack.getState().set({ mode: 'collect' });
  await lab.commands.rack.edit(setWidth(0, 72));
  await lab.commands.rack.edit(setWidth(0, 80));
  trainer.failNext('change', 'ModelTooLarge', 'no');
  await lab.commands.rack.apply();
  await lab.commands.undo();
  expect(lab.rack.getState().plan?.experts.slots[0]).toEqual({ kind: 'ffn', hidden: 72 });
});
