import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { pruning } from '../../src/analysis/figures/pruning.ts';
import { type FigureRequest, passesOf } from '../../src/analysis/figures.ts';
import { domainLosses, POOLS_NAME, poolsSentence, poolsSweep } from '../../src/recipes/pools.ts';
import { sweepExperiment, sweepPoints } from '../../src/recipes/sweeps.ts';
import type { QueueWork } from '../../src/worker/api.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { createFakeQueue } from './fakeQueue.ts';
import { csvOf, expectColumn } from './figureFiles.ts';
import { renderView } from './renderView.tsx';

const TITLE = 'Experts of one domain (EMO)';

/** What the queue leaves in the library of both runs of a seed. */
const runs = sweepPoints(poolsSweep(1)).map((point, i) => ({
  row: makeRow(`pools-${i}`, {
    name: `${POOLS_NAME}: ${i}`,
    tags: [POOLS_NAME],
    status: 'done',
    steps: 400,
    experiment: sweepExperiment(point, 1),
    checkpoints: [{ step: 400, bytes: 1, isPinned: false, at: 1 }],
  }),
  parts: NO_PARTS,
}));

it('trains both models with one press, tells how far they are, and ends them', async () => {
  const queue = createFakeQueue();
  const { panel } = await renderView('pools', { queue, library: fakeLibrary([]) });
  const shown = within(panel);
  fireEvent.click(shown.getByRole('button', { name: 'Train with and without pools' }));
  const cancel = await shown.findByRole('button', { name: 'Cancel' });
  const [call] = queue.calls.filter(([name]) => name === 'add');
  expect(call?.[1]).toEqual({ kind: 'sweep', sweep: poolsSweep(1) });
  const item = queue.now.items[0]!.id;
  const run = { variant: '0', label: '', state: 'training', step: 100, steps: 400 } as const;
  const work: QueueWork = {
    ...{ item, group: '0', seed: 1, measuring: null, onward: null },
    runs: [{ ...run, record: null, share: 0.25, secondsLeft: 30 }],
  };
  act(() => queue.tell({ work }));
  await shown.findByText('step 100 of 400');
  expect(shown.getByLabelText<HTMLProgressElement>('Training without pools').value).toBe(0.25);
  expect(shown.getByLabelText<HTMLProgressElement>('Training with pools').value).toBe(0);
  fireEvent.click(cancel);
  await waitFor(() => expect(queue.calls.at(-1)).toEqual(['cancel', item]));
});

it('says in numbers and words what each domain loses with its experts alone', async () => {
  const { panel, trainer, lab } = await renderView('pools', {
    queue: createFakeQueue(),
    library: fakeLibrary(runs),
  });
  const request = { figure: 'pruning', rule: { by: 'count', most: 4 }, layer: null } as const;
  const of = { validation: 4 };
  const subject = { run: 'pools-0', step: null };
  const { inspection } = await trainer.inspect('pass', { of }, subject);
  const requests = passesOf(request satisfies FigureRequest, { inspection });
  const { ce } = await trainer.inspect('losses', { of, requests }, subject);
  const losses = domainLosses(pruning.compute({ inspection, losses: ce }, request));
  const both = { without: losses, with: losses };
  await within(panel).findByText(poolsSentence([{ seed: 1, losses: both }], 4));

  const rows = await csvOf(panel, 'Change of a domain’s loss with its own experts alone');
  for (const trained of ['without pools', 'with pools']) {
    const own = rows.filter((row) => row.trained === trained && row.domain !== 'mean');
    expectColumn(
      own,
      'loss with all experts, nats',
      losses.map((one) => one.ce),
    );
    expectColumn(
      own,
      'change with its own alone, nats',
      losses.map((one) => one.own),
    );
    expectColumn(
      own,
      'change with another’s alone, nats',
      losses.map((one) => one.others),
    );
  }
  fireEvent.change(within(panel).getByLabelText('Experts that are left'), {
    target: { value: 'others' },
  });
  await within(panel).findByText('Change of a domain’s loss with those of another domain alone');
  expect(within(panel).getByRole('button', { name: 'Train another seed' })).toBeTruthy();
  fireEvent.click(within(panel).getByText('2 runs in the library'));
  expect([...lab.library.getState().selected]).toEqual(['pools-0', 'pools-1']);
  expect(screen.getByRole('region', { name: TITLE })).toBe(panel);
});
