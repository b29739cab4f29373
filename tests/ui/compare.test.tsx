import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { syntheticRun } from '../../bench/syntheticRuns.ts';
import type { ComparedRun } from '../../src/analysis/compare/places.ts';
import { accountingOf } from '../../src/analysis/compare/spaces.ts';
import { Budget } from '../../src/ui/kit/charts/budget.ts';
import { LineCache } from '../../src/ui/views/compare/lines.ts';
import { columnsFor } from '../../src/ui/views/compare/paint.ts';
import { nameOfRow } from '../../src/ui/views/compare/useCompared.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { renderPage } from './render.tsx';

const NOW = Date.now();

async function withRuns(indices: readonly number[]) {
  const library = fakeLibrary(indices.map((i) => syntheticRun(i, 60, NOW)));
  const test = await renderPage({ room: 'runs', library });
  const panel = screen.getByRole('region', { name: 'Comparison' });
  await within(panel).findByRole('table');
  return { ...test, library, panel };
}

const heads = (panel: HTMLElement) =>
  within(panel)
    .getAllByRole('columnheader')
    .map(({ textContent }) => textContent);
const names = (panel: HTMLElement) =>
  [...panel.querySelectorAll('tr[data-runs] .compare-name')].map(({ textContent }) => textContent);
const press = (panel: HTMLElement, name: string | RegExp) =>
  fireEvent.click(within(panel).getByRole('button', { name }));

afterEach(() => vi.restoreAllMocks());

describe('Comparison', () => {
  it('has a row for every run, and a column for every setting that differs', async () => {
    const { panel } = await withRuns([0, 5, 10]);
    expect(names(panel)).toEqual(['baseline, seed 1', 'top-1, seed 1', 'top-4, seed 1']);
    expect(heads(panel).slice(0, 2)).toEqual(['Run', 'Slots per token K']);
    const row = within(panel).getByRole('row', { name: /top-4/ });
    expect(within(row).getAllByRole('cell')[0]?.textContent).toBe('4');
  });

  it('compares the runs that are chosen in the library, where any is', async () => {
    const { panel, lab } = await withRuns([0, 1, 5]);
    act(() => lab.library.getState().select(['synthetic-5', 'synthetic-0']));
    await waitFor(() => expect(names(panel)).toEqual(['baseline, seed 1', 'top-1, seed 1']));
  });

  it('is ordered by any column', async () => {
    const { panel } = await withRuns([10, 0, 5]);
    press(panel, 'Slots per token K');
    await waitFor(() =>
      expect(names(panel)).toEqual(['top-1, seed 1', 'baseline, seed 1', 'top-4, seed 1']),
    );
    press(panel, /Slots per token K/);
    await waitFor(() => expect(names(panel)[0]).toBe('top-4, seed 1'));
    press(panel, 'Run');
    await waitFor(() => expect(names(panel)[0]).toBe('baseline, seed 1'));
  });

  it('folds seeds into a mean with its deviation and number', async () => {
    const { panel } = await withRuns([0, 1, 2, 5]);
    press(panel, 'Fold seeds');
    await waitFor(() => expect(names(panel)).toEqual(['baselinen = 3', 'top-1, seed 1']));
    const row = within(panel).getByRole('row', { name: /baseline/ });
    expect(row.textContent).toMatch(/\d\.\d{3} ± 0\.\d{3}/);
  });

  it('groups by a setting that differs', async () => {
    const { panel } = await withRuns([0, 1, 5]);
    fireEvent.change(within(panel).getByLabelText('Group by'), { target: { value: 'router.K' } });
    await waitFor(() =>
      expect(
        [...panel.querySelectorAll('.compare-group')].map(({ textContent }) => textContent),
      ).toEqual(['Slots per token 1 1', 'Slots per token 2 2']),
    );
  });

  it('leaves out columns in which all are alike', async () => {
    const { panel } = await withRuns([0, 5]);
    expect(heads(panel)).toContain('Steps');
    press(panel, 'Differences only');
    await waitFor(() => expect(heads(panel)).not.toContain('Steps'));
    expect(heads(panel)).toContain('Slots per token K');
  });

  it('takes any column, and keeps the choice in the address', async () => {
    const { panel, bar } = await withRuns([0, 5]);
    press(panel, 'Columns of the table');
    const box = await screen.findByRole('dialog');
    fireEvent.change(within(box).getByRole('searchbox'), { target: { value: 'activation' } });
    fireEvent.click(within(box).getByLabelText('Activation rate'));
    await waitFor(() => expect(heads(panel)).toContain('Activation rate'));
    await waitFor(() => expect(bar.fragment).toContain('compare.columns=setting.router.K,steps'));
    expect(bar.fragment).toContain(',rate');
  });

  it('reads routing when a load figure is asked for, not before', async () => {
    const { panel, library, lab } = await withRuns([0, 5]);
    expect(library.calls.some(([name]) => name === 'parts')).toBe(false);
    act(() => lab.view.getState().setOwn('compare', { columns: ['load.cv'] }));
    await waitFor(() => expect(library.calls.filter(([name]) => name === 'parts')).toHaveLength(2));
    expect(heads(panel)).toEqual(['Run', 'Coefficient of variation']);
  });

  it('reads metrics at the pinned step', async () => {
    const { panel, lab } = await withRuns([0]);
    act(() => lab.view.getState().setOwn('compare', { columns: ['at.ce'] }));
    const cell = () => panel.querySelector('tr[data-runs] td')?.textContent;
    const { curves } = syntheticRun(0, 60, NOW).parts;
    await waitFor(() => expect(cell()).toBe(curves.ce?.values[59]?.toFixed(3)));
    act(() => lab.view.getState().set({ scrub: 20 }));
    await waitFor(() => expect(cell()).toBe(curves.ce?.values[19]?.toFixed(3)));
    press(panel, 'Unpin');
    await waitFor(() => expect(cell()).toBe(curves.ce?.values[59]?.toFixed(3)));
  });

  it('lights a run everywhere', async () => {
    const { panel, lab } = await withRuns([0, 5]);
    const row = within(panel).getByRole('row', { name: /top-1/ });
    fireEvent.pointerOver(row.querySelector('td')!);
    expect([...lab.library.getState().lit]).toEqual(['synthetic-5']);
    await waitFor(() => expect(row.className).toBe('lit'));
    const listed = document.querySelector('tr[data-run="synthetic-5"]');
    await waitFor(() => expect(listed?.className).toContain('lit'));
  });

  it('sets experiments beside each other, and marks what differs', async () => {
    const { panel } = await withRuns([0, 5]);
    press(panel, 'JSON');
    const json = await within(panel).findByRole('region', { name: 'Experiments as JSON' });
    within(json).getByText(/1 value differs/);
    expect(json.textContent).toContain('router.K: 2');
    expect(json.textContent).toContain('router.K: 1');
    fireEvent.click(within(json).getByLabelText(/only what differs/));
    await waitFor(() => expect(json.querySelectorAll('tbody tr').length).toBeGreaterThan(50));
    expect(json.querySelectorAll('tr.different')).toHaveLength(1);
  });

  it('gives the table as a file', async () => {
    const { panel } = await withRuns([0, 5]);
    const parts: BlobPart[] = [];
    vi.stubGlobal(
      'Blob',
      class {
        constructor(content: BlobPart[]) {
          parts.push(...content);
        }
      },
    );
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
    press(panel, 'Export the comparison as CSV');
    vi.unstubAllGlobals();
    expect(parts.join('')).toMatch(/^run,setting\.router\.K,steps,last\.ce/);
    expect(parts.join('').trim().split('\n')).toHaveLength(3);
  });

  it('has the charts that are asked for, with every axis', async () => {
    const { panel, lab } = await withRuns([0, 5]);
    within(panel).getByRole('slider', { name: 'Step cursor of Training loss' });
    act(() => lab.view.getState().setOwn('compare', { metrics: ['gradNorm'] }));
    await within(panel).findByRole('slider', { name: 'Step cursor of Gradient norm' });
    const axis = within(panel).getByLabelText('x:');
    fireEvent.change(axis, { target: { value: 'realised' } });
    await within(panel).findByText(
      '2 runs without known realised FLOPs are left out of the charts',
    );
    fireEvent.change(axis, { target: { value: 'tokens' } });
    await waitFor(() => expect(within(panel).queryByText(/left out/)).toBeNull());
  });
});

describe('lines of compared runs', () => {
  const compared = (i: number): ComparedRun => {
    const { row, parts } = syntheticRun(i, 60, NOW);
    return { row, curves: parts.curves, accounting: accountingOf(row), routing: null };
  };
  const options = { metric: 'ce', unit: 'tokens', perPlace: 1024, smoothing: 0 } as const;
  const all = () => new Budget(Number.POSITIVE_INFINITY);

  it('are worked out once, as far as the budget goes', () => {
    const cache = new LineCache();
    const rows = [{ runs: [compared(0), compared(1)] as const }, { runs: [compared(5)] as const }];
    const [folded, single] = cache.lines(rows, options, all());
    expect(folded).toMatchObject({ label: 'baseline (n = 2)', stretch: 1, run: 'baseline' });
    expect(folded?.deviation).toHaveLength(60);
    expect(single?.deviation).toBeUndefined();
    const again = cache.lines(rows, options, all());
    expect(again[0]?.owner).toBe(folded?.owner);
    const short = new Budget(30);
    const smoothed = cache.lines(rows, { ...options, smoothing: 0.5 }, short);
    expect(smoothed[0]?.values).toHaveLength(30);
    expect(short.isShort).toBe(true);
  });

  it('of the same name are told apart', () => {
    const [a, b] = [compared(0), compared(1)];
    const twin = { ...b, row: { ...b.row, name: a.row.name } };
    const keys = new LineCache()
      .lines([{ runs: [a] }, { runs: [twin] }], options, all())
      .map(({ key }) => key);
    expect(keys).toEqual(['baseline, seed 1', 'baseline, seed 1 (2)']);
  });

  it('have the name that several runs begin with', () => {
    const named = (name: string) => ({ ...compared(0), row: { ...compared(0).row, name } });
    const of = (...all: [string, ...string[]]) => {
      const [first, ...others] = all;
      return nameOfRow({ runs: [named(first), ...others.map(named)] });
    };
    expect(of('top-1, seed 1', 'top-1, seed 2')).toBe('top-1');
    expect(of('Run 11', 'Run 12')).toBe('Run');
    expect(of('alpha', 'beta')).toBe('alpha');
    expect(of('alone')).toBe('alone');
  });

  it('are drawn with fewer columns the more they are', () => {
    expect(columnsFor(2, 900)).toBe(900);
    expect(columnsFor(200, 900)).toBe(150);
    expect(columnsFor(10_000, 900)).toBe(120);
  });
});
