import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import type { Sweep } from '../../src/recipes/sweep.ts';
import type { QueueItem, QueueState } from '../../src/worker/api.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { createFakeQueue, queueItem } from './fakeQueue.ts';
import { renderView } from './renderView.tsx';

const TITLE = 'Queue';
const recipe = (name: string) =>
  ({ kind: 'recipe', name, budget: 'quick', seeds: [1, 2, 3] }) as const;

const ITEMS: readonly QueueItem[] = [
  queueItem({ id: 'a', title: 'First', state: 'done', done: 3, request: recipe('modse-1') }),
  queueItem({
    ...{ id: 'b', title: 'Second', state: 'running', done: 1, request: recipe('moepp-1') },
    progress: { share: 0.4, secondsLeft: 90 },
  }),
  queueItem({ id: 'c', title: 'Third', request: recipe('tcmoe-1') }),
  queueItem({
    id: 'd',
    title: 'Fourth',
    state: 'failed',
    failure: 'No adapter.',
    request: recipe('x'),
  }),
];

const WORK: QueueState['work'] = {
  ...{ item: 'b', group: 'plain', seed: 2, measuring: null, onward: null },
  runs: [
    {
      ...{ variant: 'plain', label: 'plain', state: 'training', step: 30, steps: 120 },
      ...{ record: 'r', share: 0.25, secondsLeft: 12 },
    },
  ],
};

async function opened(
  part: Partial<QueueState> = { items: ITEMS, work: WORK, secondsLeft: 150 },
  library = fakeLibrary(),
) {
  const queue = createFakeQueue();
  queue.now = { ...queue.now, ...part };
  const test = await renderView('queue', { queue, library });
  const panel = await screen.findByRole('region', { name: TITLE });
  return { ...test, queue, panel, in: within(panel) };
}

it('tells order, progress and time left of every item and of all', async () => {
  const { panel, in: shown } = await opened();
  await shown.findByText('Second');
  const names = [...panel.querySelectorAll('.queue-item b')].map((name) => name.textContent);
  expect(names).toEqual(['Second', 'Third', 'First', 'Fourth']);
  expect(panel.textContent).toContain('2 to do, 2 min 30 s left in all');
  expect(panel.textContent).toContain('quick, seeds 1, 2, 3; 1 of 3 units');
  expect(panel.textContent).toContain('40% 1 min 30 s left');
  expect(panel.textContent).toContain('step 30 of 120');
  expect(panel.textContent).toContain('12 s left');
  shown.getByText('No adapter.');
});

it('pauses, goes on, moves, cancels, tries again and removes', async () => {
  const { queue, in: shown } = await opened();
  await shown.findByText('Second');
  fireEvent.click(shown.getByRole('button', { name: 'Pause the queue' }));
  fireEvent.click(await shown.findByRole('button', { name: 'Resume the queue' }));
  await shown.findByRole('button', { name: 'Pause the queue' });
  const press = (name: string) => fireEvent.click(shown.getByRole('button', { name }));
  await act(async () => {
    press('Move Second down');
    press('Move Third up');
    press('Cancel Third');
    press('Go on with Fourth');
    press('Remove First from the list');
  });
  expect(queue.calls).toEqual([
    ['pause'],
    ['resume'],
    // Places count finished items too.
    ['move', 'b', 2],
    ['move', 'c', 1],
    ['cancel', 'c'],
    ['again', 'd'],
    ['remove', 'a'],
  ]);
  expect(shown.getByRole('button', { name: 'Move Second up' })).toHaveProperty('disabled', true);
});

it('says why nothing works, and when nothing is there', async () => {
  const { queue, in: shown } = await opened({});
  await shown.findByText(/Nothing is queued/);
  act(() => queue.tell({ failure: 'This browser has no WebGPU.' }));
  expect(shown.getByRole('alert').textContent).toBe('This browser has no WebGPU.');
});

it('leads to the claim, and to the results of a sweep', async () => {
  const sweep: Sweep = {
    format: 1,
    ...{ base: DEFAULTS_V1, axes: [{ path: 'router.K', values: [1, 2] }], seeds: [1] },
    budget: { of: 'steps', amount: 10 },
  };
  const items = [
    ...ITEMS.slice(0, 1),
    queueItem({ id: 's', title: 'K', state: 'done', done: 2, request: { kind: 'sweep', sweep } }),
  ];
  const { lab, in: shown } = await opened({ items });
  fireEvent.click(await shown.findByRole('button', { name: 'Claim' }));
  expect(lab.view.getState().own.claims).toMatchObject({ claim: 'modse-1', shown: 'own' });
  fireEvent.click(shown.getByRole('button', { name: 'Results' }));
  expect(lab.view.getState().own.sweeps).toMatchObject({ item: 's' });
  expect(lab.view.getState().sought).toEqual({ view: 'sweeps' });
});

const SWEEP = {
  kind: 'sweep',
  sweep: {
    ...{ format: 1, base: DEFAULTS_V1, axes: [], seeds: [1] },
    budget: { of: 'steps', amount: 10 },
  } satisfies Sweep,
} as const;

it('lets nobody lose the way to a sweep’s results with one press', async () => {
  const over = { state: 'done', done: 3 } as const;
  const items = [
    queueItem({ id: 'a', title: 'Claim', ...over, request: recipe('modse-1') }),
    queueItem({ id: 'b', title: 'Widths', ...over, request: SWEEP }),
  ];
  const { queue, in: shown } = await opened({ items });
  fireEvent.click(await shown.findByRole('button', { name: 'Clear' }));
  await waitFor(() => expect(queue.calls).toEqual([['remove', 'a']]));
  const remove = shown.getByRole('button', { name: 'Remove Widths from the list' });
  fireEvent.click(remove);
  expect(remove.textContent).toBe('Remove its results, too');
  expect(queue.calls).toHaveLength(1);
  fireEvent.click(remove);
  await waitFor(() =>
    expect(queue.calls).toEqual([
      ['remove', 'a'],
      ['remove', 'b'],
    ]),
  );
});

it('goes on with what is done on another version alone, and still leads to its results', async () => {
  const items = [
    queueItem({
      ...{ id: 'b', title: 'Widths', state: 'done', done: 0, request: SWEEP, hasResults: true },
    }),
  ];
  const { queue, panel, in: shown } = await opened({ items });
  await shown.findByText('Widths');
  expect(panel.textContent).toContain('done, of another version or adapter');
  shown.getByRole('button', { name: 'Results' });
  fireEvent.click(shown.getByRole('button', { name: 'Go on with Widths' }));
  await waitFor(() => expect(queue.calls).toEqual([['again', 'b']]));
});

it('says that the queue is in another tab, and takes it over once that is closed', async () => {
  const { queue, panel, in: shown } = await opened({ items: ITEMS, isElsewhere: true });
  await shown.findByText('Second');
  expect(panel.textContent).toContain('in another tab, 2 to do');
  expect(shown.queryByRole('button', { name: /the queue$/ })).toBeNull();
  fireEvent.click(shown.getByRole('button', { name: 'Go on in this tab' }));
  await waitFor(() => expect(queue.calls).toEqual([['resume']]));
});

it('counts runs of the library under the tag of the item', async () => {
  const rows = ['Sweep 0a0a0a', 'Sweep 0b0b0b', 'Sweep 0b0b0b'].map((tag, i) =>
    makeRow(`r${i}`, { tags: [tag] }),
  );
  const library = fakeLibrary(rows.map((row) => ({ row, parts: NO_PARTS })));
  const items = [queueItem({ id: 'a', title: 'Sweep', tag: 'Sweep 0a0a0a', request: SWEEP })];
  const { lab, in: shown } = await opened({ items }, library);
  const { library: runs } = lab;
  fireEvent.click(await shown.findByRole('button', { name: '1 run in the library' }));
  expect([...runs.getState().selected]).toEqual(['r0']);
});

it('tells what is measured, and how far a measured model is trained on', async () => {
  const measuring = 'Steps after a shock';
  const work = { ...WORK, measuring, onward: { step: 40, steps: 1193 } };
  const { queue, panel } = await opened({ items: ITEMS, work });
  await waitFor(() =>
    expect(panel.textContent).toContain('measuring Steps after a shock, step 40 of 1,193'),
  );
  act(() => queue.tell({ work: { ...WORK, measuring: 'Loss', onward: null } }));
  await waitFor(() => expect(panel.textContent).toContain('measuring Loss'));
  expect(panel.textContent).not.toContain('1,193');
});
