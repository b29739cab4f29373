import { cleanup, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { syntheticRun } from '../../bench/syntheticRuns.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { records } from './fakeRecords.ts';
import { renderView } from './renderView.tsx';

/** A run of so many steps with the routing of a fake trainer. */
function runOf(steps: number) {
  const { row, parts } = syntheticRun(0, steps, 0);
  const { experiment } = row;
  const own = records(experiment!, layerSpaces(experiment!), 1, steps);
  return { row: { ...row, changedAt: steps }, parts: { ...parts, records: [own] } };
}

it.each([
  ['specialism', 'parts'],
  ['compare', 'curves'],
])('“%s” has a run that goes on read again while it is shown', async (id, part) => {
  const first = runOf(90);
  const library = fakeLibrary([first]);
  const { panel, lab } = await renderView(id, { library });
  const { library: store } = lab;
  const read = () => library.calls.filter(([name]) => name === part).length;
  await waitFor(() => expect(read()).toBe(1));
  await within(panel).findAllByText(/1 run|baseline/);
  const goOn = async (steps: number) => {
    const next = runOf(steps);
    library.goOn(next.row, next.parts);
    await waitFor(() => expect(store.getState().rows[0]?.steps).toBe(steps), {
      timeout: 5000,
    });
  };
  await goOn(100);
  await waitFor(() => expect(read()).toBe(2));
  // As the effects of a hidden room end.
  cleanup();
  await goOn(110);
  await goOn(120);
  expect(read()).toBe(2);
  const { curves, routing } = store.getState();
  expect([curves.size, routing.size]).toEqual([0, 0]);
});
