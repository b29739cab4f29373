import { type Real, zerosLike } from './arrays.ts';
import * as rmsNorm from './rmsNorm.ts';

/**
 * Rotation of queries and keys by position, then the optional norm of every key head
 * (docs/model.md, "Network"). G key/value heads, C = Dh values per head.
 */
export interface HeadPrepareDims {
  T: number;
  S: number;
  H: number;
  G: number;
  C: number;
  /** Base of `rope`, null for no rotation. */
  ropeBase: number | null;
  eps: number;
}

export interface HeadPrepareInputs {
  q_THC: Real;
  k_TGC: Real;
  /** Weight of the key norm, null for off. */
  kNorm_C: Real | null;
}

export interface HeadPrepareSaved {
  /** What the key norm keeps; null without it. */
  keyNorm: rmsNorm.RmsNormSaved | null;
}

/**
 * Pairs (i, i + C/2) of every head turned by s·base^(−2i/C), s the position in its sequence;
 * `direction` −1 turns back, which is the backward pass.
 */
function rotate(x: Real, heads: number, direction: 1 | -1, dims: HeadPrepareDims): Real {
  const { T, S, C, ropeBase } = dims;
  if (ropeBase === null) return x;
  const out = zerosLike(x);
  const half = C / 2;
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < half; i++) {
      const angle = (t % S) * ropeBase ** ((-2 * i) / C);
      const cos = Math.cos(angle);
      const sin = direction * Math.sin(angle);
      for (let head = 0; head < heads; head++) {
        const first = (t * heads + head) * C + i;
        const second = first + half;
        out[first] = x[first]! * cos - x[second]! * sin;
        out[second] = x[second]! * cos + x[first]! * sin;
      }
    }
  }
  return out;
}

function keyNormDims({ T, G, C, eps }: HeadPrepareDims): rmsNorm.RmsNormDims {
  return { T: T * G, D: C, eps };
}

export function forward(
  { q_THC, k_TGC, kNorm_C }: HeadPrepareInputs,
  dims: HeadPrepareDims,
): { out: { q_THC: Real; k_TGC: Real }; saved: HeadPrepareSaved } {
  const q = rotate(q_THC, dims.H, 1, dims);
  const k = rotate(k_TGC, dims.G, 1, dims);
  if (kNorm_C === null) return { out: { q_THC: q, k_TGC: k }, saved: { keyNorm: null } };
  const norm = rmsNorm.forward({ x_TD: k, w_D: kNorm_C }, keyNormDims(dims));
  return { out: { q_THC: q, k_TGC: norm.out }, saved: { keyNorm: norm.saved } };
}

export function backward(
  { dq_THC, dk_TGC }: { dq_THC: Real; dk_TGC: Real },
  { keyNorm }: HeadPrepareSaved,
  dims: HeadPrepareDims,
): { dq_THC: Real; dk_TGC: Real; dkNorm_C: Real | null } {
  const norm = keyNorm === null ? null : rmsNorm.backward(dk_TGC, keyNorm, keyNormDims(dims));
  return {
    dq_THC: rotate(dq_THC, dims.H, -1, dims),
    dk_TGC: rotate(norm === null ? dk_TGC : norm.dx_TD, dims.G, -1, dims),
    dkNorm_C: norm === null ? null : norm.dw_D,
  };
}
