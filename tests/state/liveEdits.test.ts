/** Live edits of which the trainer has not taken the last one yet: what a person did last stands. */
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { settingsInForce } from '../../src/config/edit.ts';
import { pendingPaths } from '../../src/state/configStore.ts';
import type { Lab } from '../../src/state/lab.ts';
import { testLab } from './support.ts';

const { K } = DEFAULTS_V1.router;

/** A run whose trainer takes a change when it is told to, as one that drains and reconfigures first. */
async function running() {
  const test = await testLab();
  const { trainer, lab } = test;
  await lab.commands.start();
  trainer.advance(5);
  const { change } = trainer;
  const waiting: (() => void)[] = [];
  trainer.change = async (asked) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return change(asked);
  };
  const changes = () => trainer.calls.flatMap(([name, of]) => (name === 'change' ? [of] : []));
  return { ...test, changes, take: () => waiting.shift()?.() };
}

const formK = ({ config }: Lab) => config.getState().experiment.router.K;

function inForceK({ config, run }: Lab): number | undefined {
  const { running } = config.getState();
  return running === null ? undefined : settingsInForce(running, run.getState().step).router.K;
}

const pending = ({ config, run }: Lab) => pendingPaths(config.getState(), run.getState().step);

it.each(['undone', 'typed back'])('has a live edit taken back that is %s at once', async (way) => {
  const { lab, changes, take } = await running();
  const edit = lab.commands.edit({ 'router.K': K + 1 });
  const back = way === 'undone' ? lab.commands.undo() : lab.commands.edit({ 'router.K': K });
  take();
  await edit;
  // What was taken back does not come up again.
  expect(formK(lab)).toBe(K);
  take();
  await back;
  expect(changes()).toEqual([{ 'router.K': K + 1 }, { 'router.K': K }]);
  expect([formK(lab), inForceK(lab), pending(lab)]).toEqual([K, K, []]);
  const { past, future } = lab.history.getState();
  expect([past.length, future.length]).toEqual(way === 'undone' ? [0, 1] : [2, 0]);
});

it('does again what was undone before the trainer had taken either', async () => {
  const { lab, changes, take } = await running();
  const edits = [lab.commands.edit({ 'router.K': K + 1 }), lab.commands.undo()];
  take();
  take();
  await Promise.all(edits);
  const redo = lab.commands.redo();
  take();
  await redo;
  expect(changes()).toHaveLength(3);
  expect([formK(lab), inForceK(lab)]).toEqual([K + 1, K + 1]);
});

it('keeps a later value where an earlier one is refused', async () => {
  const { lab, trainer, take } = await running();
  trainer.failNext('change', 'ConfigInvalid', 'K = 99 of 8 slots');
  const edits = [
    lab.commands.edit({ 'router.K': 99 }),
    lab.commands.edit({ 'router.K': K + 1 }),
  ] as const;
  take();
  await edits[0];
  expect(formK(lab)).toBe(K + 1);
  take();
  await edits[1];
  expect([formK(lab), inForceK(lab), pending(lab)]).toEqual([K + 1, K + 1, []]);
  expect(lab.config.getState().refused).toEqual({});
});

it('discards what waits for a new model alone, not what is being taken', async () => {
  const { lab, take } = await running();
  const edit = lab.commands.edit({ 'router.K': K + 1, 'model.L': 6 });
  expect(pending(lab)).toEqual(['model.L']);
  lab.commands.discardPending();
  take();
  await edit;
  expect([formK(lab), inForceK(lab), pending(lab)]).toEqual([K + 1, K + 1, []]);
});

it('reverts nothing in the next model for a change that the last one refused', async () => {
  const { lab, trainer, take } = await running();
  const edit = lab.commands.edit({ 'router.K': K + 1 });
  await lab.commands.edit({ 'model.L': 6 });
  await lab.commands.applyPending();
  trainer.failNext('change', 'Cancelled', 'The run was closed.');
  take();
  await edit;
  expect([formK(lab), inForceK(lab), pending(lab)]).toEqual([K + 1, K + 1, []]);
  expect(lab.config.getState().refused).toEqual({});
});
