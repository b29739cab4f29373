/** Edits of a run that stopped by itself go along with what a person makes of it. */
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { pendingPaths } from '../../src/state/configStore.ts';
import { testLab } from './support.ts';

const LOWER = { 'optimizer.lr': 0.0001 };

/** A run that stopped at a loss that is not finite, and a rate that was lowered since. */
async function lowered() {
  const test = await testLab();
  const { lab, trainer } = test;
  await lab.commands.start();
  trainer.advance(5);
  const message = 'Step 6: the loss or the gradient norm is not finite.';
  trainer.emit({ type: 'stopped', reason: { kind: 'nonFinite', step: 6, layer: null, message } });
  trainer.emit({ type: 'state', state: 'failed', step: 5 });
  await lab.commands.edit(LOWER);
  expect(pendingPaths(lab.config.getState(), 5)).toEqual(['optimizer.lr']);
  return test;
}

it('forks with the lowered learning rate', async () => {
  const { lab, trainer } = await lowered();
  await lab.commands.forkPending();
  expect(trainer.calls.find(([name]) => name === 'fork')?.[1]).toEqual(LOWER);
  expect(lab.config.getState().running?.optimizer.lr).toBe(0.0001);
  expect(lab.config.getState().experiment.optimizer.lr).toBe(0.0001);
});

it('resets with the lowered learning rate', async () => {
  const { lab, trainer } = await lowered();
  await lab.commands.edit({ 'model.D': 48 });
  await lab.commands.reset();
  expect(trainer.calls.slice(-2)).toEqual([
    ['reset', undefined],
    ['change', LOWER],
  ]);
  const { experiment, running } = lab.config.getState();
  expect(experiment).toMatchObject({ optimizer: { lr: 0.0001 }, model: { D: 48 } });
  expect(running?.events).toEqual([[1, LOWER]]);
  expect(pendingPaths(lab.config.getState(), 0)).toEqual(['model.D']);
  await lab.commands.undo();
  await lab.commands.undo();
  expect(lab.config.getState().experiment.optimizer.lr).toBe(DEFAULTS_V1.optimizer.lr);
});

it('shows the start value where the run refuses after its reset what waited', async () => {
  const { lab, trainer } = await lowered();
  trainer.failNext('change', 'ConfigInvalid', 'no');
  await lab.commands.reset();
  expect(lab.config.getState().experiment.optimizer.lr).toBe(DEFAULTS_V1.optimizer.lr);
  expect(lab.config.getState().refused).toEqual({ 'optimizer.lr': 'no' });
  expect(lab.history.getState().past).toEqual([]);
});

it('leaves waiting on a reset what was staged for a new model, live settings too', async () => {
  const { lab, called } = await testLab();
  await lab.commands.start();
  lab.commands.stage({ ...LOWER, 'model.D': 48 });
  await lab.commands.reset();
  expect(pendingPaths(lab.config.getState(), 0).sort()).toEqual(['model.D', 'optimizer.lr']);
  expect(called()).not.toContain('change');
});

it.each([
  ['from its checkpoint', false],
  ['from its start, where that is gone', true],
])('recovers a lost device %s with the edits that waited', async (_, isGone) => {
  const { lab, trainer } = await testLab();
  await lab.commands.start();
  trainer.advance(7);
  trainer.emit({ type: 'stopped', reason: { kind: 'deviceLost', message: 'reset' } });
  await lab.commands.edit({ 'model.D': 48 });
  if (isGone) trainer.failNext('checkpoint', 'DeviceLost', 'gone');
  await lab.commands.recover();
  const { step } = lab.run.getState();
  expect(pendingPaths(lab.config.getState(), step)).toEqual(['model.D']);
  expect(lab.config.getState().running?.model.D).toBe(DEFAULTS_V1.model.D);
});
