import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FigureRequest } from '../../src/analysis/figures.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { Entry } from '../../src/state/looks/entry.ts';
import { createInstruments, type Instruments } from '../../src/state/looks/instruments.ts';
import { type Answer, batchesOf, type Look } from '../../src/state/looks/looked.ts';
import { lookTextOf } from '../../src/state/looks/subjectFields.ts';
import { createFiguresThread } from '../../src/state/looks/thread.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import { type FakeLibrary, fakeLibrary } from '../support/fakeLibrary.ts';
import { type TestLab, testLab } from './support.ts';

const SMALL: Experiment = applyChange(DEFAULTS_V1, { 'batch.B': 2, 'batch.S': 16 });
const SHORT: Experiment = applyChange(SMALL, { 'batch.S': 8 });
const CHECKPOINTS = [3, 7].map((step) => ({ step, bytes: 1, isPinned: false, at: 1 }));
const TEXT = { validation: 1 };
const KINDS: FigureRequest = { figure: 'kinds' };
const BITS: FigureRequest = { figure: 'bits' };

const stored = (id: string, experiment = SMALL) => ({
  row: makeRow(id, { name: id, experiment, steps: 7, checkpoints: CHECKPOINTS }),
  parts: NO_PARTS,
});

interface Opened extends TestLab, Instruments {
  stored: FakeLibrary;
  /** Subjects of the passes that were made. */
  passes(): unknown[];
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A lab with a run that is open and paused, unless there is none. */
async function open({ isOpen = true } = {}): Promise<Opened> {
  const library = fakeLibrary([stored('r1'), stored('r2'), stored('short', SHORT)]);
  const test = await testLab({ experiment: SMALL, library });
  const instruments = test.lab.instruments(createInstruments);
  closers.push(() => instruments.looks.close(), test.lab.close);
  if (isOpen) {
    await test.lab.commands.start();
    await test.lab.commands.pause();
  }
  await vi.waitFor(() => expect(test.lab.library.getState().rows).toHaveLength(3));
  const passes = () =>
    test.trainer.calls.flatMap(([name, of]) => {
      const { kind, subject } = (of ?? {}) as { kind: string; subject: unknown };
      return name === 'inspect' && kind === 'pass' ? [subject] : [];
    });
  return { ...test, ...instruments, stored: library, passes };
}

/** Until nothing is looked at any more. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 40));

describe('an entry', () => {
  const look = { step: 4 } as Look;
  const answer = (refusal: string): Answer => ({ result: null, refusal });
  const watched = (...lists: FigureRequest[][]) => {
    const entry = new Entry('a', TEXT);
    const notify = vi.fn();
    for (const requests of lists) entry.watchers.add({ requests, notify });
    return { entry, notify };
  };

  it('wants every request once, whoever asks', () => {
    const { entry } = watched([KINDS, BITS], [{ figure: 'kinds' }]);
    expect(entry.wanted).toEqual([KINDS, BITS]);
    expect(entry.missing).toEqual([KINDS, BITS]);
    expect(entry.answer(BITS)).toEqual({ result: null, refusal: null });
  });

  it('takes a look with its answers alone; those to the look before are void', () => {
    const { entry, notify } = watched([BITS]);
    entry.put([KINDS], [answer('old')]);
    entry.take('stamp', look, [BITS], [answer('new')]);
    expect(entry).toMatchObject({ look, stamp: 'stamp', problem: null });
    expect(entry.answer(BITS).refusal).toBe('new');
    expect(entry.answer(KINDS).refusal).toBeNull();
    expect(entry.missing).toEqual([]);
    expect(notify).toHaveBeenCalledTimes(2);
  });

  it('forgets what it saw where it fails, and waits for nothing', () => {
    const { entry } = watched([KINDS]);
    entry.take('one', look, [KINDS], [answer('x')]);
    entry.fail('two', 'lost');
    expect(entry).toMatchObject({ look: null, stamp: 'two', problem: 'lost' });
    expect(entry.missing).toEqual([]);
    entry.forget();
    expect(entry).toMatchObject({ stamp: null, problem: null });
    expect(entry.missing).toEqual([KINDS]);
  });

  it('asks anew for what compares two sides where the other is another', () => {
    const compared: FigureRequest[] = [
      { figure: 'difficult', quantiles: [0.5] },
      { figure: 'saturation' },
    ];
    const { entry } = watched([KINDS, ...compared]);
    entry.take('one', look, entry.wanted, []);
    entry.forgetCompared();
    expect(entry.missing).toEqual(compared);
  });
});

describe('looks', () => {
  it('keep what they saw of a text where somebody asks for something else of it', async () => {
    const { looks, passes } = await open();
    const first = looks.watch(TEXT, [KINDS], () => {});
    await vi.waitFor(() => expect(first.answers()[0]?.answers[0]?.result).toBeTruthy());
    first.stop();
    const second = looks.watch(TEXT, [BITS], () => {});
    expect(second.answers()[0]?.look).not.toBeNull();
    await vi.waitFor(() => expect(second.answers()[0]?.answers[0]?.result).toBeTruthy());
    expect(passes()).toHaveLength(1);
    second.stop();
    await settle();
    const third = looks.watch(TEXT, [BITS], () => {});
    expect(third.answers()[0]?.look).toBeNull();
    await vi.waitFor(() => expect(third.answers()[0]?.answers[0]?.result).toBeTruthy());
    expect(passes()).toHaveLength(2);
    third.stop();
  });

  it('never show an answer to an older step beside a newer look', async () => {
    const { looks, trainer } = await open();
    const kept = looks.watch(TEXT, [BITS], () => {});
    const seldom = looks.watch(TEXT, [KINDS], () => {});
    await vi.waitFor(() => expect(seldom.answers()[0]?.answers[0]?.result).toBeTruthy());
    const old = seldom.answers()[0]?.answers[0]?.result;
    seldom.stop();
    const before = kept.answers()[0]?.look?.step ?? 0;
    trainer.advance(3);
    await vi.waitFor(() => expect(kept.answers()[0]?.look?.step).toBe(before + 3));
    const again = looks.watch(TEXT, [KINDS], () => {});
    expect(again.answers()[0]?.answers[0]?.result).toBeNull();
    await vi.waitFor(() => expect(again.answers()[0]?.answers[0]?.result).toBeTruthy());
    expect(again.answers()[0]?.answers[0]?.result).not.toBe(old);
    for (const watch of [kept, again]) watch.stop();
  });

  it('do not look again where a run gets another name, or its row is written', async () => {
    const { looks, lab, passes, sides } = await open();
    await lab.library.getState().show('r1');
    const watch = looks.watch(TEXT, [KINDS], () => {});
    await vi.waitFor(() => expect(watch.answers()[0]?.answers[0]?.result).toBeTruthy());
    const before = passes().length;
    const [side] = sides.getState().sides;
    await lab.library.getState().change('r2', { note: 'x' });
    expect(sides.getState().sides[0]).toBe(side);
    await lab.library.getState().change('r1', { name: 'Renamed' });
    await vi.waitFor(() => expect(watch.answers()[0]?.side.name).toBe('Renamed'));
    await settle();
    expect(watch.answers()[0]?.look).not.toBeNull();
    expect(passes()).toHaveLength(before);
    watch.stop();
  });

  it('forget a run when another takes its place', async () => {
    const { looks, lab } = await open();
    const watch = looks.watch(TEXT, [KINDS], () => {});
    await vi.waitFor(() => expect(watch.answers()[0]?.look?.S).toBe(16));
    await lab.library.getState().show('short');
    expect(watch.answers()[0]?.look).toBeNull();
    await vi.waitFor(() => expect(watch.answers()[0]?.look?.S).toBe(8));
    lab.library.getState().hide();
    await vi.waitFor(() => expect(watch.answers()[0]?.look?.S).toBe(16));
    lab.config.getState().set({ experiment: SHORT });
    lab.run.setState({ report: null, phase: 'empty' as never });
    expect(watch.answers()[0]?.look).toBeNull();
    expect(watch.answers()[0]?.problem).toMatch(/press Start/);
    watch.stop();
  });

  it('refuse one request without the others', async () => {
    const { looks } = await open();
    const wrong: FigureRequest = { figure: 'interventions', items: [], of: -1 };
    const tau: FigureRequest = { figure: 'load', weights: 'tau' };
    const watch = looks.watch(TEXT, [KINDS, tau, BITS], () => {});
    await vi.waitFor(() => expect(watch.answers()[0]?.answers[2]?.result).toBeTruthy());
    expect(watch.answers()[0]?.answers[0]?.result).toBeTruthy();
    watch.stop();
    const { inspection } = await inspectionOf();
    const thread = createFiguresThread();
    await thread.hold('x', { inspection });
    await expect(thread.compute('y', null, [KINDS])).rejects.toThrow(
      'No inspection is held as "y".',
    );
    await expect(thread.finish('x', wrong, [inspection.ce])).rejects.toThrow('token -1');
    const [unfit, fit] = await thread.compute('x', null, [
      { figure: 'vocabulary', by: 'input', minCount: 0, top: 3 },
      KINDS,
    ]);
    expect(unfit).toEqual({ result: null, refusal: 'vocabulary: minCount 0 is below 1' });
    expect(fit?.result).toBeTruthy();
  });

  it('say what kept them from looking, and look again at the next step', async () => {
    const { looks, trainer } = await open();
    trainer.failNext('inspect', 'ConfigInvalid', 'Not now.');
    const watch = looks.watch(TEXT, [KINDS], () => {});
    await vi.waitFor(() => expect(watch.answers()[0]?.problem).toBe('Not now.'));
    trainer.advance(1);
    await vi.waitFor(() => expect(watch.answers()[0]?.look).toBeTruthy());
    expect(watch.answers()[0]?.problem).toBeNull();
    watch.stop();
  });

  it('read the tokens of side A on side B, and others where those change', async () => {
    const { looks, lab, sides } = await open();
    await lab.library.getState().show('r1');
    await sides.getState().compareWith({ run: 'r2', step: null });
    const watch = looks.watch(TEXT, [KINDS], () => {});
    const looked = () => watch.answers().map(({ look }) => look?.S);
    await vi.waitFor(() => expect(looked()).toEqual([16, 16]));
    await lab.library.getState().show('short');
    await vi.waitFor(() => expect(looked()).toEqual([8, 8]));
    const [a, b] = watch.answers();
    expect(b?.look?.tokens).toEqual(a?.look?.tokens);
    // Longer sequences than those of side B's run are refused with both numbers.
    await lab.library.getState().show('r1');
    await sides.getState().compareWith({ run: 'short', step: null });
    await vi.waitFor(() =>
      expect(watch.answers()[1]?.problem).toBe(
        'Its sequences have at most 8 tokens, those of the other run 16.',
      ),
    );
    watch.stop();
  });
});

/** An inspection of the fake model. */
async function inspectionOf() {
  const { trainer } = await open();
  return trainer.inspect('pass', { of: TEXT });
}

describe('sides', () => {
  it('are the shown run and the one that was chosen last, however long its records take', async () => {
    const { sides, lab } = await open();
    expect(sides.getState().sides.map(({ name, subject }) => [name, subject])).toEqual([
      ['This run', 'live'],
    ]);
    const { compareWith } = sides.getState();
    await Promise.all([
      compareWith({ run: 'r1', step: null }),
      compareWith({ run: 'r2', step: 3 }),
    ]);
    const named = () => sides.getState().sides.map(({ key, name }) => `${key} ${name}`);
    expect(named()).toEqual(['a This run', 'b r2, step 3']);
    await Promise.all([compareWith({ run: 'r1', step: null }), compareWith(null)]);
    expect(named()).toEqual(['a This run']);
    await compareWith({ run: 'nowhere', step: null });
    expect(sides.getState().against).toBeNull();
    await lab.library.getState().show('r1');
    sides.getState().setStep(3);
    expect(sides.getState().sides[0]?.subject).toEqual({ run: 'r1', step: 3 });
    // Another run is shown at its own last checkpoint.
    await lab.library.getState().show('r2');
    expect(sides.getState().sides[0]?.subject).toEqual({ run: 'r2', step: null });
  });
});

describe('texts', () => {
  it('are the validation text until there is one of the person’s own', () => {
    const fields = { text: 'own', batches: 3, own: '' } as const;
    expect(lookTextOf(fields)).toEqual({ validation: 3 });
    expect(lookTextOf({ ...fields, own: 'x' })).toEqual({ text: 'x' });
    expect(lookTextOf({ ...fields, own: 'x', text: 'validation' })).toEqual({ validation: 3 });
  });

  it('are read again in batches that fit, token by token', () => {
    const tokens = Int32Array.from({ length: 24 }, (_, i) => i);
    const look = { n: 1, B: 6, S: 4, tokens, targets: tokens, domains: tokens } as unknown as Look;
    const again = batchesOf(look, { B: 2, S: 8 });
    if (!('batches' in again)) throw new Error('no batches');
    expect(again.S).toBe(4);
    expect(again.batches.map(({ tokens }) => tokens.length)).toEqual([12, 12]);
    expect(again.batches.flatMap(({ tokens }) => [...tokens])).toEqual([...tokens]);
    expect(() => batchesOf(look, { B: 2, S: 3 })).toThrow(RangeError);
  });
});
