/** The open run of a fake trainer, beside a stored run whose losses differ. */
import { act, screen, waitFor } from '@testing-library/react';
import type { FigureInputs } from '../../src/analysis/figures/figure.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { createInstruments } from '../../src/state/looks/instruments.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import type { FakeTrainer } from './fakeTrainer.ts';
import { renderPage } from './render.tsx';

export const STORED = { run: 'r1', step: null };

/** A stored run of the same slots has other losses than the open run on the same tokens. */
function makeLossesDiffer(trainer: FakeTrainer): void {
  const { inspect } = trainer;
  trainer.inspect = async (kind, ask, subject) => {
    const answer = await inspect(kind, ask, subject);
    if (typeof subject === 'object' && 'run' in subject && 'inspection' in (answer as object)) {
      const { ce } = (answer as { inspection: { ce: Float32Array } }).inspection;
      for (let u = 0; u < ce.length; u++) ce[u]! += (u % 7) / 8 - 0.25;
    }
    return answer;
  };
}

/** A view over the open run, paused before its first step, with a stored run that may stand beside it. */
export async function openView(title: string, experiment: Experiment, stored = experiment) {
  const row = makeRow('r1', {
    name: 'Uniform',
    experiment: stored,
    checkpoints: [{ step: 7, bytes: 1, isPinned: false, at: 1 }],
  });
  const test = await renderPage({
    room: 'papers',
    experiment,
    library: fakeLibrary([{ row, parts: NO_PARTS }]),
  });
  if (stored === experiment) makeLossesDiffer(test.trainer);
  const { sides } = test.lab.instruments(createInstruments);
  return {
    ...test,
    panel: screen.getByRole('region', { name: title }),
    async start() {
      await act(() => test.lab.commands.start());
      await act(() => test.lab.commands.pause());
    },
    async putBeside() {
      await waitFor(() => {
        if (test.lab.library.getState().rows.length === 0) throw new Error('no row was read');
      });
      await act(() => sides.getState().compareWith(STORED));
    },
  };
}

/** What figures of the open run are computed of; its baseline is the stored run on the same tokens. */
export async function besideInputs(trainer: FakeTrainer, batches: number): Promise<FigureInputs> {
  const { inspection } = await trainer.inspect('pass', { of: { validation: batches } });
  const { n, tokens, targets, domains, S } = inspection;
  const cut = (values: Int32Array, b: number) =>
    values.subarray((b * values.length) / n, ((b + 1) * values.length) / n);
  const of = {
    batches: Array.from({ length: n }, (_, b) => ({
      tokens: Uint32Array.from(cut(tokens, b)),
      targets: Uint32Array.from(cut(targets, b)),
      domains: Uint8Array.from(cut(domains, b)),
    })),
    S,
  };
  const { inspection: baseline } = await trainer.inspect('pass', { of }, STORED);
  return { inspection, baseline };
}
