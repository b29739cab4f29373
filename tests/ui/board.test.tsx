import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { formatLoss } from '../../src/ui/kit/format.ts';
import { begunView, convertedView, withTeacher } from './converting.ts';
import { fakeCe } from './fakeConversion.ts';
import { csvOf } from './figureFiles.ts';

const TITLE = 'Board of layers';
const L = 3;
const rowOf = (panel: HTMLElement, layer: number) =>
  within(panel)
    .getByRole('rowheader', { name: `L${layer}` })
    .closest('tr')!;
const toggleOf = (panel: HTMLElement, layer: number) =>
  within(rowOf(panel, layer)).getByRole('button', { name: /in the student/ });

it('leads to a teacher where there is no conversion', async () => {
  const { lab, panel } = await withTeacher('board');
  fireEvent.click(await within(panel).findByRole('button', { name: 'Choose a teacher' }));
  expect(lab.view.getState().sought).toEqual({ view: 'teacher' });
});

it('says of every layer how far it is, and stops and goes on', async () => {
  const { trainer, panel } = await begunView('board');
  await act(async () => trainer.distil(10));
  expect(rowOf(panel, 0).textContent).toContain('training');
  expect(within(panel).getByLabelText('Steps of layer 0').getAttribute('value')).toBe('10');
  expect(rowOf(panel, 2).textContent).toContain('waits');
  expect(toggleOf(panel, 0).hasAttribute('disabled')).toBe(true);
  fireEvent.click(within(panel).getByRole('button', { name: 'Stop' }));
  await waitFor(() => expect(rowOf(panel, 0).textContent).toContain('stopped'));
  fireEvent.click(within(panel).getByRole('button', { name: 'Go on' }));
  await waitFor(() => expect(rowOf(panel, 2).textContent).toContain('converted'));
  await waitFor(() => expect(trainer.calls.map(([name]) => name)).toContain('measure'));
});

it('shows the losses that were measured, and writes them in full', async () => {
  const { panel, state } = await convertedView('board', { seeds: 2 });
  const { layers } = state();
  const rows = await csvOf(panel, 'Loss by converted layer');
  expect(rows.map(({ layer }) => layer)).toEqual(['L2', 'L1', 'L0']);
  const teacher = fakeCe({ layers: [] }, L);
  for (const [i, row] of rows.entries()) {
    const layer = L - 1 - i;
    const above = [0, 1, 2].slice(layer);
    expect(Number(row['loss with it alone'])).toBe(fakeCe({ layers: [layer] }, L));
    expect(Number(row['loss from the last up to it'])).toBe(fakeCe({ layers: above }, L));
    expect(Number(row['more than the teacher'])).toBe(fakeCe({ layers: [layer] }, L) - teacher);
    const ends = layers[layer]!.seeds.map(({ mse }) => mse!);
    expect(Number(row['mse at the end'])).toBeCloseTo((ends[0]! + ends[1]!) / 2, 15);
    expect(rowOf(panel, layer).textContent).toContain(formatLoss(fakeCe({ layers: above }, L)));
  }
});

it('assembles any combination by clicks, and makes it the open run', async () => {
  const { trainer, panel, store } = await convertedView('board');
  const status = () => panel.querySelector('.board-student p')?.textContent;
  expect(status()).toContain(`Loss ${formatLoss(fakeCe({ layers: [0, 1, 2] }, L))}`);
  fireEvent.click(toggleOf(panel, 1));
  expect(status()).toMatch(/^2 layers of 3 converted \(0, 2\). Not measured/);
  fireEvent.click(within(panel).getByRole('button', { name: 'Measure it' }));
  await waitFor(() =>
    expect(status()).toContain(`Loss ${formatLoss(fakeCe({ layers: [0, 2] }, L))}`),
  );
  fireEvent.change(within(panel).getByLabelText('Converted layers of the student'), {
    target: { value: 'L2' },
  });
  expect(store.getState().student?.layers).toEqual([2]);
  fireEvent.click(within(panel).getByRole('button', { name: 'Assemble as a run' }));
  await waitFor(() =>
    expect(trainer.calls).toContainEqual([
      'assemble',
      { id: 'c1', student: { layers: [2] }, name: undefined },
    ]),
  );
  fireEvent.click(within(panel).getByRole('button', { name: 'Train layer 1 again' }));
  await waitFor(() => expect(trainer.calls).toContainEqual(['redo', { id: 'c1', layer: 1 }]));
});

it('keeps what a link says of a student where a layer is changed', async () => {
  const { panel, store, state } = await convertedView('board', { seeds: 2 });
  const student = { layers: [1, 2], seed: 1, policy: { pu: 0.5, pe: 0.1 } };
  act(() => store.setState({ state: { ...state(), student } }));
  fireEvent.click(toggleOf(panel, 1));
  expect(store.getState().student).toEqual({ ...student, layers: [2] });
});

it('is found by its title', async () => {
  await withTeacher('board');
  expect(screen.getByRole('region', { name: TITLE })).toBeTruthy();
});
