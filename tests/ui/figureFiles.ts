/** What figures of a page show in their tables and write to their files. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import Papa from 'papaparse';
import { expect, vi } from 'vitest';
import type { FigureInputs, FigureTensor } from '../../src/analysis/figures/figure.ts';
import type { LookText } from '../../src/state/looks/looked.ts';
import { answerFrom } from '../support/fakePass.ts';
import { rawBatch, rawPass, rawRun } from '../support/rawPass.ts';
import { RAW_RUNS, type RawRun } from '../support/rawRuns.ts';
import { batchesFrom } from './fakeInspect.ts';
import type { FakeTrainer } from './fakeTrainer.ts';
import { renderView } from './renderView.tsx';

answerFrom(rawPass);
batchesFrom(rawBatch);

/** By its heading: roles of drawings with hundreds of cells take seconds to look up. */
async function figureOf(panel: HTMLElement, title: string): Promise<HTMLElement> {
  const figure = (await within(panel).findByText(title, { selector: 'h3, h4' })).closest('figure');
  if (figure === null) throw new Error(`“${title}” is no figure`);
  return figure;
}

/** Opens the table behind a figure: its first rows, as many as its box shows, titles first. */
export async function tableOf(panel: HTMLElement, title: string): Promise<string[][]> {
  const figure = await figureOf(panel, title);
  const details = figure.querySelector('details');
  if (details === null) throw new Error(`“${title}” has no table`);
  details.open = true;
  fireEvent(details, new Event('toggle'));
  const table = await waitFor(() => {
    const opened = details.querySelector('table');
    if (opened === null) throw new Error(`the table of “${title}” is closed`);
    return opened;
  });
  return [...table.querySelectorAll('tr')].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => cell.textContent ?? ''),
  );
}

/** The CSV file of a figure: a record per row, by column. */
export async function csvOf(panel: HTMLElement, title: string): Promise<Record<string, string>[]> {
  const figure = await figureOf(panel, title);
  const saved = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:figure');
  try {
    // The first press brings the menu; one that was open before opens by key.
    const button = within(figure).getByLabelText(`Export ${title}`);
    fireEvent.click(button);
    fireEvent.keyDown(button, { key: 'Enter' });
    fireEvent.click(await screen.findByText('CSV, all digits'));
    await waitFor(() => expect(saved).toHaveBeenCalled());
    const [blob] = saved.mock.calls[0] ?? [];
    if (!(blob instanceof Blob)) throw new Error('no file was saved');
    const text = await blob.text();
    return Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
  } finally {
    saved.mockRestore();
  }
}

/** What figures of the fake trainer's open run are computed of. */
export async function inputsOf(trainer: FakeTrainer, of: LookText): Promise<FigureInputs> {
  const { inspection } = await trainer.inspect('pass', { of });
  const { texts } = await trainer.inspect('vocabulary', null);
  return { inspection, texts };
}

/** What figures of a small run are computed of: what `npm run analyse -- --raw` wrote of it. */
export function rawInputs(run: RawRun): FigureInputs {
  const { inspection, texts, tau } = rawRun(run);
  return { inspection, texts, tau };
}

/** A view, a small run behind it, and what its figures are computed of: its raw export. */
export async function openLook(id: string, run: RawRun = 'moepp-8+4') {
  const test = await renderView(id, { experiment: RAW_RUNS[run] });
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.pause());
  return { ...test, inputs: rawInputs(run) };
}

/** Numbers of a column, NaN where it is empty, equal those of a tensor, row by row. */
export function expectColumn(
  rows: readonly Record<string, string>[],
  column: string,
  wanted: Pick<FigureTensor, 'data'> | readonly number[],
): void {
  const want = [...('data' in wanted ? wanted.data : wanted)];
  expect(rows, column).toHaveLength(want.length);
  for (const [i, row] of rows.entries()) {
    const text = row[column];
    expect(text, `${column} ${i}`).toBeDefined();
    const value = text === '' ? Number.NaN : Number(text);
    if (Number.isNaN(want[i])) expect(value, `${column} ${i}`).toBeNaN();
    else expect(Math.abs(value - want[i]!), `${column} ${i}`).toBeLessThanOrEqual(1e-12);
  }
}
