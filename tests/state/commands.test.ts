import { afterEach, expect, it, vi } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, recordEvent, setPath } from '../../src/config/edit.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { pendingPaths } from '../../src/state/configStore.ts';
import { LINK_DEBOUNCE_MS } from '../../src/state/linkSync.ts';
import { testLab } from './support.ts';

const NARROW = [
  { kind: 'ffn', hidden: 8 },
  { kind: 'ffn', hidden: 8 },
];

afterEach(() => {
  vi.useRealTimers();
});

it('opens, trains, pauses and steps', async () => {
  const { lab, trainer, called } = await testLab();
  await lab.commands.start();
  expect(lab.run.getState().phase).toBe('running');
  trainer.advance(25);
  expect(lab.run.getState().metrics.length).toBe(25);
  expect(lab.run.getState().step).toBe(25);
  await lab.commands.toggle();
  await lab.commands.step();
  expect(lab.run.getState()).toMatchObject({ phase: 'paused', step: 26 });
  expect(called()).toEqual(['probe', 'open', 'start', 'pause', 'step']);
});

it('sends a live edit to the running model and records its event', async () => {
  const { lab, trainer } = await testLab();
  await lab.commands.start();
  trainer.advance(19);
  await lab.commands.edit({ 'optimizer.lr': 0.001 });
  expect(trainer.calls.at(-1)).toEqual(['change', { 'optimizer.lr': 0.001 }]);
  expect(lab.config.getState().running?.events).toEqual([[20, { 'optimizer.lr': 0.001 }]]);
  expect(pendingPaths(lab.config.getState(), 19)).toEqual([]);
});

it('takes a live edit back when the trainer refuses it, with the reason', async () => {
  const { lab, trainer } = await testLab();
  await lab.commands.start();
  trainer.failNext('change', 'ConfigInvalid', 'K = 9 of 8 slots');
  await lab.commands.edit({ 'router.K': 9 });
  expect(lab.config.getState().experiment.router.K).toBe(DEFAULTS_V1.router.K);
  expect(lab.config.getState().refused).toEqual({ 'router.K': 'K = 9 of 8 slots' });
});

it('collects edits that need a new model until they are applied', async () => {
  const { lab, trainer, called } = await testLab();
  await lab.commands.start();
  trainer.advance(5);
  await lab.commands.edit({ 'optimizer.lr': 0.001 });
  await lab.commands.edit({ 'model.L': 6 });
  expect(pendingPaths(lab.config.getState(), 5)).toEqual(['model.L']);
  await lab.commands.applyPending();
  expect(called().slice(-2)).toEqual(['open', 'start']);
  expect(lab.config.getState().running).toMatchObject({
    model: { L: 6 },
    optimizer: { lr: 0.001 },
    events: [],
  });
  expect(lab.run.getState()).toMatchObject({ phase: 'running', step: 0 });
});

it('discards pending edits', async () => {
  const { lab } = await testLab();
  await lab.commands.start();
  await lab.commands.edit({ 'model.L': 6 });
  lab.commands.discardPending();
  expect(lab.config.getState().experiment.model.L).toBe(DEFAULTS_V1.model.L);
});

it('undoes and redoes edits before a run', async () => {
  const { lab } = await testLab();
  await lab.commands.edit({ 'model.L': 6 });
  await lab.commands.edit({ 'model.L': 8 });
  await lab.commands.undo();
  expect(lab.config.getState().experiment.model.L).toBe(6);
  await lab.commands.redo();
  expect(lab.config.getState().experiment.model.L).toBe(8);
});

it('undoes a live edit in the running model too', async () => {
  const { lab, trainer } = await testLab();
  await lab.commands.start();
  await lab.commands.edit({ 'optimizer.weightDecay': 0 });
  await lab.commands.undo();
  expect(trainer.calls.at(-1)).toEqual([
    'change',
    { 'optimizer.weightDecay': DEFAULTS_V1.optimizer.weightDecay },
  ]);
});

it('follows events that are replayed from a link', async () => {
  const experiment = recordEvent(DEFAULTS_V1, 20, { 'optimizer.lr': 0.001 });
  const { lab, trainer } = await testLab({ experiment });
  await lab.commands.start();
  trainer.advance(18);
  expect(lab.config.getState().experiment.optimizer.lr).toBe(DEFAULTS_V1.optimizer.lr);
  trainer.advance(1);
  expect(lab.config.getState().experiment.optimizer.lr).toBe(0.001);
  expect(pendingPaths(lab.config.getState(), 19)).toEqual([]);
});

it('goes back to the start values on reset and keeps edits for a new model', async () => {
  const { lab, trainer } = await testLab();
  await lab.commands.start();
  trainer.advance(5);
  await lab.commands.edit({ 'optimizer.lr': 0.001 });
  await lab.commands.edit({ 'model.D': 48 });
  await lab.commands.reset();
  expect(lab.config.getState().experiment).toMatchObject({
    optimizer: { lr: DEFAULTS_V1.optimizer.lr },
    model: { D: 48 },
  });
  expect(lab.run.getState().metrics.length).toBe(0);
});

it('asks before it starts an experiment whose link had problems', async () => {
  const { lab, called } = await testLab({ fragment: 'v=1&D=999999' });
  expect(lab.config.getState().problems).toHaveLength(1);
  await lab.commands.start();
  expect(called()).toEqual(['probe']);
  expect(lab.view.getState().sheet).toBe('problems');
  lab.config.getState().set({ accepted: true });
  await lab.commands.start();
  expect(called()).toContain('start');
});

it('does not open an experiment that breaks a rule, and says which', async () => {
  const { lab, called } = await testLab();
  await lab.commands.edit({ 'model.H': 3 });
  await lab.commands.start();
  expect(called()).toEqual(['probe']);
  expect(lab.run.getState().failure).toMatchObject({ code: 'ConfigInvalid' });
  expect(lab.run.getState().failure?.message).toContain('H = 3');
});

it('stays usable when a model is too large', async () => {
  const { lab, trainer } = await testLab();
  trainer.failNext('open', 'ModelTooLarge', 'embed.weight needs 9 GB, 2 GB are allowed');
  await lab.commands.start();
  expect(lab.run.getState()).toMatchObject({ phase: 'empty', failure: { code: 'ModelTooLarge' } });
  await lab.commands.start();
  expect(lab.run.getState()).toMatchObject({ phase: 'running', failure: null });
});

it('recovers a lost device from a checkpoint', async () => {
  const { lab, trainer, called } = await testLab();
  await lab.commands.start();
  trainer.advance(7);
  trainer.emit({ type: 'stopped', reason: { kind: 'deviceLost', message: 'reset' } });
  expect(lab.run.getState().phase).toBe('failed');
  await lab.commands.recover();
  expect(called().slice(-2)).toEqual(['checkpoint', 'restore']);
  await vi.waitFor(() => expect(lab.run.getState()).toMatchObject({ step: 7, stopped: null }));
});

it('opens the run anew where there is no checkpoint to recover from', async () => {
  const { lab, trainer, called } = await testLab();
  await lab.commands.start();
  trainer.emit({ type: 'stopped', reason: { kind: 'deviceLost', message: 'reset' } });
  trainer.failNext('checkpoint', 'DeviceLost', 'gone');
  await lab.commands.recover();
  expect(called().at(-1)).toBe('open');
});

it('mirrors the experiment, events included, into the address bar', async () => {
  vi.useFakeTimers();
  const { lab, trainer, bar } = await testLab();
  await lab.commands.edit({ 'model.L': 3 });
  await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
  expect(decodeLink(bar.fragment).experiment.model.L).toBe(3);
  await lab.commands.start();
  trainer.advance(4);
  await lab.commands.edit({ 'optimizer.lr': 0.002 });
  await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
  expect(decodeLink(bar.fragment).experiment.events).toEqual([[5, { 'optimizer.lr': 0.002 }]]);
});

it('loads what a person puts into the address bar and closes the open run', async () => {
  const { lab, bar, called } = await testLab();
  await lab.commands.start();
  bar.go(encodeLink(setPath(DEFAULTS_V1, 'model.L', 2)));
  await vi.waitFor(() => expect(lab.config.getState().experiment.model.L).toBe(2));
  expect(called().at(-1)).toBe('dispose');
  expect(lab.run.getState()).toMatchObject({ phase: 'empty', report: null });
});

it('refuses pending edits that outgrow the adapter before the open run is given up', async () => {
  const limits = { maxBufferBytes: 2 ** 28, maxBindingBytes: 2 ** 27 };
  const { lab, trainer, called } = await testLab({ adapter: limits });
  await lab.commands.start();
  trainer.advance(5);
  await lab.commands.edit({ 'experts.sharedHidden': 20_000 });
  const refusal = {
    code: 'ModelTooLarge',
    message: expect.stringMatching(
      /^Shared expert.*: 156\.3 MiB in one buffer.* at most 128\.0 MiB/,
    ),
  };
  for (const apply of [lab.commands.applyPending, lab.commands.forkPending]) {
    lab.run.getState().set({ failure: null });
    await apply();
    expect(lab.run.getState().failure).toEqual(refusal);
    expect(lab.run.getState()).toMatchObject({ phase: 'running', step: 5 });
  }
  expect(called()).toEqual(['probe', 'open', 'start']);
  await lab.commands.edit({ 'experts.sharedHidden': 16_384 });
  await lab.commands.applyPending();
  expect(called().slice(-2)).toEqual(['open', 'start']);
});

it('counts the vocabulary that the open run has read from the same text', async () => {
  const limits = { maxBufferBytes: 2 ** 28, maxBindingBytes: 2 ** 20 };
  const experiment = applyChange(DEFAULTS_V1, { ...TINY_SIZE, 'tokenizer.kind': 'chars' });
  const { lab, called } = await testLab({ adapter: limits, experiment });
  await lab.commands.start();
  // 256 characters: their embedding and head are 0.4 MiB of the parameters.
  await lab.commands.edit({ 'model.D': 216, 'model.L': 1, 'experts.slots': NARROW });
  await lab.commands.applyPending();
  expect(lab.run.getState().failure?.message).toMatch(/^Parameters: 1\.2 MiB.* at most 1\.0 MiB/);
  expect(called()).toEqual(['probe', 'open', 'start']);
});

it('has a trainer without a GPU that answers questions as the real one', async () => {
  const { lab, trainer } = await testLab();
  await lab.commands.start();
  trainer.advance(3);
  const { step, batch, layers } = await trainer.inspect('routing', null);
  expect(step).toBe(4);
  for (const { W, selected } of layers) {
    expect(selected).toHaveLength(batch.tokens.length * W);
    expect(Math.max(...selected)).toBeLessThan(DEFAULTS_V1.experts.slots.length);
  }
  const { tensors } = await trainer.inspect('tensors', { names: ['layers.1.*'] });
  expect(tensors.get('layers.1.gates')?.shape).toEqual([batch.tokens.length, layers[1]?.W]);
});
