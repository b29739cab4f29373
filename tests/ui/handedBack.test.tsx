import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { SCALAR_COUNT } from '../../src/config/telemetry.ts';
import { NO_REPORTS } from '../../src/runs/record.ts';
import { makeRow } from '../runs/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { renderPage } from './render.tsx';

/** n steps whose losses tell them apart. */
const stepsOf = (firstStep: number, n: number) => ({
  firstStep,
  n,
  scalars: Float32Array.from({ length: n * SCALAR_COUNT }, (_, i) =>
    i % SCALAR_COUNT === 0 ? 4 - (firstStep + i / SCALAR_COUNT) / 64 : 0,
  ),
  layers: [],
});

const WIDE = {
  row: makeRow('wide', { name: 'Wide', steps: 50 }),
  parts: { curves: {}, records: [stepsOf(1, 50)], ...NO_REPORTS },
};
const PARENT = { id: 'wide', step: 40 };
const SEAMS = [
  { step: 40, by: 'pytorch' },
  { step: 60, by: 'here' },
] as const;

/** What came back after step 60, as the fake trainer reads it. */
function file(): Uint8Array {
  const { scalars, ...elsewhere } = stepsOf(41, 20);
  const told = { step: 60, experiment: DEFAULTS_V1, parent: PARENT };
  const text = JSON.stringify({ ...told, elsewhere: { ...elsewhere, scalars: [...scalars] } });
  return new TextEncoder().encode(text);
}

it('draws one line: what the parent recorded, what PyTorch trained, and what follows', async () => {
  const { lab } = await renderPage({ library: fakeLibrary([WIDE]) });
  await act(() => lab.commands.restore(file(), 'continued.safetensors'));
  await waitFor(() => expect(lab.run.getState().metrics.lastStep).toBe(60));
  const { metrics } = lab.run.getState();
  const line = [1, 2, 3].flatMap((part) => [...stepsOf(20 * part - 19, 20).scalars]);
  expect([...metrics.column('ce')]).toEqual(line.filter((_, i) => i % SCALAR_COUNT === 0));

  const loss = (await screen.findByText('Loss', { selector: 'figcaption' })).closest('figure')!;
  await within(loss).findByText('steps 1 to 40 in Switchyard');
  within(loss).getByText('steps 41 to 60 in PyTorch');
  expect(within(loss).queryByText(/^step 61|^steps 61/)).toBeNull();
  expect(within(loss).getByTitle('From step 41: trained in PyTorch')).toBeTruthy();
  const cursor = within(loss).getByRole('slider', { name: 'Step cursor of Loss' });
  expect(cursor.getAttribute('aria-valuetext')).toMatch(/^step 60: .*; steps 41 to 60 in PyTorch$/);
  fireEvent.keyDown(cursor, { key: 'Home' });
  await waitFor(() =>
    expect(cursor.getAttribute('aria-valuetext')).toMatch(/; steps 1 to 40 in Switchyard$/),
  );

  await act(() => lab.commands.step());
  await within(loss).findByText('step 61 in Switchyard');
  expect(within(loss).getByTitle('From step 61: trained in Switchyard')).toBeTruthy();
});

it('says nothing of parts where one program trained a run', async () => {
  const { lab } = await renderPage({ library: fakeLibrary([WIDE]) });
  await act(() => lab.commands.restore(file(), 'continued.safetensors'));
  await screen.findByText('steps 41 to 60 in PyTorch');
  await act(() => lab.commands.reset());
  await waitFor(() => expect(screen.queryByText(/in PyTorch/)).toBeNull());
});

it('tells in the library where a run came from, by name where its parent is not there', async () => {
  const back = { parent: { ...PARENT, name: 'Wide' }, seams: SEAMS, steps: 70 };
  const parts = { curves: {}, records: [], ...NO_REPORTS };
  const child = { row: makeRow('back', { name: 'Wide, continued in PyTorch', ...back }), parts };
  const orphan = {
    row: makeRow('orphan', { name: 'Found', ...back, parent: { id: 'x', step: 40, name: 'Far' } }),
    parts,
  };
  await renderPage({ room: 'runs', library: fakeLibrary([WIDE, child, orphan]) });
  const panel = screen.getByRole('region', { name: 'Library' });
  const detailsOf = async (name: string) => {
    fireEvent.click(await within(panel).findByRole('button', { name }));
    return within(panel).findByRole('region', { name: `Details of ${name}` });
  };
  const details = await detailsOf('Wide, continued in PyTorch');
  expect(details.textContent).toContain('Wide at step 40');
  for (const part of ['1 to 40 in Switchyard', '41 to 60 in PyTorch', '61 to 70 in Switchyard'])
    within(details).getByText(`steps ${part}`);
  expect((await detailsOf('Found')).textContent).toContain('Far (not here) at step 40');
});
