/** What a person does while a run opens, and what may go wrong meanwhile. */
import { expect, it, vi } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { pendingPaths } from '../../src/state/configStore.ts';
import type { Lab } from '../../src/state/lab.ts';
import { COMMANDS } from '../../src/ui/commands.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import type { FakeTrainer } from '../ui/fakeTrainer.ts';
import { testLab } from './support.ts';

const BROKEN = new TextEncoder().encode('no checkpoint');
const FORM = 'optimizer.lr';

/** Has the trainer open runs when it is told to. */
function slow(trainer: FakeTrainer, command: 'open' | 'openStored' | 'restore'): () => void {
  const waiting: (() => void)[] = [];
  const open = trainer[command] as (...asked: unknown[]) => Promise<unknown>;
  const opened = async (...asked: unknown[]) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return open(...asked);
  };
  Object.assign(trainer, { [command]: opened });
  return () => waiting.shift()?.();
}

const pending = ({ config, run }: Lab) => pendingPaths(config.getState(), run.getState().step);
const phase = ({ run }: Lab) => run.getState().phase;

it('takes edits that are made while a run opens: live ones at once, others wait', async () => {
  const { lab, trainer, called } = await testLab();
  const go = slow(trainer, 'open');
  const start = lab.commands.start();
  await lab.commands.edit({ [FORM]: 0.5 });
  await lab.commands.edit({ 'model.L': 6 });
  go();
  await start;
  const { experiment, running } = lab.config.getState();
  expect(experiment).toMatchObject({ model: { L: 6 }, optimizer: { lr: 0.5 } });
  expect(running).toMatchObject({
    model: { L: DEFAULTS_V1.model.L },
    events: [[1, { [FORM]: 0.5 }]],
  });
  expect(pending(lab)).toEqual(['model.L']);
  expect(called()).toEqual(['probe', 'open', 'change', 'start']);
  await lab.commands.undo();
  await lab.commands.undo();
  expect(lab.config.getState().experiment).toMatchObject({
    model: { L: DEFAULTS_V1.model.L },
    optimizer: { lr: DEFAULTS_V1.optimizer.lr },
  });
});

it('shows a value as before where the run that was opened refuses it', async () => {
  const { lab, trainer } = await testLab();
  const go = slow(trainer, 'open');
  const start = lab.commands.start();
  await lab.commands.edit({ 'router.K': 99 });
  trainer.failNext('change', 'ConfigInvalid', 'K = 99 of 8 slots');
  go();
  await start;
  expect(phase(lab)).toBe('running');
  expect(lab.config.getState().experiment.router.K).toBe(DEFAULTS_V1.router.K);
  expect(lab.config.getState().refused).toEqual({ 'router.K': 'K = 99 of 8 slots' });
  expect(lab.history.getState().past).toEqual([]);
});

it('does not take the hash of one text for that of another, chosen while it was read', async () => {
  const { lab, trainer } = await testLab();
  const go = slow(trainer, 'open');
  const start = lab.commands.start();
  await lab.commands.edit({ 'data.mix': { code: 1 } });
  go();
  await start;
  const { experiment, running } = lab.config.getState();
  expect(running?.data.hash).not.toBeNull();
  expect(experiment.data).toMatchObject({ mix: { code: 1 }, hash: null });
});

it('keeps such edits over what a stored run has come to', async () => {
  const base = applyChange(DEFAULTS_V1, TINY_SIZE);
  const experiment = recordEvent(base, 9, { [FORM]: 0.25, 'optimizer.clip': 2 });
  const library = memoryLibrary();
  await library.put(makeRow('a', { experiment, steps: 20 }), NO_PARTS, null);
  await library.putCheckpoint('a', 20, new Uint8Array([1]));
  const { lab, trainer } = await testLab({ library });
  const go = slow(trainer, 'openStored');
  const goOn = lab.commands.goOn('a');
  await vi.waitFor(() => expect(phase(lab)).toBe('opening'));
  await lab.commands.edit({ [FORM]: 0.125 });
  go();
  expect(await goOn).toBe(true);
  await vi.waitFor(() => expect(lab.run.getState().step).toBe(20));
  expect(lab.config.getState().experiment.optimizer).toMatchObject({ lr: 0.125, clip: 2 });
  expect(trainer.calls.at(-1)).toEqual(['change', { [FORM]: 0.125 }]);
  expect(pending(lab)).toEqual([]);
});

it('goes on with an opening while another command fails', async () => {
  const { lab, trainer, called } = await testLab();
  await lab.commands.start();
  trainer.advance(20);
  await lab.commands.edit({ 'model.D': 48 });
  const go = slow(trainer, 'open');
  const apply = lab.commands.applyPending();
  await vi.waitFor(() => expect(phase(lab)).toBe('opening'));
  trainer.failNext('keepCheckpoint', 'ConfigInvalid', 'No run is open.');
  await lab.commands.keepCheckpoint();
  expect(phase(lab)).toBe('opening');
  expect(lab.config.getState().running).not.toBeNull();
  expect(lab.run.getState().failure?.message).toBe('No run is open.');
  await lab.commands.askReset();
  await lab.commands.reset();
  expect(called()).not.toContain('reset');
  go();
  await apply;
  expect(phase(lab)).toBe('running');
});

it('offers no reset while a run opens', async () => {
  const { lab, trainer } = await testLab();
  const reset = COMMANDS.find(({ id }) => id === 'reset');
  expect(reset?.when?.(lab)).toBe(false);
  await lab.commands.start();
  expect(reset?.when?.(lab)).toBe(true);
  await lab.commands.edit({ 'model.D': 48 });
  const go = slow(trainer, 'open');
  const apply = lab.commands.applyPending();
  await vi.waitFor(() => expect(phase(lab)).toBe('opening'));
  expect(reset?.when?.(lab)).toBe(false);
  go();
  await apply;
});

it('goes on with an opening where a file that is opened meanwhile is refused', async () => {
  const { lab, trainer } = await testLab();
  const go = slow(trainer, 'open');
  const start = lab.commands.start();
  await lab.commands.restore(BROKEN, 'broken.safetensors');
  expect(phase(lab)).toBe('opening');
  expect(lab.run.getState().failure?.title).toBe('broken.safetensors was not opened');
  go();
  await start;
  expect(phase(lab)).toBe('running');
});

it('opens the file where the opening before it is given up for that', async () => {
  const { lab, trainer } = await testLab();
  const [goFirst, goFile] = [slow(trainer, 'open'), slow(trainer, 'restore')];
  const start = lab.commands.start();
  const experiment = applyChange(DEFAULTS_V1, { 'model.L': 6 });
  const bytes = new TextEncoder().encode(JSON.stringify({ step: 3, experiment }));
  const restore = lab.commands.restore(bytes);
  trainer.failNext('open', 'Cancelled', 'Another run was opened meanwhile.');
  goFirst();
  await start;
  expect(phase(lab)).toBe('opening');
  goFile();
  await restore;
  await vi.waitFor(() => expect(phase(lab)).toBe('paused'));
  expect(lab.config.getState().running?.model.L).toBe(6);
  expect(lab.run.getState().failure).toBeNull();
});

it('is empty where the only opening fails', async () => {
  const { lab, trainer } = await testLab();
  trainer.failNext('open', 'ModelTooLarge', 'embed.weight needs 9 GB');
  await lab.commands.start();
  expect(lab.run.getState()).toMatchObject({ phase: 'empty', report: null });
  expect(lab.config.getState().running).toBeNull();
});
