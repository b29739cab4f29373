import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { fixedC2B } from '../../src/analysis/papers/equalres.ts';
import { columnOf } from '../../src/analysis/papers/printed.ts';
import { PAPERS } from '../../src/analysis/papers.ts';
import { csvOf, expectColumn } from './figureFiles.ts';
import { renderPage } from './render.tsx';

const TITLE = 'Printed by the papers';

async function opened() {
  const test = await renderPage({ room: 'papers' });
  const panel = screen.getByRole('region', { name: TITLE });
  const choosePaper = (paper: string) =>
    fireEvent.change(within(panel).getByLabelText('Paper'), { target: { value: paper } });
  return { ...test, panel, choosePaper };
}

it('lists every table of every paper, and shows each as printed', async () => {
  const { panel, choosePaper } = await opened();
  for (const { id, tables } of PAPERS) {
    choosePaper(id);
    for (const { where, columns, rows } of tables) {
      fireEvent.click(within(panel).getByRole('button', { name: where }));
      const [table] = panel.querySelectorAll('table');
      const cells = (row: Element) => [...row.children].map((cell) => cell.textContent);
      const [head, ...body] = [...(table?.querySelectorAll('tr') ?? [])].map(cells);
      expect(head, where).toEqual(columns);
      expect(body, where).toEqual(rows);
    }
  }
});

it('gives a table as a file, cells as printed', async () => {
  const { panel, choosePaper } = await opened();
  choosePaper('modse');
  fireEvent.click(within(panel).getByRole('button', { name: 'Table 5' }));
  const saved = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:printed');
  fireEvent.click(within(panel).getByRole('button', { name: 'CSV of MoDSE, Table 5' }));
  const [blob] = saved.mock.calls[0] ?? [];
  saved.mockRestore();
  const text = await (blob as Blob).text();
  expect(text).toMatch(/^threshold,reduction,tokens\n2\.0,0\.58,180\n/);
});

it('draws EqualRes’s own points against rate and compute', async () => {
  const { panel, choosePaper } = await opened();
  expect(within(panel).queryByText(/own points/)).toBeNull();
  choosePaper('equalres');
  const rows = await csvOf(panel, 'EqualRes’s own points, 2B');
  const own = rows.filter(({ series }) => series === 'fixed C');
  expectColumn(own, 'bits per character', columnOf(fixedC2B, 'bpc'));
  expectColumn(
    own,
    'ra',
    columnOf(fixedC2B, 'ra_percent').map((percent) => percent / 100),
  );
  const dense = rows.filter(({ series }) => series === 'dense');
  expectColumn(dense, 'bits per character', [0.4921, 0.4808]);
  fireEvent.change(within(panel).getByLabelText('Against'), { target: { value: 'C' } });
  await waitFor(() => within(panel).getByText('ra 8.74%'));
  fireEvent.change(within(panel).getByLabelText('Size of the models'), {
    target: { value: '7B' },
  });
  await within(panel).findByText('EqualRes’s own points, 7B');
  for (const series of ['fixed C', 'reused strictly', 'reused loosely', 'fixed D', 'dense'])
    within(panel).getByText(series);
});
