import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { createFakeQueue, queueItem } from './fakeQueue.ts';
import { openedClaim } from './openedClaim.tsx';

const request = { kind: 'recipe', name: 'modse-1', budget: 'quick', seeds: [1, 2, 3] } as const;

it('estimates again what the queue finished meanwhile', async () => {
  const { queue, in: shown } = await openedClaim({ claim: 'modse-1' });
  await shown.findByText(/^quick, seeds 1, 2, 3: 6 runs, about 2 min 00 s/);
  queue.estimated = () => ({ runs: 0, seconds: 0, longestRun: 0, refusal: null });
  act(() => queue.tell({ items: [queueItem({ id: 'q', state: 'done', done: 3, request })] }));
  await shown.findByText(/^quick, seeds 1, 2, 3: all runs are there already/);
});

it('tries again what could not be estimated', async () => {
  const fake = createFakeQueue();
  let isLost = true;
  const { in: shown, queue } = await openedClaim({ claim: 'modse-1' });
  queue.estimated = (asked) => {
    if (isLost) throw new Error('The adapter is busy.');
    return fake.estimated(asked);
  };
  await shown.findByText(/^quick, seeds 1, 2, 3: The adapter is busy\.$/);
  const start = shown.getByRole('button', { name: 'Run it here' });
  expect(start).toHaveProperty('disabled', true);
  isLost = false;
  fireEvent.click(shown.getAllByRole('button', { name: 'Try again' })[0]!);
  await shown.findByText(/^quick, seeds 1, 2, 3: 6 runs/);
  expect(start).toHaveProperty('disabled', false);
  // Every other estimate that failed is tried with it.
  await waitFor(() => expect(screen.queryByText(/The adapter is busy/)).toBeNull());
  expect(shown.queryByRole('button', { name: 'Try again' })).toBeNull();
});
