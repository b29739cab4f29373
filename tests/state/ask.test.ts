import { expect, it, vi } from 'vitest';
import { askFigure, type FigureRequest } from '../../src/analysis/figures.ts';
import type { Intervention } from '../../src/analysis/inspection.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { createInstruments } from '../../src/state/looks/instruments.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { testLab } from './support.ts';

const SMALL = applyChange(DEFAULTS_V1, { 'batch.B': 2, 'batch.S': 16 });
const OF = { sequence: 1, text: null };
const mask = (token: number): Intervention => ({
  type: 'scale',
  layer: 0,
  token,
  slot: 0,
  factor: 0,
});
const whatIf = (token: number) =>
  ({ figure: 'interventions', items: [mask(token)], of: token }) as const;

async function open() {
  const checkpoints = [{ step: 7, bytes: 1, isPinned: false, at: 1 }];
  const row = makeRow('r1', { experiment: SMALL, checkpoints });
  const test = await testLab({
    experiment: SMALL,
    library: fakeLibrary([{ row, parts: NO_PARTS }]),
  });
  const instruments = test.lab.instruments(createInstruments);
  await test.lab.commands.start();
  await test.lab.commands.pause();
  const [side] = instruments.sides.getState().sides;
  const asked = () =>
    test.trainer.calls.flatMap(([name, of]) => {
      if (/Copy/.test(name)) return [name];
      if (name !== 'inspect') return [];
      const { kind, subject } = of as { kind: string; subject: unknown };
      return [`${kind} ${JSON.stringify(subject)}`];
    });
  return { ...test, ...instruments, side: side!, asked };
}

it('asks few interventions of a live run in one turn, without a copy', async () => {
  const { ask, side, asked, trainer } = await open();
  const { result, look } = await ask(side, OF, whatIf(3));
  expect(asked()).toEqual(['pass "live"', 'vocabulary "live"']);
  expect(look).toMatchObject({ n: 1, B: 1, S: 16 });
  const { inspection } = await trainer.inspect('pass', { of: OF });
  const expected = await askFigure(whatIf(3), { inspection }, async (items) => {
    const { ce } = await trainer.inspect('losses', { of: OF, requests: [items] });
    return ce[0]!;
  });
  expect(result).toEqual(expected);
  expect(result.values.own).toBeCloseTo(0.11, 5);
});

it('asks many on a copy, pass by pass, and lets it go', async () => {
  const { askAll, side, asked } = await open();
  const progress: string[] = [];
  const { results } = await askAll(side, OF, [1, 2, 3].map(whatIf), {
    onProgress: (done, total) => progress.push(`${done}/${total}`),
  });
  expect(results.map(({ values }) => values.own.toFixed(2))).toEqual(['0.11', '0.11', '0.11']);
  expect(progress).toEqual(['0/3', '1/3', '2/3', '3/3']);
  const copy = '{"copy":1}';
  expect(asked()).toEqual([
    'takeCopy',
    `pass ${copy}`,
    `vocabulary ${copy}`,
    ...[1, 2, 3].map(() => `losses ${copy}`),
    'letCopyGo',
  ]);
});

it('asks figures whose passes the inspection tells on a copy, of a stored run without', async () => {
  const { ask, side, sides, asked, lab } = await open();
  const request: FigureRequest = { figure: 'contribution', n: 1, seed: 1 };
  await ask(side, OF, request);
  expect(asked()[0]).toBe('takeCopy');
  expect(asked().at(-1)).toBe('letCopyGo');
  const before = asked().length;
  await lab.library.getState().read();
  await lab.library.getState().show('r1');
  await ask(sides.getState().sides[0]!, OF, request);
  expect(
    asked()
      .slice(before)
      .some((name) => /Copy/.test(name)),
  ).toBe(false);
});

it('ends where it is cancelled or refused, and lets the copy go all the same', async () => {
  const { askAll, side, asked, trainer } = await open();
  const control = new AbortController();
  const cancelled = askAll(side, OF, [1, 2, 3].map(whatIf), {
    signal: control.signal,
    onProgress: (done) => {
      if (done === 1) control.abort(new Error('enough'));
    },
  });
  await expect(cancelled).rejects.toThrow('enough');
  expect(asked().filter((name) => name.startsWith('losses'))).toHaveLength(2);
  expect(asked().at(-1)).toBe('letCopyGo');
  trainer.failNext('letCopyGo', 'Error', 'gone');
  await expect(askAll(side, OF, [1, 2, 99].map(whatIf))).rejects.toThrow(
    'Intervention 0 (scale): token 99 does not exist; 0 … 15 are possible.',
  );
  await vi.waitFor(() => expect(asked().at(-1)).toBe('letCopyGo'));
});

it('answers what-if of one turn: the change, and both paths', async () => {
  const { whatIf: askWhatIf, side, asked, trainer } = await open();
  const { inspection } = await trainer.inspect('pass', { of: OF });
  const before = asked().length;
  const slot = inspection.layers[0]!.selected[5 * 2]!;
  const items: Intervention[] = [{ type: 'scale', layer: 0, token: 5, slot, factor: 0 }];
  const { step, changes, without, with: changed } = await askWhatIf(side, OF, { items, of: 5 });
  expect(asked().slice(before)).toEqual(['pass "live"']);
  expect(step).toBe(0);
  expect(changes.values.own).toBeCloseTo(0.11, 5);
  const norm = (paths: typeof without) => paths.tokens.layers[0]?.values.norms.data[10];
  expect(norm(without)).toBe(inspection.layers[0]!.norms[10]);
  expect(norm(changed)).toBe(0);
  expect(without.tokens.values.ce.data).toEqual(Float64Array.from(inspection.ce));
  await expect(askWhatIf(side, OF, { items: [mask(16)] })).rejects.toThrow('token 16');
  await expect(
    askWhatIf(side, OF, { items }, { signal: AbortSignal.abort(new Error('no')) }),
  ).rejects.toThrow('no');
});
