import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { isComputing } from '../../src/config/slots.ts';
import {
  formatCount,
  formatFixed,
  formatLoss,
  formatPercent,
  formatRatio,
  formatShort,
  formatWholePercent,
} from '../../src/ui/kit/format.ts';
import { RAW_RUNS, TRAINED } from '../support/rawRuns.ts';
import { trainedMetrics, trainedSteps } from '../support/rawTrained.ts';
import { tableOf } from './figureFiles.ts';
import { renderPage } from './render.tsx';

/** What views show of training equals what `npm run experiment -- --out` wrote of it. */

const metrics = trainedMetrics();
const { scalars, loads, layers, domains, validation } = metrics;
const experiment = RAW_RUNS[TRAINED];
const T = experiment.batch.B * experiment.batch.S;
const LAST = scalars.ce.length;
/** A step in the middle, and a layer: by its place. */
const [STEP, PLACE] = [37, 1];
const { kinds } = layers[PLACE]!;

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Assignments of every slot of a layer at a step, dropped ones included. */
const countsAt = (place: number, step: number) =>
  kinds.map((_, r) => sum(loads[place]!.assignments[step - 1]!.map((rank) => rank[r]!)));

async function openRoom(room: string) {
  const test = await renderPage({ room, experiment });
  await act(() => test.lab.commands.start());
  const rates = { tokensPerSec: 1, stepsPerSec: 1 };
  act(() => {
    test.trainer.emit({ type: 'steps', records: trainedSteps(metrics), ...rates });
    for (const one of validation) test.trainer.emit({ type: 'validation', ...one });
  });
  await act(() => test.lab.commands.pause());
  const region = (name: string) => screen.getByRole('region', { name });
  return { ...test, region };
}

const texts = (cells: Iterable<Element>) => [...cells].map((cell) => cell.textContent);

it('shows loads of a step by layer, slot and domain', async () => {
  const { lab, region } = await openRoom('routing');
  act(() => lab.view.getState().set({ scrub: STEP, layer: layers[PLACE]!.layer }));
  const table = region('Load per expert');
  await within(table).findByText(`step ${STEP}`);
  const of = loads[PLACE]!;
  const counts = countsAt(PLACE, STEP);
  const A = sum(counts);
  expect(A).toBe(2 * T);
  const weights = kinds.map((kind) => (isComputing(kind) ? experiment.router.tau : 1));
  const ratios = counts.map((count, r) => (count * sum(weights)) / (A * weights[r]!));
  const cells = (metric: string) =>
    texts(table.querySelectorAll(`tbody td[data-metric="${metric}"]`));
  expect(cells('tokens')).toEqual(counts.map(formatCount));
  expect(cells('share')).toEqual(counts.map((count) => formatPercent(count / A)));
  expect(cells('ratio')).toEqual(ratios.map(formatRatio));
  const three = (value: number) => formatFixed(value, 3);
  expect(cells('meanGate')).toEqual(of.meanGate[STEP - 1]!.map(three));
  expect(cells('drops')).toEqual(of.drops[STEP - 1]!.map(formatCount));
  const dropped = sum(of.drops[STEP - 1]!);
  expect(dropped).toBeGreaterThan(0);

  const figure = (metric: string) => table.querySelector(`dd[data-metric="${metric}"]`)?.textContent;
  const shares = counts.map((count) => count / A).filter((share) => share > 0);
  const entropy = -sum(shares.map((share) => share * Math.log(share)));
  const mean = sum(ratios) / ratios.length;
  const deviation = Math.sqrt(sum(ratios.map((r) => (r - mean) ** 2)) / ratios.length);
  expect(figure('maxViolation')).toBe(formatPercent(Math.max(...ratios) - 1));
  expect(figure('minViolation')).toBe(formatPercent(Math.min(...ratios) - 1));
  expect(figure('cv')).toBe(three(deviation / mean));
  expect(figure('entropy')).toBe(three(entropy));
  expect(figure('effectiveExperts')).toBe(formatPercent(Math.exp(entropy) / kinds.length));
  expect(figure('dead')).toBe(formatCount(counts.filter((count) => count === 0).length));
  expect(figure('dropRate')).toBe(formatPercent(dropped / A));
  const kept = counts.map((count, r) => count - of.drops[STEP - 1]![r]!);
  const computing = sum(kept.filter((_, r) => isComputing(kinds[r]!)));
  expect(figure('computingPerToken')).toBe(three(computing / T));

  const rows = region('Load by layer and slot').querySelectorAll('table.heat tbody tr');
  for (const [place, row] of [...rows].entries()) {
    const told = [...row.querySelectorAll('td')].map((cell) => cell.title);
    const shown = countsAt(place, STEP);
    expect(told.map((title) => title.match(/: ([\d,]+) assignments/)?.[1])).toEqual(
      shown.map(formatCount),
    );
  }

  const matrix = region('Routing by domain').querySelectorAll('.domains-matrix tbody tr');
  const byDomain = of.domains[STEP - 1]!;
  const totals = domains.map((_, d) => sum(byDomain.map((slot) => slot[d]!)));
  expect([...matrix].map((row) => texts(row.querySelectorAll('td')))).toEqual(
    byDomain.map((slot) =>
      slot.map((count, d) => formatWholePercent(count / totals[d]!).replace('%', '')),
    ),
  );
});

it('shows balance, kinds, computing experts and drops of every step', async () => {
  const { lab, region } = await openRoom('routing');
  act(() => lab.view.getState().set({ layer: layers[PLACE]!.layer }));
  const R = kinds.length;
  const maxVio = (counts: readonly number[]) => (Math.max(...counts) * R) / sum(counts) - 1;
  const three = (value: number) => formatFixed(value, 3);
  const steps = Array.from({ length: LAST }, (_, i) => LAST - i);
  const together = (step: number) => {
    const window = Array.from({ length: Math.min(16, step) }, (_, i) => countsAt(PLACE, step - i));
    return kinds.map((_, r) => sum(window.map((counts) => counts[r]!)));
  };
  const balance = region('Balance over training');
  const rowsOf = async (title: string) => {
    const [, ...rows] = await linesOf(balance, title);
    expect(rows.length).toBeGreaterThan(9);
    return rows;
  };
  const vio = await rowsOf(`MaxVio, layer ${layers[PLACE]!.layer}`);
  expect(vio).toEqual(
    steps
      .slice(0, vio.length)
      .map((step) => [
        formatCount(step),
        three(maxVio(countsAt(PLACE, step))),
        three(maxVio(together(step))),
      ]),
  );
  const slots = await rowsOf(`Load by slot, layer ${layers[PLACE]!.layer}`);
  expect(slots).toEqual(
    steps
      .slice(0, slots.length)
      .map((step) => [
        formatCount(step),
        ...countsAt(PLACE, step).map((count, _, all) => three((count * R) / sum(all))),
      ]),
  );

  const routing = region('Routing over steps');
  const kept = layers.map((_, place) =>
    sum(
      countsAt(place, LAST).map((count, r) =>
        isComputing(kinds[r]!) ? count - loads[place]!.drops[LAST - 1]![r]! : 0,
      ),
    ),
  );
  const mean = sum(kept) / T / layers.length;
  await waitFor(() => expect(routing.textContent).toContain(`Computing experts${formatShort(mean)}`));
  const drops = sum(loads.map((of) => sum(of.drops[LAST - 1]!)));
  expect(routing.textContent).toContain(`Drops per step${formatCount(drops)}`);
  const zero = sum(layers.map((_, place) => countsAt(place, LAST)[kinds.indexOf('zero')]!));
  expect(routing.textContent).toContain(`zero${formatPercent(zero / (2 * T * layers.length))}`);
});

it('shows losses, norm and rate of the last step, and what of its loads is not well', async () => {
  const { lab, region } = await openRoom('train');
  const charts = region('Training charts');
  const last = (name: 'ce' | 'gradNorm' | 'lr' | 'heterogeneous') => scalars[name].at(-1)!;
  await waitFor(() => expect(charts.textContent).toContain(`train${formatLoss(last('ce'))}`));
  const { ce } = validation.at(-1)!;
  expect(charts.textContent).toContain(`validation${formatLoss(ce)}`);
  const line = (name: 'gradNorm' | 'lr' | 'heterogeneous') => lab.source.line(name).values;
  for (const name of ['gradNorm', 'lr', 'heterogeneous'] as const)
    expect([...Array.from(line(name))]).toEqual(scalars[name].map(Math.fround));
  expect(charts.textContent).toContain(`Learning rate${formatShort(last('lr'))}`);

  // Drops of a layer: off where more than a tenth is, told at its worst step.
  const found = within(region('Health')).queryAllByRole('listitem');
  expect(found.map((row) => row.textContent)).toEqual([]);
});

/** The table behind a chart over steps: its first rows, titles first. */
async function linesOf(panel: HTMLElement, title: string): Promise<string[][]> {
  const summary = within(panel).getByLabelText(`Table of ${title}`);
  const details = summary.closest('details')!;
  details.open = true;
  act(() => void details.dispatchEvent(new Event('toggle')));
  await within(panel).findByLabelText(`Numbers of ${title}`);
  return [...details.querySelectorAll('tr')]
    .map((row) => texts(row.querySelectorAll('th, td')) as string[])
    .filter((row) => row.length > 1);
}
void tableOf;
