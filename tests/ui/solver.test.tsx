import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { paperCounts } from '../../src/accounting/parameters.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import { PRESETS } from '../../src/config/presets.ts';
import { formatMismatch } from '../../src/ui/views/solver/Answer.tsx';
import { askedAtFirst, solveRequest } from '../../src/ui/views/solver/request.ts';
import { renderPage } from './render.tsx';

async function openSolver() {
  const test = await renderPage({ room: 'cost' });
  const panel = await screen.findByLabelText('Resource solver');
  const type = (label: string, value: string) =>
    fireEvent.change(within(panel).getByLabelText(label), { target: { value } });
  const solve = async () => {
    fireEvent.click(within(panel).getByRole('button', { name: 'Solve' }));
    await within(panel).findByRole('button', { name: 'Solve' });
  };
  return { ...test, panel, type, solve };
}

const counts = (experiment: typeof DEFAULTS_V1) => paperCounts(engineConfig(experiment, 256));

it('finds widths for a target, shows every difference, and gives them to the settings', async () => {
  const { panel, type, solve, lab, called } = await openSolver();
  type('FFN experts', '16');
  type('Slots per token K', '4');
  await solve();
  const difference = panel.querySelector('[data-mismatch="activeParameters"]')?.textContent ?? '';
  expect(Number.parseFloat(difference.replace('−', '-').replace('±', ''))).toBeLessThan(1);
  expect(panel.querySelectorAll('[data-mismatch]')).toHaveLength(5);
  fireEvent.click(within(panel).getByRole('button', { name: 'Use it' }));
  await waitFor(() => expect(lab.config.getState().experiment.router.K).toBe(4));
  const { experiment } = lab.config.getState();
  expect(experiment.experts.slots).toHaveLength(16);
  expect(counts(experiment).Na / counts(DEFAULTS_V1).Na - 1).toBeCloseTo(0, 2);
  expect(called()).toEqual(['probe']);
});

it('matches a dense model and its compute by the token budget', async () => {
  const { panel, type, solve, lab } = await openSolver();
  type('to those of', 'dense');
  type('Dense hidden width', '300');
  fireEvent.click(within(panel).getByLabelText('Hold training compute C'));
  await solve();
  fireEvent.click(within(panel).getByRole('button', { name: 'Use it' }));
  const { experiment } = lab.config.getState();
  const dense = applyChange(DEFAULTS_V1, {
    'model.arrangement': 'dense',
    'model.denseHidden': 300,
  });
  expect(counts(experiment).Na / counts(dense).Na - 1).toBeCloseTo(0, 2);
  const compute = (e: typeof experiment) => counts(e).trainingM * e.optimizer.totalSteps;
  expect(compute(experiment) / compute(dense) - 1).toBeCloseTo(0, 2);
});

it('says why there is no match, and what comes closest', async () => {
  const { panel, type, solve } = await openSolver();
  type('Widths', '8 8 8 8');
  await solve();
  within(panel).getByText(/No match within 1 %/);
  expect(panel.querySelectorAll('[data-mismatch]')).toHaveLength(5);
});

it('says what it cannot read', async () => {
  const { panel, type, solve } = await openSolver();
  type('Granularity', 'fine');
  await solve();
  within(panel).getByText('Granularity: “fine” is not a number.');
});

it('stages a solution beside an open run without touching it', async () => {
  const { panel, type, solve, lab, called } = await openSolver();
  await act(() => lab.commands.start());
  type('FFN experts', '4');
  await solve();
  fireEvent.click(within(panel).getByRole('button', { name: 'Use it' }));
  await screen.findByLabelText('Edits that need a new model');
  expect(called()).not.toContain('change');
  expect(lab.config.getState().running?.experts.slots).toEqual(DEFAULTS_V1.experts.slots);
});

it.each(PRESETS.map(({ id }) => id))('takes preset %s as a reference', (id) => {
  const asked = { ...askedAtFirst(DEFAULTS_V1), reference: id };
  const { reference } = solveRequest(asked, DEFAULTS_V1, 96);
  expect(paperCounts(reference.config).N).toBeGreaterThan(0);
  expect(reference.tokens).toBeGreaterThan(0);
});

it('signs differences', () => {
  expect([0.0042, -0.2, 0.00001].map(formatMismatch)).toEqual(['+0.42%', '−20.00%', '±0.00%']);
});
