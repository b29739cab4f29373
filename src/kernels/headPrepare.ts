import bwd from '../../shaders/attention/headPrepare.bwd.wgsl?raw';
import bwdW from '../../shaders/attention/headPrepare.bwdW.wgsl?raw';
import fwd from '../../shaders/attention/headPrepare.fwd.wgsl?raw';
import rotated from '../../shaders/attention/rotated.wgsl?raw';
import columns from '../../shaders/common/columns.wgsl?raw';
import index from '../../shaders/common/index.wgsl?raw';
import lanes from '../../shaders/common/lanes.wgsl?raw';
import { f32, type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';
import type { HeadDims, RopeSlices } from './heads.ts';
import { OUTPUTS } from './lanes.ts';

export const headPrepareFwd = {
  name: 'headPrepare.fwd',
  source: fwd,
  preludes: [index, lanes, rotated],
  bindings: {
    ...read('qkv_TX', 'cos_SP', 'sin_SP', 'w_C'),
    ...readWrite('q_TX', 'k_TX', 'rstd_TG'),
  },
  dims: { ...u32('T', 'S', 'H', 'G', 'C', 'rotate', 'key_norm'), ...f32('eps') },
} as const satisfies KernelSpec;

export const headPrepareBwd = {
  name: 'headPrepare.bwd',
  source: bwd,
  preludes: [index, lanes, rotated],
  bindings: { ...read('qkv_TX', 'cos_SP', 'sin_SP', 'w_C', 'rstd_TG'), ...readWrite('dqkv_TX') },
  dims: u32('T', 'S', 'H', 'G', 'C', 'rotate', 'key_norm'),
} as const satisfies KernelSpec;

export const headPrepareBwdW = {
  name: 'headPrepare.bwdW',
  source: bwdW,
  preludes: [index, columns, rotated],
  bindings: { ...read('qkv_TX', 'cos_SP', 'sin_SP', 'rstd_TG', 'dqkv_TX'), ...readWrite('dw_C') },
  dims: u32('T', 'S', 'H', 'G', 'C', 'rotate'),
} as const satisfies KernelSpec;

/**
 * cos and sin of s·base^(−2i/C) for position s and pair i [S, C/2], rounded from double precision.
 * @throws RangeError where C is odd: pairs need two halves.
 */
export function ropeTables(
  S: number,
  C: number,
  base: number,
): { cos: Float32Array; sin: Float32Array } {
  if (C % 2 !== 0) throw new RangeError(`headPrepare: rope needs an even head width, not ${C}`);
  const half = C / 2;
  const angle = (_: unknown, i: number) => Math.floor(i / half) * base ** ((-2 * (i % half)) / C);
  const angles = Array.from({ length: S * half }, angle);
  return { cos: Float32Array.from(angles, Math.cos), sin: Float32Array.from(angles, Math.sin) };
}

/**
 * q = rope(q_raw), k = rmsnorm(rope(k_raw), w) from qkv_TX [T, (H + 2G)·Cp]; v stays in qkv_TX.
 * `rope` null: no rotation; `w_C` null: no key norm. Saves rstd_TG (untouched without key norm).
 */
export function headPrepareForward(
  plan: PlanBuilder,
  io: {
    qkv_TX: Slice;
    rope: RopeSlices | null;
    w_C: Slice | null;
    q_TX: Slice;
    k_TX: Slice;
    rstd_TG: Slice;
  },
  dims: HeadDims & { eps: number },
): void {
  const { qkv_TX, rope, w_C, q_TX, k_TX, rstd_TG } = io;
  const { cos_SP, sin_SP } = rope ?? { cos_SP: qkv_TX, sin_SP: qkv_TX };
  addRows(
    plan,
    headPrepareFwd,
    { qkv_TX, cos_SP, sin_SP, w_C: w_C ?? qkv_TX, q_TX, k_TX, rstd_TG },
    { ...dims, rotate: rope ? 1 : 0, key_norm: w_C ? 1 : 0 },
    Math.ceil((dims.T * (dims.H + dims.G)) / OUTPUTS),
  );
}

/**
 * Turns the gradients of the prepared q and k heads in dqkv_TX, where attention's backward left
 * them, into those of the raw heads, in place; dv is not touched. Overwrites dw_C [Cp] of the key
 * norm (`norm` null: none).
 */
export function headPrepareBackward(
  plan: PlanBuilder,
  io: {
    qkv_TX: Slice;
    rope: RopeSlices | null;
    norm: { w_C: Slice; dw_C: Slice; rstd_TG: Slice } | null;
    dqkv_TX: Slice;
  },
  { T, S, H, G, C }: HeadDims,
): void {
  const { qkv_TX, rope, norm, dqkv_TX } = io;
  if (!rope && !norm) return;
  const { cos_SP, sin_SP } = rope ?? { cos_SP: qkv_TX, sin_SP: qkv_TX };
  const { w_C, rstd_TG } = norm ?? { w_C: qkv_TX, rstd_TG: qkv_TX };
  const shared = { T, S, H, G, C, rotate: rope ? 1 : 0 };
  if (norm) {
    const buffers = { qkv_TX, cos_SP, sin_SP, rstd_TG, dqkv_TX, dw_C: norm.dw_C };
    addRows(plan, headPrepareBwdW, buffers, shared, pad4(C));
  }
  addRows(
    plan,
    headPrepareBwd,
    { qkv_TX, cos_SP, sin_SP, w_C, rstd_TG, dqkv_TX },
    { ...shared, key_norm: norm ? 1 : 0 },
    Math.ceil((T * (H + G)) / OUTPUTS),
  );
}
