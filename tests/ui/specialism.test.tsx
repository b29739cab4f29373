import { act, fireEvent, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { syntheticRun } from '../../bench/syntheticRuns.ts';
import { runSpecialism } from '../../src/analysis/compare/specialism.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import { namesOf } from '../../src/ui/views/specialism/shown.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { records } from './fakeRecords.ts';
import { csvOf, expectColumn } from './figureFiles.ts';
import { renderView } from './renderView.tsx';

/** Runs of 90 steps with the routing of a fake trainer. */
const runs = [0, 5].map((i) => {
  const { row, parts } = syntheticRun(i, 90, 0);
  const { experiment } = row;
  const own = records(experiment!, layerSpaces(experiment!), 1, 90);
  return { row, parts: { ...parts, records: [own] } };
});

it('“Specialisation beside balance” shows MaxVio and what slots tell of the domain, run by run', async () => {
  const { panel, lab } = await renderView('specialism', { library: fakeLibrary(runs) });
  const title = 'Domain information, normalised, against MaxVio of the window';
  await within(panel).findByText('2 runs');
  const rows = await csvOf(panel, title);
  const want = runs.flatMap(({ row, parts }) => runSpecialism(row, parts.records)![64]);
  const layers = rows.filter(({ layer }) => layer !== 'mean');
  for (const [column, of] of [
    ['MaxVio of a batch, mean', 'batch'],
    ['MaxVio of all steps', 'window'],
    ['information on the domain, nats', 'information'],
    ['information, normalised', 'normalised'],
    ['steps', 'steps'],
  ] as const)
    expectColumn(
      layers,
      column,
      want.map((one) => one[of]),
    );
  expect(new Set(layers.map(({ run }) => run)).size).toBe(2);

  fireEvent.change(within(panel).getByLabelText('Steps'), { target: { value: '16' } });
  const short = await csvOf(panel, title);
  expect(new Set(short.map(({ steps }) => steps))).toEqual(new Set(['16']));
  act(() => lab.library.getState().select([runs[1]!.row.id]));
  await within(panel).findByText('1 run');
  fireEvent.change(within(panel).getByLabelText('Points'), { target: { value: 'mean' } });
  expect(lab.view.getState().own.specialism).toMatchObject({ points: 'mean', steps: '16' });
});

it('tells runs of one name apart, and asks for some where there are none', async () => {
  expect(namesOf([{ name: 'a' }, { name: 'b' }, { name: 'a' }])).toEqual(['a', 'b', 'a (2)']);
  const { panel } = await renderView('specialism', { library: fakeLibrary([]) });
  expect(within(panel).getByText(/Runs with experts are compared here/)).toBeTruthy();
});
