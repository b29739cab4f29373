import index from '../../shaders/common/index.wgsl?raw';
import lanes from '../../shaders/common/lanes.wgsl?raw';
import bwd from '../../shaders/loss/embedding.bwd.wgsl?raw';
import fwd from '../../shaders/loss/embedding.fwd.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addOutputs } from './bodies.ts';

export const embeddingFwd = {
  name: 'embedding.fwd',
  source: fwd,
  preludes: [index],
  bindings: { ...read('tokens_T', 'embed_VD'), ...readWrite('x_TD') },
  dims: u32('T', 'D4', 'V'),
} as const satisfies KernelSpec;

export const embeddingBwd = {
  name: 'embedding.bwd',
  source: bwd,
  preludes: [index, lanes],
  bindings: { ...read('starts_V1', 'positions_T', 'dx_TD'), ...readWrite('dembed_VD') },
  dims: u32('V', 'D4', 'accumulate'),
} as const satisfies KernelSpec;

/** The positions of every token: those of v are positions[starts[v]] … positions[starts[v + 1] − 1]. */
export interface TokenCsr {
  /** [V + 1] */
  starts: Uint32Array;
  /** Ascending within a token [T]. */
  positions: Uint32Array;
}

/**
 * Writes the positions of every token into arrays of length V + 1 and T; allocates nothing.
 * @throws RangeError for a token ≥ V.
 */
export function fillTokenCsr(tokens: ArrayLike<number>, { starts, positions }: TokenCsr): void {
  const V = starts.length - 1;
  starts.fill(0);
  for (let t = 0; t < tokens.length; t++) {
    const token = tokens[t]!;
    if (!(token >= 0 && token < V)) {
      throw new RangeError(`embedding: token ${token} is not in 0 … ${V - 1}`);
    }
    starts[token + 1]! += 1;
  }
  for (let v = 0; v < V; v++) starts[v + 1]! += starts[v]!;
  // Placing moves starts[v] to the end of v's positions, which is the start of v + 1: shift back.
  for (let t = 0; t < tokens.length; t++) positions[starts[tokens[t]!]!++] = t;
  starts.copyWithin(1, 0, V);
  starts[0] = 0;
}

/** The positions of every token of a vocabulary of V. @throws RangeError for a token ≥ V. */
export function tokenCsr(tokens: ArrayLike<number>, V: number): TokenCsr {
  const csr = { starts: new Uint32Array(V + 1), positions: new Uint32Array(tokens.length) };
  fillTokenCsr(tokens, csr);
  return csr;
}

/** x_TD = embed_VD[tokens_T] */
export function embeddingForward(
  plan: PlanBuilder,
  io: { tokens_T: Slice; embed_VD: Slice; x_TD: Slice },
  { T, D, V }: { T: number; D: number; V: number },
): void {
  const D4 = pad4(D) / 4;
  plan.add(embeddingFwd, io, { T, D4, V }, Math.ceil((T * D4) / 64));
}

/** dembed_VD = sums of dx_TD by token; `accumulate` adds them to what is there (tied head). */
export function embeddingBackward(
  plan: PlanBuilder,
  io: { starts_V1: Slice; positions_T: Slice; dx_TD: Slice; dembed_VD: Slice },
  { D, V, accumulate }: { D: number; V: number; accumulate: boolean },
): void {
  const D4 = pad4(D) / 4;
  const dims = { V, D4, accumulate: accumulate ? 1 : 0 };
  addOutputs(plan, embeddingBwd, io, dims, V * D4);
}
