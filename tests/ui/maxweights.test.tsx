import { act, fireEvent, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { FigureInputs } from '../../src/analysis/figures/figure.ts';
import { maxWeights } from '../../src/analysis/figures/maxWeights.ts';
import { quantiles } from '../../src/analysis/figures/numbers.ts';
import { policy } from '../../src/analysis/figures/policy.ts';
import { POLICY_KINDS } from '../../src/config/ladimo.ts';
import { partBelow } from '../../src/ui/kit/figure/quantileParts.ts';
import { RAW_RUNS } from '../support/rawRuns.ts';
import { besideInputs, openView } from './besideRun.ts';
import { csvOf, expectColumn } from './figureFiles.ts';

const TITLE = 'Maximal routing weights (LaDiMo)';
const EXPERIMENT = RAW_RUNS['moepp-8+4'];
const QUARTERS = { pu: 0.25, pe: 0.25 };

/** Compares the policy table with the figure's values, and gives these. */
async function expectPolicy(panel: HTMLElement, inputs: FigureInputs, args = QUARTERS) {
  const { values, layers } = policy.compute(inputs, args);
  const rows = await csvOf(panel, 'Policy by layer');
  const own = rows.slice(0, -1);
  expectColumn(
    own,
    'α_i',
    layers.map((one) => one.values.alpha),
  );
  expectColumn(
    own,
    'β_i',
    layers.map((one) => one.values.beta),
  );
  expectColumn(
    own,
    'α',
    layers.map(() => values.alpha),
  );
  expectColumn(
    own,
    'β',
    layers.map(() => values.beta),
  );
  expect(own.map((row) => row.policy)).toEqual(layers.map((one) => POLICY_KINDS[one.values.kind]));
  for (const k of [1, 2, 3])
    expectColumn(rows, `tokens with ${k}`, [
      ...layers.map((one) => one.values.tokens.data[k - 1] ?? Number.NaN),
      values.tokens.data[k - 1] ?? Number.NaN,
    ]);
  expectColumn(rows.slice(-1), 'slots per token', [values.slotsMean]);
  return { values, layers };
}

async function opened() {
  const test = await openView(TITLE, EXPERIMENT);
  await test.start();
  return { ...test, inputs: await besideInputs(test.trainer, 4) };
}

it('shows the numbers that the figures have of the same pass', async () => {
  const { panel, inputs } = await opened();
  const { values } = await expectPolicy(panel, inputs);
  const first = maxWeights.compute(inputs, { quantiles: [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1] });
  const layers = await csvOf(panel, 'By layer, all tokens');
  for (const [i, title] of ['0%', '5%', '25%', '50%', '75%', '95%', '100%'].entries())
    expectColumn(
      layers,
      title,
      first.layers.map((one) => one.values.quantiles.data[i] ?? Number.NaN),
    );
  expectColumn(await csvOf(panel, 'All layers'), 'all layers', values.histogram);
  const { layer, values: own } = first.layers[0]!;
  const heading = within(panel).getByText(new RegExp(`^Layer ${layer}: `), { selector: 'h3' });
  const bins = await csvOf(panel, heading.textContent ?? '');
  expectColumn(bins, 'all tokens', own.histogram);
  within(panel).getByText('taken on validation text');
});

it('lets the policy follow the lines as they are moved', async () => {
  const { lab, panel, inputs } = await opened();
  const line = await within(panel).findByRole('slider', { name: 'α' });
  fireEvent.keyDown(line, { key: 'PageUp' });
  const { pu } = lab.view.getState().own.maxweights as { pu: number };
  expect(pu).not.toBe(0.25);
  await waitFor(() => {
    const moved = Number(
      within(panel).getByRole('slider', { name: 'α' }).getAttribute('aria-valuenow'),
    );
    expect(moved).toBe(policy.compute(inputs, { pu, pe: 0.25 }).values.alpha);
  });
  const part = within(panel).getByLabelText('Part of even weights, p_e');
  fireEvent.change(part, { target: { value: '0.4' } });
  fireEvent.keyDown(part, { key: 'Enter' });
  const { beta } = policy.compute(inputs, { pu, pe: 0.4 }).values;
  await waitFor(() => {
    const moved = within(panel).getByRole('slider', { name: 'β' }).getAttribute('aria-valuenow');
    expect(Number(moved)).toBe(beta);
  });
  await expectPolicy(panel, inputs, { pu, pe: 0.4 });
});

it('finds the part of the weights below a place', () => {
  const weights = [0.2, 0.25, 0.3, 0.5, 0.9];
  const hundredths = quantiles(
    weights,
    Array.from({ length: 101 }, (_, i) => i / 100),
  );
  expect(partBelow(hundredths, 0.1)).toBe(0);
  expect(partBelow(hundredths, 1)).toBe(1);
  for (const part of [0.005, 0.25, 0.333, 0.61, 0.99]) {
    const [at = 0] = quantiles(weights, [part]);
    expect(partBelow(hundredths, at)).toBeCloseTo(part, 9);
  }
  // Equal weights: the line jumps over them.
  expect(partBelow(quantiles([0.5, 0.5], [0, 0.5, 1]), 0.5)).toBe(0);
});

it('gives the live run’s form the policy, and says why where it may not', async () => {
  const { lab, panel, inputs } = await opened();
  const { layers } = await expectPolicy(panel, inputs);
  fireEvent.click(within(panel).getByRole('button', { name: 'Use this policy' }));
  await waitFor(() => expect(lab.config.getState().experiment.router.selection).toBe('adaptive'));
  const { router, model } = lab.config.getState().experiment;
  expect(router.policy).toHaveLength(model.L);
  for (const { layer, values } of layers)
    expect(router.policy?.[layer]?.kind).toBe(POLICY_KINDS[values.kind]);
  act(() => lab.config.getState().edit({ 'model.H': 7 }));
  const button = within(panel).getByRole('button', { name: 'Use this policy' });
  await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('true'));
  expect(panel.querySelector('.field-error')?.textContent).toMatch(/\S/);
});

it('forks a stored run with its policy', async () => {
  const { trainer, panel, putBeside } = await opened();
  await putBeside();
  const beside = await within(panel).findByRole('region', { name: /^Uniform/ });
  fireEvent.click(await within(beside).findByRole('button', { name: 'Fork with this policy' }));
  await waitFor(() => expect(trainer.calls.map(([name]) => name)).toContain('openStored'));
  const [, asked] = trainer.calls.find(([name]) => name === 'openStored')!;
  expect(asked).toMatchObject({ id: 'r1', change: { 'router.selection': 'adaptive' } });
});
