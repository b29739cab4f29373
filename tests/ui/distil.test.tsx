import { act, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { stepsPerPoint, windowMeans } from '../../src/ui/views/distil/curves.ts';
import { begunView, withTeacher } from './converting.ts';
import { csvOf, tableOf } from './figureFiles.ts';

const TITLE = 'Distillation';

it('draws every step of every layer and seed as it comes', async () => {
  const { trainer, panel, store } = await begunView('distil', { seeds: 2 });
  expect(panel.getAttribute('aria-label')).toBe(TITLE);
  within(panel).getByText(/curves come with the first steps/);
  await act(async () => trainer.distil(10));
  expect(await tableOf(panel, 'mse by layer and step')).toHaveLength(21);
  within(panel).getByText('No layer is at its end yet.');
  await act(async () => trainer.distil(30));
  await act(async () => trainer.distil(5));
  const rows = await csvOf(panel, 'mse by layer and step');
  expect(rows).toHaveLength(2 * 40 + 2 * 5);
  for (const row of rows) {
    const of = store.getState().curves.get(`${row.layer?.slice(1)}:${row.seed}`)!;
    expect(Number(row.mse)).toBe(of.mse[Number(row.step) - 1]);
    expect(Number(row.balance)).toBe(of.balance[Number(row.step) - 1]);
  }
  // The second layer has not taken all steps.
  within(panel).getByText(/^mse at the end: L\d \S+\.$/);
  await act(async () => trainer.distil(35));
  within(panel).getByText(/it grows from a layer to the next in 1 of 1 steps upward/);
});

it('leads to a teacher where there is no conversion', async () => {
  const { panel } = await withTeacher('distil');
  await within(panel).findByRole('button', { name: 'Choose a teacher' });
});

it('draws means where there are more steps than room', () => {
  expect(stepsPerPoint(250)).toBe(1);
  expect(stepsPerPoint(1000)).toBe(4);
  expect(windowMeans([1, 3, 5, 7, 9], 2)).toEqual([2, 6, 9]);
});
