import { type Real, zerosLike } from './arrays.ts';

/** x = embed[token] (docs/model.md, "Network"). */
export interface EmbeddingDims {
  T: number;
  D: number;
  V: number;
}

export interface EmbeddingSaved {
  tokens_T: ArrayLike<number>;
}

export function forward(
  { embed_VD, tokens_T }: { embed_VD: Real; tokens_T: ArrayLike<number> },
  { T, D, V }: EmbeddingDims,
): { out: Real; saved: EmbeddingSaved } {
  const x_TD = zerosLike(embed_VD, T * D);
  for (let t = 0; t < T; t++) {
    const token = tokens_T[t]!;
    if (token < 0 || token >= V)
      throw new RangeError(`embedding: token ${token} is not in 0 … ${V - 1}`);
    x_TD.set(embed_VD.subarray(token * D, (token + 1) * D), t * D);
  }
  return { out: x_TD, saved: { tokens_T } };
}

export function backward(
  dx_TD: Real,
  { tokens_T }: EmbeddingSaved,
  { T, D, V }: EmbeddingDims,
): { dembed_VD: Real } {
  const dembed_VD = zerosLike(dx_TD, V * D);
  for (let t = 0; t < T; t++) {
    for (let d = 0; d < D; d++) dembed_VD[tokens_T[t]! * D + d]! += dx_TD[t * D + d]!;
  }
  return { dembed_VD };
}
