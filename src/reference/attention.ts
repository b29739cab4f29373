import { type Real, zerosLike } from './arrays.ts';

/**
 * Causal attention, scores q·k/sqrt(C) (− slope·distance with ALiBi), grouped key/value heads:
 * head g serves query heads g·H/G … (g + 1)·H/G − 1 (docs/model.md, "Network").
 */
export interface AttentionDims {
  B: number;
  S: number;
  H: number;
  G: number;
  C: number;
}

export interface AttentionInputs {
  q_THC: Real;
  k_TGC: Real;
  v_TGC: Real;
  /** ALiBi slope of every head, null for none. */
  slopes_H: readonly number[] | null;
}

export interface AttentionSaved {
  q_THC: Real;
  k_TGC: Real;
  v_TGC: Real;
  /** Attention weights; 0 where the key is later than the query [B, H, S, S]. */
  a_BHSS: Real;
}

/**
 * ALiBi's slopes: 2^(−8·head/H) for head = 1 … H where H is a power of two; else those of the next
 * lower power n, then those of 2n for its odd heads, as many as are missing.
 */
export function alibiSlopes(H: number): number[] {
  const n = 2 ** Math.floor(Math.log2(H));
  return Array.from({ length: H }, (_, h) =>
    h < n ? 2 ** ((-8 * (h + 1)) / n) : 2 ** ((-8 * (2 * (h - n) + 1)) / (2 * n)),
  );
}

/** Offsets of the head vectors of query (b, i, h) and key (b, j, h's group). */
function offsets({ S, H, G, C }: AttentionDims, b: number, h: number) {
  const g = Math.floor((h * G) / H);
  return {
    query: (i: number) => ((b * S + i) * H + h) * C,
    key: (j: number) => ((b * S + j) * G + g) * C,
    row: (i: number) => ((b * H + h) * S + i) * S,
  };
}

export function forward(
  { q_THC, k_TGC, v_TGC, slopes_H }: AttentionInputs,
  dims: AttentionDims,
): { out: Real; saved: AttentionSaved } {
  const { B, S, H, C } = dims;
  const out_THC = zerosLike(q_THC);
  const a_BHSS = zerosLike(q_THC, B * H * S * S);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const at = offsets(dims, b, h);
      for (let i = 0; i < S; i++) {
        const row = at.row(i);
        let max = Number.NEGATIVE_INFINITY;
        for (let j = 0; j <= i; j++) {
          for (let c = 0; c < C; c++) {
            a_BHSS[row + j]! += q_THC[at.query(i) + c]! * k_TGC[at.key(j) + c]!;
          }
          a_BHSS[row + j] = a_BHSS[row + j]! / Math.sqrt(C) - (slopes_H?.[h] ?? 0) * (i - j);
          max = Math.max(max, a_BHSS[row + j]!);
        }
        let total = 0;
        for (let j = 0; j <= i; j++) {
          a_BHSS[row + j] = Math.exp(a_BHSS[row + j]! - max);
          total += a_BHSS[row + j]!;
        }
        for (let j = 0; j <= i; j++) {
          a_BHSS[row + j]! /= total;
          for (let c = 0; c < C; c++) {
            out_THC[at.query(i) + c]! += a_BHSS[row + j]! * v_TGC[at.key(j) + c]!;
          }
        }
      }
    }
  }
  return { out: out_THC, saved: { q_THC, k_TGC, v_TGC, a_BHSS } };
}

/** da = do·vᵀ, ds = a·(da − Σ a·da); dq = ds·k/sqrt(C), dk = dsᵀ·q/sqrt(C), dv = aᵀ·do. */
export function backward(
  do_THC: Real,
  { q_THC, k_TGC, v_TGC, a_BHSS }: AttentionSaved,
  dims: AttentionDims,
): { dq_THC: Real; dk_TGC: Real; dv_TGC: Real } {
  const { B, S, H, C } = dims;
  const dq_THC = zerosLike(q_THC);
  const dk_TGC = zerosLike(k_TGC);
  const dv_TGC = zerosLike(v_TGC);
  const da_S = zerosLike(a_BHSS, S);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const at = offsets(dims, b, h);
      for (let i = 0; i < S; i++) {
        const row = at.row(i);
        const query = at.query(i);
        let mean = 0;
        for (let j = 0; j <= i; j++) {
          da_S[j] = 0;
          for (let c = 0; c < C; c++) {
            da_S[j]! += do_THC[query + c]! * v_TGC[at.key(j) + c]!;
            dv_TGC[at.key(j) + c]! += a_BHSS[row + j]! * do_THC[query + c]!;
          }
          mean += a_BHSS[row + j]! * da_S[j]!;
        }
        for (let j = 0; j <= i; j++) {
          const ds = (a_BHSS[row + j]! * (da_S[j]! - mean)) / Math.sqrt(C);
          for (let c = 0; c < C; c++) {
            dq_THC[query + c]! += ds * k_TGC[at.key(j) + c]!;
            dk_TGC[at.key(j) + c]! += ds * q_THC[query + c]!;
          }
        }
      }
    }
  }
  return { dq_THC, dk_TGC, dv_TGC };
}
