import { fireEvent, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { ratioOf } from '../../src/analysis/papers/speeds.ts';
import { begunView, convertedView } from './converting.ts';
import { fakeCe } from './fakeConversion.ts';
import { csvOf } from './figureFiles.ts';

const TITLE = 'Quality against throughput';
const L = 3;

it('waits for a converted layer', async () => {
  const { panel } = await begunView('tradeoff');
  within(panel).getByText(/the first is at work/);
});

it('shows loss, active parameters and tokens per second with their spread', async () => {
  const { trainer, panel, state } = await convertedView('tradeoff');
  expect(panel.getAttribute('aria-label')).toBe(TITLE);
  within(panel).getByText(/was not measured here yet/);
  fireEvent.change(within(panel).getByLabelText('Rounds that are measured'), {
    target: { value: '7' },
  });
  fireEvent.keyDown(within(panel).getByLabelText('Rounds that are measured'), { key: 'Enter' });
  fireEvent.click(within(panel).getByRole('button', { name: 'Measure throughput' }));
  await within(panel).findByText(/^Prefill gets slower/, { selector: '.tradeoff-verdict' });
  expect(trainer.calls).toContainEqual(['throughput', { id: 'c1', shape: 'teacher', rounds: 7 }]);
  const rows = await csvOf(panel, 'Loss against decoding throughput');
  const { rows: measured } = state().throughput[0]!;
  expect(rows).toHaveLength(L + 1);
  for (const [n, row] of rows.entries()) {
    const layers = [0, 1, 2].slice(L - n);
    expect(Number(row['validation loss'])).toBe(fakeCe({ layers }, L));
    expect(Number(row['active parameters'])).toBe(measured[n]!.active);
    for (const name of ['prefill', 'decode'] as const) {
      expect(Number(row[`${name} tokens/s`])).toBe(measured[n]![name].median);
      expect(Number(row[`${name}, low`])).toBe(measured[n]![name].low);
      expect(Number(row[`${name}, high`])).toBe(measured[n]![name].high);
      const ratio = ratioOf(measured[n]![name], measured[0]![name]);
      expect(Number(row[`${name} over dense`])).toBe(ratio.median);
      expect(Number(row[`${name} over dense, 90 %`])).toBe(ratio.high);
    }
  }
  const active = await csvOf(panel, 'Loss against active parameters');
  const alone = active.filter((row) => row.student === 'alone');
  expect(alone.map((row) => Number(row['validation loss']))).toEqual(
    [0, 1, 2].map((layer) => fakeCe({ layers: [layer] }, L)),
  );
  expect(active.filter((row) => row.student === 'upward')).toHaveLength(L + 1);
  fireEvent.change(within(panel).getByLabelText('Shape'), { target: { value: 'demanding' } });
  within(panel).getByText(/was not measured here yet/);
});

it('asks the probe tasks of the teacher and every student upward', async () => {
  const { trainer, panel, state } = await convertedView('tradeoff');
  const items = within(panel).getByLabelText('Items of each probe task and domain');
  fireEvent.change(items, { target: { value: '3' } });
  fireEvent.keyDown(items, { key: 'Enter' });
  fireEvent.click(within(panel).getByRole('button', { name: 'Ask probe tasks' }));
  await waitFor(() =>
    expect(trainer.calls.at(-1)).toEqual([
      'measure',
      {
        id: 'c1',
        students: [{ layers: [] }, { layers: [2] }, { layers: [1, 2] }, { layers: [0, 1, 2] }],
        probes: { items: 3, seed: state().teacher.experiment.seeds.data },
      },
    ]),
  );
});
