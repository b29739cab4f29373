import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../bench/syntheticRuns.ts';
import type { FigureValue } from '../../src/analysis/figures/figure.ts';
import { type FigureRequest, figureValues } from '../../src/analysis/figures.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { seriesCsv } from '../../src/ui/kit/charts/exporters.ts';
import { formatValue } from '../../src/ui/kit/figure/formats.ts';
import { linesTable } from '../../src/ui/kit/figure/LinesTable.tsx';
import { type Choice, seriesOf } from '../../src/ui/views/overtime/lines.ts';
import { METRICS, metricById } from '../../src/ui/views/overtime/metrics.ts';
import type { TestLab } from '../state/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { firstBatch, rawExport, rawFigures, rawRun } from '../support/rawPass.ts';
import { RAW_EVERY, RAW_RUNS, TRAINED, TRAINED_FILES } from '../support/rawRuns.ts';
import { trainedMetrics, trainedSteps } from '../support/rawTrained.ts';
import { madeFigures } from '../support/reports.ts';
import { renderPage } from './render.tsx';
import { renderView } from './renderView.tsx';

const EXPERIMENT = applyChange(DEFAULTS_V1, { 'evaluation.every': 25 });

async function openView(options: Parameters<typeof renderPage>[0] = {}) {
  const test = await renderPage({ experiment: EXPERIMENT, room: 'routing', ...options });
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(120));
  return controls(test);
}

/** The view that is open, and what a person does in it. */
async function controls(test: TestLab) {
  const panel = await screen.findByLabelText('Over training time');
  await within(panel).findByLabelText('Figure');
  const choose = (label: string, value: string) =>
    fireEvent.change(within(panel).getByLabelText(label), { target: { value } });
  /** Cells of the table behind the large chart, by step. */
  const table = async () => {
    const summary = panel.querySelector('summary[aria-label^="Table of"]')!;
    const details = summary.closest('details')!;
    if (!details.open) {
      details.open = true;
      fireEvent(details, new Event('toggle'));
    }
    await within(panel).findByLabelText(/^Numbers of/);
    return [...details.querySelectorAll('tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? ''),
    );
  };
  return { ...test, panel, choose, table };
}

/** The passes of which the small run's rows were recorded: its raw exports, one batch of each. */
const PASSES = [rawExport(TRAINED_FILES.earlier), rawRun(TRAINED)].map(firstBatch);
const STEPS = [RAW_EVERY, 2 * RAW_EVERY];

/** A field of a layer, as the analysis of a raw export has it. */
function exported(at: number, place: number, field: string, element = 0): number {
  const [id = '', name = ''] = field.split('.');
  if (id === 'saturation' && at === 0) return Number.NaN;
  const inputs =
    id === 'saturation'
      ? { inspection: PASSES[at - 1]!, reference: PASSES[at]! }
      : { inspection: PASSES[at]! };
  const request = id === 'load' ? { figure: id, weights: 'uniform' } : { figure: id };
  const { layers } = figureValues(request as FigureRequest, inputs);
  const value = (layers[place]!.values as Readonly<Record<string, FigureValue>>)[name]!;
  return typeof value === 'number' ? value : value.data[element]!;
}

/** The view over the small run, with the rows that its training recorded. */
async function openRecorded() {
  const test = await renderView('overtime', { experiment: RAW_RUNS[TRAINED] });
  await act(() => test.lab.commands.start());
  act(() => {
    const records = trainedSteps(trainedMetrics(), 1, 2 * RAW_EVERY);
    test.trainer.emit({ type: 'steps', records, tokensPerSec: 1, stepsPerSec: 1 });
    for (const figures of rawFigures()) test.trainer.emit({ type: 'figures', figures });
  });
  return controls(test);
}

describe('over training time', () => {
  it('shows of every figure what the raw exports of its steps give, layer by layer', async () => {
    const { lab, choose, table } = await openRecorded();
    expect(lab.source.figuresOver().map(({ step }) => step)).toEqual(STEPS);
    const places = [...PASSES[0]!.layers.keys()];
    for (const { id, lines, format, field } of METRICS) {
      if (lines !== 'layer' || field === null || id === 'drops.rate') continue;
      choose('Figure', id);
      const cells = await table();
      const want = [1, 0].map((at) => [
        formatValue(STEPS[at]!, 'count'),
        ...places.map((place) => formatValue(exported(at, place, field), format)),
      ]);
      expect(
        cells.map((row) => row.slice(0, 1 + places.length)),
        id,
      ).toEqual(want);
    }
  });

  it('shows the load of every slot of a layer, at all ranks or at one', async () => {
    const { lab, panel, choose, table } = await openRecorded();
    const last = lab.source.figuresOver().at(-1)!;
    choose('Figure', 'load.counts');
    choose('Layers', String(last.layers[1]!.layer));
    const slots = Array.from({ length: last.layers[1]!.R }, (_, slot) => slot);
    const first = async () =>
      (await table())[0]!.slice(1).map((text) => Number(text.replace(',', '')));
    expect(await first()).toEqual(slots.map((slot) => exported(1, 1, 'load.total', slot)));
    choose('Ranks', '1');
    const R = slots.length;
    expect(await first()).toEqual(slots.map((slot) => exported(1, 1, 'load.counts', R + slot)));
    expect(panel.textContent).toContain(
      `Load of each slot, layer ${last.layers[1]!.layer}, rank 1`,
    );
  });

  it('shows training steps where they are asked for, and says which text it is', async () => {
    const { lab, panel, choose, table } = await openView();
    choose('Figure', 'workload.computingMean');
    expect(panel.textContent).toContain('of one validation batch, the same at every point');
    choose('Measured on', 'training');
    expect(panel.textContent).toContain('of each training step’s own batch');
    await waitFor(async () => expect((await table())[0]![0]).toBe('120'));
    const line = lab.source.line('computing.1');
    expect((await table())[0]![2]).toBe(
      formatValue(line.values[line.values.length - 1]!, 'decimal'),
    );
    // What steps do not tell stays that of validation.
    choose('Figure', 'scores.margin');
    expect(panel.textContent).toContain('of one validation batch, the same at every point');
  });

  it('says of figures of a validation batch that they are not causal, and of no others', async () => {
    const pool = { size: 4, evaluation: 4 };
    const experiment = applyChange(EXPERIMENT, { 'router.pool': pool });
    const { panel, choose, trainer } = await openView({ experiment });
    choose('Figure', 'load.counts');
    expect(panel.textContent).toContain('of one validation batch, not causal, the same');
    expect(panel.textContent).toContain('Load of each slot, layer 0, not causal');
    choose('Measured on', 'training');
    expect(panel.textContent).not.toContain('Load of each slot, layer 0, not causal');
    choose('Measured on', 'validation');
    await act(() => trainer.change({ 'router.pool': null }));
    await waitFor(() => expect(panel.textContent).toContain('layer 0, in part not causal'));
  });

  it('pins one step in all charts, and leads to the heat map', async () => {
    const { lab, panel } = await openView();
    act(() => lab.view.getState().set({ scrub: 50 }));
    await waitFor(() => expect(panel.textContent).toContain('pinned at step 50'));
    for (const group of panel.querySelectorAll<HTMLDetailsElement>('.overtime-group:not([open])')) {
      group.open = true;
      fireEvent(group, new Event('toggle'));
    }
    const charts = panel.querySelectorAll('.chart-frame');
    expect(charts.length).toBeGreaterThan(15);
    await waitFor(() => expect(panel.querySelectorAll('.pin')).toHaveLength(charts.length));
    fireEvent.click(within(panel).getByText('Load as a heat map'));
    await waitFor(() =>
      expect(document.activeElement?.getAttribute('aria-label')).toBe('Load over steps'),
    );
  });

  it('draws a second run beside', async () => {
    const { row, parts } = syntheticRun(0, 10, 0);
    const checkpoints = [{ step: 10, bytes: 1, isPinned: false, at: 1 }];
    const library = fakeLibrary([
      {
        row: { ...row, name: 'the other', checkpoints },
        parts: { ...parts, figures: madeFigures(2, 4) },
      },
    ]);
    const { panel, choose } = await openView({ library });
    await waitFor(() => within(panel).getByLabelText('Beside'));
    choose('Beside', row.id);
    await within(panel).findByRole('heading', { name: 'the other' });
    expect(panel.querySelectorAll('.figure-side')).toHaveLength(2);
  });
});

describe('the lines of a figure', () => {
  const choice: Choice = { place: null, rank: null, on: 'validation' };

  it('leave what is undefined empty, on the page and in the file', async () => {
    const { lab } = await openView();
    const churn = seriesOf(metricById('saturation.churn'), lab.source, choice);
    expect(linesTable(churn, 'percent').rows.at(-1)?.slice(1).every(Number.isNaN)).toBe(true);
    const [, first] = [...seriesCsv(churn)].join('').split('\n');
    expect(first).toBe(`25${','.repeat(churn.length)}`);
  });

  it('have all digits in the file', async () => {
    const { lab } = await openRecorded();
    const places = [...PASSES[0]!.layers.keys()];
    for (const metric of METRICS.filter(({ lines, field }) => lines === 'layer' && field)) {
      const series = seriesOf(metric, lab.source, choice);
      const [, ...written] = [...seriesCsv(series)].join('').trim().split('\n');
      for (const [at, step] of STEPS.entries()) {
        const cells = written[at]!.split(',').map((text) => (text === '' ? NaN : Number(text)));
        const want = places.map((place) => exported(at, place, metric.field!));
        expect(cells.slice(0, 1 + want.length), metric.id).toEqual([step, ...want]);
      }
    }
  });
});
