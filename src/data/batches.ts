/** Batches of a run, read at random access. */
import type { BatchConfig } from '../config/experiment.ts';
import { DataError } from './dataError.ts';
import type { DomainStream } from './domainStreams.ts';
import type { SequenceOrder } from './order.ts';
import type { Batch } from './types.ts';

/** Sequences `first` … `first` + B − 1 of an order. */
export function readBatch(
  streams: readonly DomainStream[],
  order: SequenceOrder,
  first: number,
  { B, S }: BatchConfig,
): Batch {
  const batch: Batch = {
    tokens: new Uint32Array(B * S),
    targets: new Uint32Array(B * S),
    domains: new Uint8Array(B * S),
  };
  for (let b = 0; b < B; b++) {
    const { domain, window } = order.at(first + b);
    const { tokens } = streams[domain]!;
    const start = window * S;
    batch.tokens.set(tokens.subarray(start, start + S), b * S);
    batch.targets.set(tokens.subarray(start + 1, start + S + 1), b * S);
    batch.domains.fill(domain, b * S, b * S + S);
  }
  return batch;
}

/**
 * Last step that `epochs` passes over all windows allow; null when there is no end.
 *
 * @throws DataError `ConfigInvalid` when they are less than one batch
 */
export function lastStepOf(epochs: number | null, windows: number, B: number): number | null {
  if (epochs === null) return null;
  const last = Math.floor((epochs * windows) / B);
  if (last >= 1) return last;
  throw new DataError(
    'ConfigInvalid',
    `data.epochs = ${epochs} of ${windows} windows is less than one batch of batch.B = ${B}.`,
  );
}

/** @throws RangeError for a step that the run does not have */
export function checkStep(step: number, lastStep: number | null): void {
  if (Number.isInteger(step) && step >= 1 && step <= (lastStep ?? Number.MAX_SAFE_INTEGER)) return;
  const range = lastStep === null ? 'at least 1' : `from 1 to ${lastStep}, where data.epochs end`;
  throw new RangeError(`trainingBatch: step ${step} is not an integer ${range}.`);
}

/**
 * Passes over its training windows that each domain has had after `sequences` sequences of a run,
 * by name of the domain.
 */
export function epochsAt(
  order: SequenceOrder,
  plan: readonly { name: string; windows: number }[],
  sequences: number,
): Record<string, number> {
  const drawn = order.drawn(sequences);
  return Object.fromEntries(plan.map(({ name, windows }, d) => [name, drawn[d]! / windows]));
}
