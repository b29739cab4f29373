import { afterEach, expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, setPath } from '../../src/config/edit.ts';
import { decodeLink, encodeLink, encodeSealed } from '../../src/config/permalink.ts';
import { LINK_DEBOUNCE_MS, LINK_RETRY_MS } from '../../src/state/linkSync.ts';
import { type TestLab, testLab } from './support.ts';

afterEach(() => {
  vi.useRealTimers();
});

const OTHER = encodeLink(setPath(DEFAULTS_V1, 'model.L', 2));

/** A lab whose run has taken `steps` steps and goes on. */
async function running(steps: number): Promise<TestLab> {
  const test = await testLab();
  await test.lab.commands.start();
  test.trainer.advance(steps);
  return test;
}

const said = ({ lab }: TestLab) => lab.view.getState().toasts.map(({ text }) => text);
const checkpointOf = (experiment: unknown, step = 7) =>
  new TextEncoder().encode(JSON.stringify({ step, experiment }));

function answer({ lab }: TestLab, isYes: boolean): void {
  lab.view.getState().question?.answer(isYes);
}

function goesOn(test: TestLab, step: number): void {
  expect(test.lab.run.getState()).toMatchObject({ phase: 'running', step, failure: null });
  expect(test.called()).not.toContain('dispose');
  expect(test.called()).not.toContain('restore');
  expect(test.lab.config.getState().running?.model.L).toBe(DEFAULTS_V1.model.L);
}

it('refuses a link of which nothing can be read; the run and its address stay', async () => {
  const test = await running(301);
  test.bar.go('v=9&D=64');
  await vi.waitFor(() => expect(said(test)).toHaveLength(1));
  expect(said(test)[0]).toBe(
    'The link was not opened: version 9 cannot be read; this program reads version 1. The run goes on.',
  );
  goesOn(test, 301);
  await vi.waitFor(() => expect(decodeLink(test.bar.fragment).problems).toEqual([]));
});

it('asks before a link takes the place of many steps, and puts the address back', async () => {
  const test = await running(301);
  const before = encodeSealed(test.lab.config.getState().running ?? DEFAULTS_V1);
  test.bar.go(OTHER);
  await vi.waitFor(() => expect(test.lab.view.getState().sheet).toBe('replace'));
  goesOn(test, 301);
  test.lab.view.getState().set({ sheet: null });
  await vi.waitFor(() => expect(test.bar.fragment).toBe(before));
  goesOn(test, 301);
  test.bar.go(OTHER);
  answer(test, true);
  await vi.waitFor(() => expect(test.called()).toContain('dispose'));
  expect(test.lab.config.getState().experiment.model.L).toBe(2);
});

/** What the recorder says of a run whose parameters of a step are stored. */
const kept = (checkpoint: number | null) => ({
  id: 'a',
  step: 301,
  checkpoint,
  failure: null,
  tooLarge: null,
});

it('says what the library keeps of the run that goes, and asks nothing where it keeps all', async () => {
  const test = await running(301);
  test.lab.run.getState().set({ recording: kept(280) });
  test.bar.go(OTHER);
  await vi.waitFor(() => expect(test.lab.view.getState().sheet).toBe('replace'));
  expect(test.lab.view.getState().question?.reason).toContain(
    'The library keeps its curves, and its parameters of step 280.',
  );
  answer(test, false);
  goesOn(test, 301);
  await test.lab.commands.pause();
  test.lab.run.getState().set({ recording: kept(301) });
  test.bar.go(OTHER);
  await vi.waitFor(() => expect(test.called()).toContain('dispose'));
  expect(test.lab.view.getState().question).toBeNull();
});

it('asks where what the library has of the run is not stored for good', async () => {
  const test = await running(301);
  await test.lab.commands.pause();
  const failure = { kind: 'denied', message: 'denied', bytes: null } as const;
  test.lab.run.getState().set({ recording: { ...kept(301), failure } });
  test.bar.go(OTHER);
  await vi.waitFor(() => expect(test.lab.view.getState().sheet).toBe('replace'));
  expect(test.lab.view.getState().question?.reason).toContain('its parameters do not');
  answer(test, false);
});

it('shows all problems of a link before it takes the place of a run, however short', async () => {
  const test = await running(3);
  test.bar.go('v=1&D=130&L=2&x=9999x128&e=9:K=1;4:K=3');
  await vi.waitFor(() => expect(test.lab.view.getState().question).not.toBeNull());
  const told = test.lab.view.getState().question?.problems.join('\n');
  expect(told).toContain('"9999x128" is not allowed; it must be 1 to 64 slots');
  expect(told).toContain('stands after one at step 9');
  expect(told).toContain('D = 130 is not a multiple');
  answer(test, false);
  goesOn(test, 3);
});

it('refuses a checkpoint by its name and goes on; takes a good one after it was asked for', async () => {
  const test = await running(301);
  test.trainer.failNext('checkCheckpoint', 'ConfigInvalid', '"head.weight" is NaN at element 3');
  await test.lab.commands.restore(checkpointOf(DEFAULTS_V1), 'old.safetensors');
  expect(said(test)).toEqual([
    'old.safetensors was not opened: "head.weight" is NaN at element 3. The run goes on.',
  ]);
  goesOn(test, 301);
  const opened = test.lab.commands.restore(checkpointOf(DEFAULTS_V1), 'good.safetensors');
  await vi.waitFor(() => expect(test.lab.view.getState().sheet).toBe('replace'));
  answer(test, true);
  await opened;
  await vi.waitFor(() => expect(test.lab.run.getState()).toMatchObject({ step: 7 }));
});

it('a check can be given up', async () => {
  const test = await running(5);
  const opened = test.lab.commands.restore(checkpointOf(DEFAULTS_V1), 'a.safetensors');
  expect(test.lab.run.getState().checking?.name).toBe('a.safetensors');
  test.lab.run.getState().checking?.cancel();
  await opened;
  goesOn(test, 5);
  expect(test.lab.run.getState().checking).toBeNull();
});

it('asks before a new model takes the place of many steps, and checks it first', async () => {
  const test = await running(301);
  await test.lab.commands.edit({ 'model.L': 6 });
  test.trainer.failNext('check', 'ModelTooLarge', 'moments: 9 GiB in one buffer');
  await test.lab.commands.applyPending();
  expect(test.lab.run.getState()).toMatchObject({
    phase: 'running',
    step: 301,
    failure: { code: 'ModelTooLarge' },
  });
  test.lab.run.getState().set({ failure: null });
  const applied = test.lab.commands.applyPending();
  await vi.waitFor(() => expect(test.lab.view.getState().sheet).toBe('replace'));
  answer(test, false);
  await applied;
  goesOn(test, 301);
});

it('refuses a new model that the adapter cannot hold, with both sizes', async () => {
  const test = await running(301);
  await test.lab.commands.edit({ 'model.D': 16384, 'model.L': 64, 'model.denseHidden': 65536 });
  await test.lab.commands.applyPending();
  const { failure } = test.lab.run.getState();
  expect(failure?.code).toBe('ModelTooLarge');
  expect(failure?.message).toMatch(/MiB in one buffer, but this adapter binds at most 2048.0 MiB/);
  expect(test.lab.run.getState()).toMatchObject({ phase: 'running', step: 301 });
});

it('a fork that goes on is not asked for; one that starts anew is', async () => {
  const test = await running(301);
  await test.lab.commands.edit({ 'batch.B': 4 });
  await test.lab.commands.forkPending();
  expect(test.called().slice(-3)).toEqual(['fork', 'checkCheckpoint', 'restore']);
  const anew = await running(301);
  await anew.lab.commands.edit({ 'model.L': 6 });
  anew.trainer.fork = async () => checkpointOf(DEFAULTS_V1, 0);
  const forked = anew.lab.commands.forkPending();
  await vi.waitFor(() => expect(anew.lab.view.getState().sheet).toBe('replace'));
  answer(anew, false);
  await forked;
  goesOn(anew, 301);
});

it('says what did not happen, while the run goes on', async () => {
  const test = await running(5);
  test.trainer.failNext('generate', 'ConfigInvalid', 'The texts do not have "~".');
  await test.lab.commands.generate(
    { prompts: ['~'], temperature: 1, tokens: 1, seed: 1, stops: [], candidates: 0 },
    () => undefined,
  );
  expect(test.lab.run.getState().failure).toEqual({
    code: 'ConfigInvalid',
    title: 'No sample was taken',
    message: 'The texts do not have "~".',
  });
});

it('does not record what can never act; it goes along when the run gets more steps', async () => {
  const test = await testLab({
    experiment: applyChange(DEFAULTS_V1, { 'optimizer.totalSteps': 20, 'optimizer.warmup': 5 }),
  });
  const { lab, trainer } = test;
  await lab.commands.start();
  trainer.advance(20);
  expect(lab.run.getState().phase).toBe('finished');
  await lab.commands.edit({ 'optimizer.lr': 0.001 });
  expect(test.called()).not.toContain('change');
  expect(lab.config.getState().running?.events).toEqual([]);
  await lab.commands.edit({ 'router.K': 1 });
  expect(trainer.calls.at(-1)).toEqual(['change', { 'router.K': 1 }]);
  await lab.commands.edit({ 'optimizer.totalSteps': 40 });
  expect(trainer.calls.at(-1)).toEqual([
    'change',
    { 'optimizer.lr': 0.001, 'optimizer.totalSteps': 40 },
  ]);
});

it('the address catches up by itself when the browser allowed no change, ever more slowly', async () => {
  vi.useFakeTimers();
  const { lab, bar } = await testLab();
  bar.refusals = 3;
  await lab.commands.edit({ 'model.L': 3 });
  await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS + 3 * LINK_RETRY_MS);
  expect(bar.fragment).toBe('');
  await lab.commands.edit({ 'model.L': 5 });
  await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS + 8 * LINK_RETRY_MS);
  expect(decodeLink(bar.fragment).experiment.model.L).toBe(5);
});

it('an edit just before the page is left is in the address', async () => {
  vi.useFakeTimers();
  const { lab, bar } = await testLab();
  await lab.commands.edit({ 'model.L': 3 });
  bar.leave();
  expect(decodeLink(bar.fragment).experiment.model.L).toBe(3);
});

it('tells a link that breaks a rule as soon as it is opened', async () => {
  const { lab } = await testLab({ fragment: 'v=1&D=33' });
  expect(lab.view.getState().sheet).toBe('problems');
});

it('keeps several messages together', async () => {
  const { lab } = await testLab();
  const view = lab.view.getState();
  for (const text of ['a', 'b', 'c']) view.say(text);
  expect(lab.view.getState().toasts.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  view.dismiss(lab.view.getState().toasts[1]?.id ?? 0);
  expect(lab.view.getState().toasts.map(({ text }) => text)).toEqual(['a', 'c']);
});
