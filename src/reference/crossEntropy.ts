import { type Real, zerosLike } from './arrays.ts';

/** Mean over the tokens of −log softmax(logits)[target], in nats (docs/model.md, "Losses"). */
export interface CrossEntropyDims {
  T: number;
  V: number;
}

export interface CrossEntropySaved {
  /** softmax(logits) */
  q_TV: Real;
  targets_T: ArrayLike<number>;
}

export function forward(
  { logits_TV, targets_T }: { logits_TV: Real; targets_T: ArrayLike<number> },
  { T, V }: CrossEntropyDims,
): { out: { ce: number; perToken_T: Real }; saved: CrossEntropySaved } {
  const q_TV = zerosLike(logits_TV);
  const perToken_T = zerosLike(logits_TV, T);
  let ce = 0;
  for (let t = 0; t < T; t++) {
    const target = targets_T[t]!;
    if (target < 0 || target >= V) {
      throw new RangeError(`crossEntropy: target ${target} is not in 0 … ${V - 1}`);
    }
    let max = Number.NEGATIVE_INFINITY;
    for (let i = t * V; i < (t + 1) * V; i++) max = Math.max(max, logits_TV[i]!);
    let total = 0;
    for (let i = t * V; i < (t + 1) * V; i++) {
      q_TV[i] = Math.exp(logits_TV[i]! - max);
      total += q_TV[i]!;
    }
    for (let i = t * V; i < (t + 1) * V; i++) q_TV[i]! /= total;
    perToken_T[t] = Math.log(total) - (logits_TV[t * V + target]! - max);
    ce += perToken_T[t]! / T;
  }
  return { out: { ce, perToken_T }, saved: { q_TV, targets_T } };
}

/** dlogits = (softmax(logits) − 1[target]) / T */
export function backward(
  { q_TV, targets_T }: CrossEntropySaved,
  { T, V }: CrossEntropyDims,
): { dlogits_TV: Real } {
  const dlogits_TV = q_TV.map((q) => q / T);
  for (let t = 0; t < T; t++) dlogits_TV[t * V + targets_T[t]!]! -= 1 / T;
  return { dlogits_TV };
}
