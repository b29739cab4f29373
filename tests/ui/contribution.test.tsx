import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { contribution } from '../../src/analysis/figures/contribution.ts';
import type { FigureInputs } from '../../src/analysis/figures/figure.ts';
import { passesOf } from '../../src/analysis/figures.ts';
import { formatPercent } from '../../src/ui/kit/format.ts';
import { rawRun } from '../support/rawPass.ts';
import { RAW_REQUESTS, RAW_RUNS } from '../support/rawRuns.ts';
import { besideInputs, openView } from './besideRun.ts';
import type { FakeTrainer } from './fakeTrainer.ts';
import { csvOf, expectColumn, tableOf } from './figureFiles.ts';

const TITLE = 'Contribution of activations (TC-MoE)';
type Run = keyof typeof RAW_RUNS;
const { n, seed } = RAW_REQUESTS.tcmoe.drawn;
const ASKED = { n, seed };

async function opened(run: Run = 'tcmoe') {
  const test = await openView(TITLE, RAW_RUNS[run]);
  await test.start();
  test.lab.view.getState().setOwn('contribution', ASKED);
  const press = (name: string) => fireEvent.click(within(test.panel).getByRole('button', { name }));
  return { ...test, press };
}

/** Intervention costs that differ in sign from sequence to sequence, told by what is masked. */
function lossOf(ce: Float32Array, tokens: Iterable<number>): Float32Array {
  const masked = new Set(tokens);
  return ce.map((loss, u) => (masked.has(u) ? loss + (u % 5) / 10 - 0.15 : loss));
}

/** Makes the answers to passes with interventions tell which tokens they change. */
function tellMasked(trainer: FakeTrainer, before: () => Promise<void> = async () => {}) {
  const { inspect } = trainer;
  trainer.inspect = async (kind, ask, subject) => {
    if (kind !== 'losses') return inspect(kind, ask, subject);
    await before();
    const { of, requests } = ask as unknown as { of: never; requests: { token: number }[][] };
    const { inspection } = await inspect('pass', { of }, subject);
    const ce = requests.map((items) =>
      lossOf(
        inspection.ce,
        items.map(({ token }) => token),
      ),
    );
    return { step: 0, ce } as never;
  };
}

async function expected(inputs: FigureInputs) {
  const request = { figure: 'contribution', ...ASKED } as const;
  const losses = passesOf(request, inputs).map((items) =>
    lossOf(
      inputs.inspection.ce,
      items.flatMap((item) => ('token' in item ? [item.token] : [])),
    ),
  );
  return contribution.compute({ ...inputs, losses }, ASKED).values;
}

// The one has gates about a half; the other small ones, which are flipped too, and capacity.
it.each(['tcmoe', 'moepp-drops'] as const)(
  'measures when asked for, and shows the numbers of the raw export of %s',
  async (run) => {
    const { panel, press } = await opened(run);
    const raw = rawRun(run);
    const { losses } = raw.passes.drawn!;
    expect(within(panel).queryByRole('figure')).toBeNull();
    press('Measure');
    const rows = await csvOf(panel, 'Contribution by gate');
    const { values } = contribution.compute({ ...raw, losses }, ASKED);
    const intervals = rows.slice(0, 10);
    const sums = (data: ArrayLike<number>) =>
      intervals.map((_, a) => Array.from(data).reduce((n, x, i) => (i % 10 === a ? n + x : n), 0));
    expectColumn(intervals, 'masked or flipped', sums(values.masked.data));
    expectColumn(intervals, 'below 0', values.negativeShare);
    expectColumn(intervals, 'mean', values.mean);
    for (const [i, title] of ['least', 'quarter', 'median', 'three quarters', 'most'].entries())
      expectColumn(
        intervals,
        title,
        intervals.map((_, a) => values.quantiles.data[5 * a + i] ?? Number.NaN),
      );
    const flips = rows.slice(10);
    expectColumn(flips, 'below 0', [values.flipNegative]);
    expectColumn(flips, 'mean', [values.flipMean]);
    expect(values.negative).toBeGreaterThan(0);
    expect(values.negative).toBeLessThan(1);
    within(panel).getByText(/^After 0 steps, on 256 tokens\. 8 sequences; n 3, seed 5\./);
    const [, ...shown] = await tableOf(panel, 'Contributions below 0');
    expect(shown.map((row) => row[3])).toEqual(
      [...values.negativeShare.data, values.flipNegative].map(formatPercent),
    );
  },
);

it('tells how far it is, and gives up when it is cancelled', async () => {
  const { trainer, panel, press } = await opened();
  let go = () => {};
  tellMasked(trainer, () => new Promise((resolve) => (go = resolve)));
  press('Measure');
  await within(panel).findByText(/^This run: 0 of \d+ passes$/);
  go();
  await within(panel).findByText(/^This run: 1 of \d+ passes, about \d+ s left$/);
  expect(within(panel).getByRole('progressbar').getAttribute('value')).toBe('1');
  press('Cancel');
  await waitFor(() => expect(within(panel).queryByRole('progressbar')).toBeNull());
  go();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(within(panel).queryByRole('figure')).toBeNull();
  // The copy that was measured is let go.
  await waitFor(() =>
    expect(trainer.calls.filter(([name]) => name === 'letCopyGo')).toHaveLength(1),
  );
});

it('measures two runs one after the other on the same tokens, and says what fails', async () => {
  const { trainer, panel, press, putBeside } = await opened();
  tellMasked(trainer);
  await putBeside();
  press('Measure both runs');
  const beside = await within(panel).findByRole('region', { name: /^Uniform/ });
  const inputs = await besideInputs(trainer, 4);
  const values = await expected({ inspection: inputs.baseline! });
  const rows = await csvOf(beside, 'Contribution by gate');
  expectColumn(rows.slice(0, 10), 'mean', values.mean);
  trainer.inspect = () => Promise.reject(new Error('The device is lost.'));
  press('Measure both runs');
  await screen.findByText('The device is lost.');
  // What was measured stays.
  expect(within(panel).getByRole('region', { name: /^Uniform/ })).toBeTruthy();
});
