import type { ScoreFunction } from '../config/experiment.ts';
import { type Real, zerosLike } from './arrays.ts';

/** Scores s of the logits (docs/balancing.md, "Step 1½: scores"). */

/** Below this softplus(z) is e^z to the last bit that counts: log softplus(z) = z, its slope 1. */
const TINY = -15;

/** max(x, 0) + log(1 + e^−|x|) */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * log s of one logit; for `softmax` up to the token's log Σ e^z, which no share of the scores and no
 * rank of a token depends on.
 */
export function logScore(score: ScoreFunction, z: number): number {
  switch (score) {
    case 'softmax':
      return z;
    case 'sigmoid':
      return -softplus(-z);
    case 'sqrtSoftplus':
      return z < TINY ? z / 2 : Math.log(softplus(z)) / 2;
  }
}

/** d log s / dz of one logit; 1 for `softmax`, as above. */
export function logScoreSlope(score: ScoreFunction, z: number): number {
  switch (score) {
    case 'softmax':
      return 1;
    case 'sigmoid':
      return 1 / (1 + Math.exp(z));
    case 'sqrtSoftplus':
      return z < TINY ? 0.5 : 1 / (1 + Math.exp(-z)) / (2 * softplus(z));
  }
}

/** log Σ e^z over the slots that are left. */
export function logSumExp(z_R: Real, isLeft: (r: number) => boolean): number {
  const left = Array.from(z_R).filter((_, r) => isLeft(r));
  const max = left.reduce((most, z) => Math.max(most, z), Number.NEGATIVE_INFINITY);
  return max + Math.log(left.reduce((sum, z) => sum + Math.exp(z - max), 0));
}

/** exp(z − max) / Σ over the slots with `takesPart`, 0 elsewhere; all 0 when there is none. */
export function softmaxOver(z_R: Real, takesPart: (r: number) => boolean): Real {
  const out = zerosLike(z_R);
  let max = Number.NEGATIVE_INFINITY;
  z_R.forEach((z, r) => {
    if (takesPart(r)) max = Math.max(max, z);
  });
  let total = 0;
  for (let r = 0; r < z_R.length; r++) {
    if (!takesPart(r)) continue;
    out[r] = Math.exp(z_R[r]! - max);
    total += out[r]!;
  }
  for (let r = 0; r < z_R.length; r++) if (takesPart(r)) out[r]! /= total;
  return out;
}
