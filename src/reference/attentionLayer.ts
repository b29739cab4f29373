import type { ModelConfig } from '../config/experiment.ts';
import { addInto, type Real, type RealTensors } from './arrays.ts';
import * as attention from './attention.ts';
import * as headPrepare from './headPrepare.ts';
import * as linear from './linear.ts';
import { addGradient, valuesOf } from './tensors.ts';

/** Attention of layer l: maps to heads, positions and key norm, attention, output projection. */
export interface AttentionLayerSaved {
  l: number;
  q: linear.LinearSaved;
  k: linear.LinearSaved;
  v: linear.LinearSaved;
  heads: headPrepare.HeadPrepareSaved;
  attention: attention.AttentionSaved;
  o: linear.LinearSaved;
}

export interface AttentionLayerDims {
  B: number;
  S: number;
  model: ModelConfig;
}

function resolve({ B, S, model }: AttentionLayerDims) {
  const { D, H, Hkv: G, positions, ropeBase, normEps: eps } = model;
  const C = D / H;
  const T = B * S;
  return {
    queries: { T, I: D, O: D },
    keys: { T, I: D, O: G * C },
    heads: { T, S, H, G, C, ropeBase: positions === 'rope' ? ropeBase : null, eps },
    attention: { B, S, H, G, C },
  };
}

/** out: after the output projection, before the residual sum [T, D]. */
export function forward(
  { x_TD, params, l }: { x_TD: Real; params: RealTensors; l: number },
  dims: AttentionLayerDims,
): { out: Real; saved: AttentionLayerSaved } {
  const { positions, keyNorm, H } = dims.model;
  const sizes = resolve(dims);
  const weight = (name: string) => valuesOf(params, `layers.${l}.attn.${name}.weight`);
  const q = linear.forward({ x_TI: x_TD, w_OI: weight('q') }, sizes.queries);
  const k = linear.forward({ x_TI: x_TD, w_OI: weight('k') }, sizes.keys);
  const v = linear.forward({ x_TI: x_TD, w_OI: weight('v') }, sizes.keys);
  const kNorm_C = keyNorm ? weight('k_norm') : null;
  const heads = headPrepare.forward({ q_THC: q.out, k_TGC: k.out, kNorm_C }, sizes.heads);
  const slopes_H = positions === 'alibi' ? attention.alibiSlopes(H) : null;
  const mixed = attention.forward({ ...heads.out, v_TGC: v.out, slopes_H }, sizes.attention);
  const o = linear.forward({ x_TI: mixed.out, w_OI: weight('o') }, sizes.queries);
  return {
    out: o.out,
    saved: {
      l,
      q: q.saved,
      k: k.saved,
      v: v.saved,
      heads: heads.saved,
      attention: mixed.saved,
      o: o.saved,
    },
  };
}

/** Adds the parameters' gradients to `grads`. */
export function backward(
  dy_TD: Real,
  saved: AttentionLayerSaved,
  dims: AttentionLayerDims,
  grads: RealTensors,
): { dx_TD: Real } {
  const sizes = resolve(dims);
  const add = (name: string, gradient: Real) =>
    addGradient(grads, `layers.${saved.l}.attn.${name}.weight`, gradient);
  const o = linear.backward(dy_TD, saved.o, sizes.queries);
  const mixed = attention.backward(o.dx_TI, saved.attention, sizes.attention);
  const heads = headPrepare.backward(mixed, saved.heads, sizes.heads);
  const q = linear.backward(heads.dq_THC, saved.q, sizes.queries);
  const k = linear.backward(heads.dk_TGC, saved.k, sizes.keys);
  const v = linear.backward(mixed.dv_TGC, saved.v, sizes.keys);
  add('q', q.dw_OI);
  add('k', k.dw_OI);
  add('v', v.dw_OI);
  add('o', o.dw_OI);
  if (heads.dkNorm_C !== null) add('k_norm', heads.dkNorm_C);
  addInto(q.dx_TI, k.dx_TI);
  addInto(q.dx_TI, v.dx_TI);
  return { dx_TD: q.dx_TI };
}
