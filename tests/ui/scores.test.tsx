import { act, fireEvent, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { scores } from '../../src/analysis/figures/scores.ts';
import { applyChange } from '../../src/config/edit.ts';
import { formatFixed, formatNumber } from '../../src/ui/kit/format.ts';
import { MEASURES } from '../../src/ui/views/scores/fields.ts';
import { RAW_RUNS } from '../support/rawRuns.ts';
import { besideInputs, openView } from './besideRun.ts';
import { csvOf, expectColumn, tableOf } from './figureFiles.ts';

const TITLE = 'Routing scores (MoE++)';
const EXPERIMENT = applyChange(RAW_RUNS['moepp-8+4'], { 'router.gatingResidual': false });
const WITHOUT = 'This run, without gating residuals';

it('asks for a run, and shows what the paper prints meanwhile', async () => {
  const { panel } = await openView(TITLE, EXPERIMENT);
  await within(panel).findByText('No run is open: press Start.');
  expect(within(panel).getByText('MoE++, Table 6', { exact: false })).toBeTruthy();
});

it('shows the numbers that the figure has of the same pass, layer by layer', async () => {
  const { trainer, panel, start } = await openView(TITLE, EXPERIMENT);
  await start();
  const { inspection } = await besideInputs(trainer, 4);
  const { layers } = scores.compute({ inspection }, {});
  const rows = await csvOf(panel, 'Highest score, variance by layer');
  for (const name of MEASURES) {
    const wanted = layers.map(({ values }) => values[name]);
    expectColumn(rows, scores.layerRows[name].label, wanted);
  }
  expectColumn(
    rows,
    'ideal entropy, ln R',
    inspection.layers.map(({ kinds }) => Math.log(kinds.length)),
  );
  const last = layers.at(-1)!;
  fireEvent.change(within(panel).getByLabelText('Layer'), {
    target: { value: String(last.layer) },
  });
  const first = await csvOf(panel, `Highest score, layer ${last.layer}`);
  expectColumn(first, WITHOUT, last.values.top1Histogram);
  const second = await csvOf(panel, `Second score, layer ${last.layer}`);
  expectColumn(second, WITHOUT, last.values.top2Histogram);
  const { top1Mean, top1Variance } = last.values;
  within(panel).getByText(
    `${WITHOUT}: mean ${formatFixed(top1Mean, 3)}, variance ${formatNumber(top1Variance).replace('-', '−')}`,
  );
});

it('draws a run with gating residuals and one without over each other', async () => {
  const withResiduals = applyChange(EXPERIMENT, { 'router.gatingResidual': true });
  const { lab, trainer, panel, start, putBeside } = await openView(
    TITLE,
    EXPERIMENT,
    withResiduals,
  );
  await start();
  await putBeside();
  const inputs = await besideInputs(trainer, 4);
  await within(panel).findAllByText(/^Uniform, with gating residuals: mean/);
  const of = (inspection = inputs.inspection) => scores.compute({ inspection }, {}).layers[0]!;
  const bins = await csvOf(panel, `Highest score, layer ${of().layer}`);
  expectColumn(bins, WITHOUT, of().values.top1Histogram);
  expectColumn(bins, 'Uniform, with gating residuals', of(inputs.baseline).values.top1Histogram);
  act(() => lab.view.getState().setOwn('scores', { measure: 'meanEntropy' }));
  const [titles, ...rows] = await tableOf(panel, 'Entropy of the mean by layer');
  const layers = inputs.inspection.layers.length;
  expect(rows).toHaveLength(2 * layers);
  expect(rows[layers]?.[0]).toBe('Uniform, with gating residuals');
  expect(titles?.at(-1)).toBe('ideal entropy, ln R');
});
