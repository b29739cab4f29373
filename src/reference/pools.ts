import { poolSize } from '../config/balancing.ts';
import type { Pool } from '../config/experiment.ts';
import type { Real } from './arrays.ts';
import { rankSlots } from './routerTopk.ts';
import { softmaxOver } from './scores.ts';

export interface PoolDims {
  T: number;
  R: number;
  /** Tokens of a sequence. */
  S: number;
  pool: Pool;
  seed: number;
  /** Steps count from 1; null in evaluation, whose pools have `pool.evaluation` slots. */
  step: number | null;
  l: number;
}

/** Mean preference of every sequence for every slot, softmax(z) whatever the score is [B, R]. */
export function preferences(z_TR: Real, { T, R, S }: Pick<PoolDims, 'T' | 'R' | 'S'>): Real[] {
  return Array.from({ length: T / S }, (_, j) => {
    const mean = new Float64Array(R);
    for (let t = j * S; t < (j + 1) * S; t++)
      softmaxOver(z_TR.subarray(t * R, (t + 1) * R), () => true).forEach((p, r) => {
        mean[r]! += p / S;
      });
    return mean;
  });
}

/** Slots that a sequence's tokens choose among [B, R] (docs/balancing.md, "Document pools"). */
export function pools(z_TR: Real, dims: PoolDims): Uint8Array {
  const { R, pool, seed, step, l } = dims;
  const all = preferences(z_TR, dims);
  const pool_BR = new Uint8Array(all.length * R);
  all.forEach((mean_R, j) => {
    const n =
      step === null ? Math.min(pool.evaluation ?? R, R) : poolSize(pool, { seed, step, l, j, R });
    for (const r of rankSlots(mean_R).slice(0, n)) pool_BR[j * R + r] = 1;
  });
  return pool_BR;
}
