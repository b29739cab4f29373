import { act, fireEvent, waitFor, within } from '@testing-library/react';
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
import { renderView } from './renderView.tsx';

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

/** A view over the run up to a step, which was told last and alone. */
async function openAt(id: string, last = LAST) {
  const test = await renderView(id, { experiment });
  const { open } = test.trainer;
  test.trainer.open = async (...of) => ({ ...(await open(...of)), domains });
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.pause());
  const rates = { tokensPerSec: 1, stepsPerSec: 1 };
  act(() => {
    for (const steps of [[1, last - 1] as const, [last, last] as const])
      test.trainer.emit({ type: 'steps', records: trainedSteps(metrics, ...steps), ...rates });
    for (const one of validation)
      if (one.step <= last) test.trainer.emit({ type: 'validation', ...one });
    test.lab.view.getState().set({ layer: layers[PLACE]!.layer });
  });
  await waitFor(() => expect(test.lab.source.step).toBe(last));
  return test;
}

const texts = (cells: Iterable<Element>) => [...cells].map((cell) => cell.textContent);

it('shows the load of every slot of a layer, with its figures', async () => {
  const { panel: table } = await openAt('table', STEP);
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

  const figure = (metric: string) =>
    table.querySelector(`dd[data-metric="${metric}"]`)?.textContent;
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
});

it('shows the load of every layer and slot', async () => {
  const { panel } = await openAt('load', STEP);
  await within(panel).findByText(`step ${STEP}`);
  const rows = panel.querySelectorAll('table.heat tbody tr');
  expect(rows).toHaveLength(layers.length);
  for (const [place, row] of [...rows].entries()) {
    const told = [...row.querySelectorAll('td')].map((cell) => cell.title);
    const shown = countsAt(place, STEP);
    expect(told.map((title) => title.match(/: ([\d,]+) assignments/)?.[1])).toEqual(
      shown.map(formatCount),
    );
  }
});

it('shows where each domain goes', async () => {
  const { panel } = await openAt('domains', STEP);
  await within(panel).findByText(`%, step ${STEP}`);
  const matrix = panel.querySelectorAll('.domains-matrix tbody tr');
  const byDomain = loads[PLACE]!.domains[STEP - 1]!;
  const totals = domains.map((_, d) => sum(byDomain.map((slot) => slot[d]!)));
  expect([...matrix].map((row) => texts(row.querySelectorAll('td')))).toEqual(
    byDomain.map((slot) =>
      slot.map((count, d) => formatWholePercent(count / totals[d]!).replace('%', '')),
    ),
  );
});

it('shows how even the load is, of every batch and of sixteen together', async () => {
  const { panel: balance } = await openAt('balance');
  const R = kinds.length;
  const maxVio = (counts: readonly number[]) => (Math.max(...counts) * R) / sum(counts) - 1;
  const three = (value: number) => formatFixed(value, 3);
  const steps = Array.from({ length: LAST }, (_, i) => LAST - i);
  const together = (step: number) => {
    const window = Array.from({ length: Math.min(16, step) }, (_, i) => countsAt(PLACE, step - i));
    return kinds.map((_, r) => sum(window.map((counts) => counts[r]!)));
  };
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
  const slots = await rowsOf(`Load by slot over 16 batches, layer ${layers[PLACE]!.layer}`);
  expect(slots).toEqual(
    steps
      .slice(0, slots.length)
      .map((step) => [
        formatCount(step),
        ...together(step).map((count, _, all) => three((count * R) / sum(all))),
      ]),
  );
});

it('shows computing experts, kinds and drops of the last step', async () => {
  const { panel: routing } = await openAt('routing');
  const kept = layers.map((_, place) =>
    sum(
      countsAt(place, LAST).map((count, r) =>
        isComputing(kinds[r]!) ? count - loads[place]!.drops[LAST - 1]![r]! : 0,
      ),
    ),
  );
  const mean = sum(kept) / T / layers.length;
  await waitFor(() =>
    expect(routing.textContent).toContain(`Computing experts${formatShort(mean)}`),
  );
  const drops = sum(loads.map((of) => sum(of.drops[LAST - 1]!)));
  await waitFor(() => expect(routing.textContent).toContain(`Drops per step${formatCount(drops)}`));
  const zero = sum(layers.map((_, place) => countsAt(place, LAST)[kinds.indexOf('zero')]!));
  expect(routing.textContent).toContain(`zero${formatPercent(zero / (2 * T * layers.length))}`);
});

it('shows losses, norm and rate of the last step', async () => {
  const { lab, panel: charts } = await openAt('loss');
  const last = (name: 'ce' | 'gradNorm' | 'lr' | 'heterogeneous') => scalars[name].at(-1)!;
  await waitFor(() => expect(charts.textContent).toContain(`train${formatLoss(last('ce'))}`));
  const { ce } = validation.at(-1)!;
  expect(charts.textContent).toContain(`validation${formatLoss(ce)}`);
  const line = (name: 'gradNorm' | 'lr' | 'heterogeneous') => lab.source.line(name).values;
  for (const name of ['gradNorm', 'lr', 'heterogeneous'] as const)
    expect([...Array.from(line(name))]).toEqual(scalars[name].map(Math.fround));
  await waitFor(() => {
    expect(charts.textContent).toContain(`Learning rate${formatShort(last('lr'))}`);
    expect(charts.textContent).toContain(`Gradient norm${formatShort(last('gradNorm'))}`);
  });
});

it('tells what is not well, since when and by how much', async () => {
  const { panel: health } = await openAt('health');
  await within(health).findByText(/^\d+ findings/);
  fireEvent.click(within(health).getByText(/^\d+ more/));
  const found = within(health).getAllByRole('listitem');
  expect(texts(found).sort()).toEqual(findings().sort());
});

/** Stretches of at least ten steps at which something holds: first and last step. */
function stretches(holds: (step: number) => boolean): [number, number][] {
  const found: [number, number][] = [];
  let first = 1;
  for (let step = 1; step <= LAST + 1; step++) {
    if (step <= LAST && holds(step)) continue;
    if (step - first >= 10) found.push([first, step - 1]);
    first = step + 1;
  }
  return found;
}

/** What docs/health.md finds in the metrics: dead slots, and layers of which more than a tenth is dropped. */
function findings(): string[] {
  const when = ([first, last]: [number, number]) =>
    last === LAST ? `since step ${first}` : `steps ${first} to ${last}`;
  return layers.flatMap(({ layer }, place) => {
    // Ten steps: min(128/(100·12), 1/10) of each.
    const dead = kinds.flatMap((_, slot) =>
      stretches((step) => countsAt(place, step)[slot] === 0).map(
        (steps) =>
          `layer ${layer}, slot ${slot}: dead, no token chooses it ${when(steps)}: 0, allowed at least 1`,
      ),
    );
    const rate = (step: number) => sum(loads[place]!.drops[step - 1]!) / (2 * T);
    const drops = stretches((step) => rate(step) > 0.1).map((steps) => {
      const [first, last] = steps;
      const worst = Math.max(
        ...Array.from({ length: last - first + 1 }, (_, i) => rate(first + i)),
      );
      return `layer ${layer}: many assignments find no place ${when(steps)}: ${formatPercent(worst)} at worst, allowed at most 10.0%`;
    });
    return [...dead, ...drops];
  });
}

/** The table behind a chart over steps: its first rows, titles first. */
async function linesOf(panel: HTMLElement, title: string): Promise<string[][]> {
  const summary = await within(panel).findByLabelText(`Table of ${title}`);
  const details = summary.closest('details')!;
  details.open = true;
  fireEvent(details, new Event('toggle'));
  await within(panel).findByLabelText(`Numbers of ${title}`);
  return [...details.querySelectorAll('tr')]
    .map((row) => texts(row.querySelectorAll('th, td')) as string[])
    .filter((row) => row.length > 1);
}
