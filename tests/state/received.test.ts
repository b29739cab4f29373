import { describe, expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import { decodeLink, encodeLink, encodeSealed, sealOf } from '../../src/config/permalink.ts';
import { sharesOf } from '../../src/links/digest.ts';
import { decodeShare, encodeShare, writeShare } from '../../src/links/share.ts';
import type { Library } from '../../src/runs/library.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { LINK_DEBOUNCE_MS } from '../../src/state/linkSync.ts';
import { liveRun } from '../../src/state/liveRun.ts';
import { type TestLab, testLab } from './support.ts';

const EXPERIMENT = recordEvent(
  applyChange(DEFAULTS_V1, { 'model.D': 32, 'evaluation.every': 10 }),
  20,
  { 'optimizer.lr': 0.002 },
);

/** A link of a run of so many steps, as its sender copies it. */
async function sentLink(steps: number, experiment = EXPERIMENT): Promise<string> {
  const { lab, trainer } = await testLab({ experiment });
  await lab.commands.start();
  trainer.advance(steps);
  return encodeShare([liveRun(lab, sharesOf)]);
}

async function opened(fragment: string, library?: Library): Promise<TestLab> {
  const test = await testLab({ fragment, ...(library && { library }) });
  await vi.waitFor(() => expect(test.lab.received.getState().runs.length).toBeGreaterThan(0));
  return test;
}

/** The link with another loss at the i-th fixed step. */
function tampered(link: string, i: number): string {
  const { experiments, results } = decodeShare(link);
  const [result] = results;
  if (!result) throw new Error('the link has no results');
  const fixed = result.fixed.map((one, k) => (k === i ? { ...one, bits: one.bits ^ 64 } : one));
  return writeShare({ experiments, results: [{ ...result, fixed }] });
}

describe('a link with results', () => {
  it('shows the curves of its sender before anything is trained', async () => {
    const { lab, called } = await opened(await sentLink(100));
    const [run] = lab.received.getState().runs;
    expect(run).toMatchObject({ name: 'Shared run', experiment: { model: { D: 32 } } });
    expect(run?.training?.values).toHaveLength(100);
    expect([...(run?.validation?.steps ?? [])]).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(called()).toEqual(['probe']);
  });

  it('is reproduced bit for bit, and says so', async () => {
    const { lab, trainer } = await opened(await sentLink(100));
    void lab.reproduce(0);
    await vi.waitFor(() => expect(lab.run.getState().phase).toBe('running'));
    trainer.advance(60);
    expect(lab.received.getState().reproduction).toEqual({ run: 0, state: 'running' });
    trainer.advance(55);
    await vi.waitFor(() =>
      expect(lab.received.getState().reproduction).toMatchObject({
        state: 'done',
        receipt: { verdict: 'identical', parting: null, run: { firstStep: 1, lastStep: 100 } },
      }),
    );
    expect(lab.run.getState().phase).toBe('paused');
  });

  it('is kept as a row of the library that is marked as received, once', async () => {
    const library = memoryLibrary();
    const { lab } = await opened(await sentLink(100), library);
    await lab.keepReceived(0);
    await lab.keepReceived(0);
    const said = lab.view.getState().toasts.map(({ text }) => text);
    expect(said).toEqual([
      'Shared run is in the library, marked as received.',
      'Shared run is in the library already.',
    ]);
    const [row, ...others] = await library.rows();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      name: 'Shared run',
      origin: 'link',
      status: 'done',
      steps: 100,
      isVisible: false,
      experiment: { model: { D: 32 }, events: EXPERIMENT.events },
      adapter: { isSoftware: expect.any(Boolean) },
    });
    const [run] = lab.received.getState().runs;
    const { ce, validation } = await library.curves(row!.id);
    expect(ce!.values).toEqual(Float32Array.from(run!.training!.values));
    expect([...validation!.steps!]).toEqual([...run!.validation!.steps!]);
  });

  it('is kept beside the run that it was reproduced by', async () => {
    const library = memoryLibrary();
    const { lab, trainer } = await opened(await sentLink(20), library);
    void lab.reproduce(0);
    await vi.waitFor(() => expect(lab.run.getState().phase).toBe('running'));
    trainer.advance(25);
    await vi.waitFor(async () =>
      expect((await library.rows()).map(({ origin }) => origin)).toEqual(['link']),
    );
  });

  it('says where the two part when its results are others', async () => {
    const { lab, trainer } = await opened(tampered(await sentLink(100), 6));
    void lab.reproduce(0);
    await vi.waitFor(() => expect(lab.run.getState().phase).toBe('running'));
    trainer.advance(100);
    await vi.waitFor(() =>
      expect(lab.received.getState().reproduction).toMatchObject({ state: 'done' }),
    );
    const now = lab.received.getState().reproduction;
    if (now?.state !== 'done') throw new Error('nothing was reproduced');
    const { verdict, parting, exact, says } = now.receipt;
    expect(verdict).toBe('parts');
    const step = exact[6]?.step ?? 0;
    expect(parting).toEqual({ lastSame: exact[5]?.step, firstDifferent: step });
    expect(exact.filter(({ isSame }) => !isSame).map((one) => one.step)).toEqual([step]);
    expect(says).toContain(`up to ${exact[5]?.step}; at step ${step} the loss is `);
    expect(says).toContain('agree within the link’s quantisation');
  });

  it.each([
    ['The run was changed', (lab: TestLab['lab']) => lab.run.getState().set({}), true],
    ['The run was closed', (lab: TestLab['lab']) => lab.commands.cancel(), false],
  ])('ends with the reason: %s', async (reason, act, isEdited) => {
    const { lab, trainer } = await opened(await sentLink(100));
    void lab.reproduce(0);
    await vi.waitFor(() => expect(lab.run.getState().phase).toBe('running'));
    trainer.advance(30);
    if (isEdited) {
      const running = lab.config.getState().running ?? DEFAULTS_V1;
      lab.config.getState().set({ running: recordEvent(running, 40, { 'router.K': 1 }) });
    }
    await act(lab);
    await vi.waitFor(() =>
      expect(lab.received.getState().reproduction).toMatchObject({
        state: 'ended',
        reason: expect.stringContaining(reason),
      }),
    );
  });

  it('says why a run cannot be reproduced here', async () => {
    const { lab, trainer } = await opened(await sentLink(20));
    trainer.failNext('open', 'NoWebGPU', 'there is no adapter');
    await lab.reproduce(0);
    expect(lab.received.getState().reproduction).toMatchObject({
      state: 'ended',
      reason: 'there is no adapter',
    });
  });

  it('keeps its results in the address until the experiment is another', async () => {
    vi.useFakeTimers();
    const link = await sentLink(50);
    const { lab, bar } = await opened(link);
    expect(bar.fragment).toBe(link);
    lab.view.getState().set({ room: 'cost' });
    expect(decodeShare(bar.fragment)).toEqual(decodeShare(link));
    expect(bar.fragment).toMatch(/&room=cost$/);
    await lab.commands.start();
    await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
    expect(decodeShare(bar.fragment).results).toEqual(decodeShare(link).results);
    await lab.commands.reset();
    lab.commands.stage({ 'model.L': 3 });
    await lab.commands.applyPending();
    await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
    expect(decodeShare(bar.fragment).results).toEqual([null]);
    expect(sealOf(bar.fragment)).toBe('whole');
    vi.useRealTimers();
  });

  it('leaves the run alone that is open, where it is of the same experiment', async () => {
    const link = await sentLink(50);
    const { lab, bar, called } = await testLab({ experiment: EXPERIMENT });
    await lab.commands.start();
    const before = called();
    bar.go(link);
    await vi.waitFor(() => expect(lab.received.getState().runs).toHaveLength(1));
    expect(called()).toEqual(before);
    bar.go(encodeLink(applyChange(EXPERIMENT, { 'model.D': 64 })));
    await vi.waitFor(() => expect(lab.received.getState().runs).toHaveLength(0));
  });

  it('of several runs opens the first and names all', async () => {
    const second = applyChange(EXPERIMENT, { 'seeds.init': 2 });
    const [a, b] = [decodeShare(await sentLink(30)), decodeShare(await sentLink(40, second))];
    const link = writeShare({
      experiments: [...a.experiments, ...b.experiments],
      results: [...a.results, ...b.results],
    });
    const { lab, trainer } = await opened(link);
    expect(lab.received.getState().runs.map(({ name }) => name)).toEqual([
      'Shared run',
      'Shared run (2)',
    ]);
    void lab.reproduce(1);
    await vi.waitFor(() => expect(lab.run.getState().phase).toBe('running'));
    expect(lab.config.getState().running?.seeds.init).toBe(2);
    trainer.advance(45);
    await vi.waitFor(() =>
      expect(lab.received.getState().reproduction).toMatchObject({
        run: 1,
        receipt: { verdict: 'identical' },
      }),
    );
  });
});

describe('the address with a check sum', () => {
  const SEALED = encodeSealed(EXPERIMENT, [['room', 'cost']]);

  it('stays whole whatever is shown and edited', async () => {
    vi.useFakeTimers();
    const { lab, bar } = await testLab({ fragment: SEALED });
    expect(lab.view.getState().room).toBe('cost');
    for (const part of [{ room: 'routing' }, { logY: true }, { room: '', logY: false }]) {
      lab.view.getState().set(part);
      await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
      expect(sealOf(bar.fragment)).toBe('whole');
    }
    expect(bar.fragment).toBe(encodeSealed(EXPERIMENT));
    lab.commands.stage({ 'model.D': 64 });
    await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
    expect(sealOf(bar.fragment)).toBe('whole');
    expect(decodeLink(bar.fragment).experiment.model.D).toBe(64);
    vi.useRealTimers();
  });

  it('never vouches for what was cut before it came', async () => {
    vi.useFakeTimers();
    const cut = SEALED.slice(0, -'10&room=cost'.length);
    const { lab, bar } = await testLab({ fragment: cut });
    expect(lab.config.getState()).toMatchObject({ experiment: DEFAULTS_V1, running: null });
    expect(lab.config.getState().problems[0]?.message).toMatch(/cut or changed/);
    expect(lab.view.getState()).toMatchObject({ sheet: 'problems', room: '' });
    lab.view.getState().set({ logX: true });
    await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
    expect(bar.fragment).toContain(cut);
    expect(sealOf(bar.fragment)).toBe('broken');
    lab.commands.stage({ 'model.D': 64 });
    await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
    expect(decodeLink(bar.fragment)).toMatchObject({
      experiment: { model: { D: 64 } },
      problems: [],
    });
    vi.useRealTimers();
  });

  it.each(['c', 'c=', 'c=AB', SEALED.slice(0, 12)])('tells of one cut to %s', async (cut) => {
    const { lab } = await testLab({ fragment: cut });
    expect(lab.config.getState().problems.length).toBeGreaterThan(0);
    expect(lab.view.getState().sheet).toBe('problems');
  });

  it('refuses one that was changed while a run is open, and keeps the run', async () => {
    const { lab, bar, trainer } = await testLab({ experiment: EXPERIMENT });
    await lab.commands.start();
    trainer.advance(300);
    bar.go(SEALED.replace('D=32', 'D=64'));
    await vi.waitFor(() => expect(lab.view.getState().toasts).toHaveLength(1));
    expect(lab.view.getState().toasts[0]?.text).toMatch(/cut or changed.*The run goes on/);
    expect(lab.config.getState().running?.model.D).toBe(32);
    await vi.waitFor(() => expect(sealOf(bar.fragment)).not.toBe('broken'));
  });
});
