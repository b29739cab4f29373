import type { EngineConfig } from '../config/experiment.ts';
import { isMoeLayer } from '../config/layers.ts';
import { addInto, type Real, type RealTensors, sum } from './arrays.ts';
import * as attentionLayer from './attentionLayer.ts';
import * as crossEntropy from './crossEntropy.ts';
import * as embedding from './embedding.ts';
import * as linear from './linear.ts';
import * as moeLayer from './moeLayer.ts';
import * as rmsNorm from './rmsNorm.ts';
import * as swiglu from './swiglu.ts';
import { addGradient, valuesOf, zeroTensors } from './tensors.ts';

/** Cross-entropy `ce`, every active auxiliary term summed over the layers, and their `total`. */
export type Losses = Record<string, number>;

export interface ReferenceBatch {
  /** [T], T a multiple of the configuration's S. */
  tokens: ArrayLike<number>;
  /** The next token of each position [T]. */
  targets: ArrayLike<number>;
}

/** What one layer keeps for its backward pass and for the goldens. */
export interface LayerTrace {
  attnNorm: rmsNorm.RmsNormSaved;
  attention: attentionLayer.AttentionLayerSaved;
  ffnNorm: rmsNorm.RmsNormSaved;
  /** Output of the attention and of the FFN or MoE layer, before the residual sums [T, D]. */
  attnOutput_TD: Real;
  ffnOutput_TD: Real;
  ffn:
    | { kind: 'dense'; saved: swiglu.SwigluSaved }
    | { kind: 'moe'; saved: moeLayer.MoeLayerSaved };
}

export interface Trace {
  mode: moeLayer.ForwardMode;
  embedding: embedding.EmbeddingSaved;
  layers: LayerTrace[];
  finalNorm: rmsNorm.RmsNormSaved;
  head: linear.LinearSaved;
  logits_TV: Real;
  /** Nats per token [T]. */
  ce_T: Real;
  crossEntropy: crossEntropy.CrossEntropySaved;
}

/** Dimensions shared by the parts; B follows from the number of tokens. */
function resolve(config: EngineConfig, T: number) {
  const { D, V, normEps: eps } = config.model;
  const { S } = config.batch;
  if (T === 0 || T % S !== 0)
    throw new RangeError(`reference: ${T} tokens are no multiple of S = ${S}`);
  return {
    T,
    norm: { T, D, eps },
    attention: { B: T / S, S, model: config.model },
    dense: { T, D, F: config.model.denseHidden },
    embedding: { T, D, V },
    head: { T, I: D, O: V },
    crossEntropy: { T, V },
  };
}

function headName(config: EngineConfig): string {
  return config.model.tied ? 'embed.weight' : 'head.weight';
}

export interface ForwardInputs {
  params: RealTensors;
  batch: ReferenceBatch;
  /** Counts of the steps before by layer, oldest first (balance over a window). */
  histories?: ReadonlyMap<number, readonly (readonly number[])[]>;
}

/** The whole network (docs/model.md, "Network") and its losses, in the parameters' precision. */
export function forward(
  { params, batch, histories }: ForwardInputs,
  config: EngineConfig,
  mode: moeLayer.ForwardMode,
): { losses: Losses; trace: Trace } {
  const sizes = resolve(config, batch.tokens.length);
  const embed_VD = valuesOf(params, 'embed.weight');
  const embedded = embedding.forward({ embed_VD, tokens_T: batch.tokens }, sizes.embedding);
  let x_TD = embedded.out;
  let previous: moeLayer.PreviousLogits | null = null;
  const layers: LayerTrace[] = [];
  const aux: Losses = {};
  const norm = (x: Real, name: string) =>
    rmsNorm.forward({ x_TD: x, w_D: valuesOf(params, `${name}.weight`) }, sizes.norm);
  for (let l = 0; l < config.model.L; l++) {
    const attnNorm = norm(x_TD, `layers.${l}.attn_norm`);
    const attn = attentionLayer.forward({ x_TD: attnNorm.out, params, l }, sizes.attention);
    x_TD = sum(x_TD, attn.out);
    const ffnNorm = norm(x_TD, `layers.${l}.ffn_norm`);
    const shared = {
      attnNorm: attnNorm.saved,
      attention: attn.saved,
      attnOutput_TD: attn.out,
      ffnNorm: ffnNorm.saved,
    };
    if (isMoeLayer(config.model, l)) {
      const history = histories?.get(l) ?? [];
      const inputs = { m_TD: ffnNorm.out, previous, params, l, tokens_T: batch.tokens, history };
      const moe = moeLayer.forward(inputs, { T: sizes.T, config, mode });
      const ffn = { kind: 'moe' as const, saved: moe.saved };
      layers.push({ ...shared, ffnOutput_TD: moe.out.y_TD, ffn });
      previous = { z_TQ: moe.saved.z_TR, Q: moe.saved.slots.length };
      for (const [term, value] of Object.entries(moe.out.aux)) aux[term] = (aux[term] ?? 0) + value;
    } else {
      const prefix = `layers.${l}.ffn`;
      const dense = swiglu.forward({ m_TD: ffnNorm.out, params, prefix }, sizes.dense);
      const ffn = { kind: 'dense' as const, saved: dense.saved };
      layers.push({ ...shared, ffnOutput_TD: dense.out, ffn });
    }
    x_TD = sum(x_TD, layers[l]!.ffnOutput_TD);
  }
  const finalNorm = norm(x_TD, 'final_norm');
  const w_OI = valuesOf(params, headName(config));
  const head = linear.forward({ x_TI: finalNorm.out, w_OI }, sizes.head);
  const logits = { logits_TV: head.out, targets_T: batch.targets };
  const { out, saved } = crossEntropy.forward(logits, sizes.crossEntropy);
  const total = Object.values(aux).reduce((a, b) => a + b, out.ce);
  const trace = {
    mode,
    embedding: embedded.saved,
    layers,
    finalNorm: finalNorm.saved,
    head: head.saved,
    logits_TV: head.out,
    ce_T: out.perToken_T,
    crossEntropy: saved,
  };
  return { losses: { ce: out.ce, ...aux, total }, trace };
}

/** Gradients of the total loss for every parameter, zeros where nothing arrives. */
export function backward(trace: Trace, params: RealTensors, config: EngineConfig): RealTensors {
  const T = trace.ce_T.length;
  const sizes = resolve(config, T);
  const grads = zeroTensors(params);
  const normBackward = (dy_TD: Real, saved: rmsNorm.RmsNormSaved, name: string) => {
    const { dx_TD, dw_D } = rmsNorm.backward(dy_TD, saved, sizes.norm);
    addGradient(grads, `${name}.weight`, dw_D);
    return dx_TD;
  };
  const { dlogits_TV } = crossEntropy.backward(trace.crossEntropy, sizes.crossEntropy);
  const head = linear.backward(dlogits_TV, trace.head, sizes.head);
  addGradient(grads, headName(config), head.dw_OI);
  const dx_TD = normBackward(head.dx_TI, trace.finalNorm, 'final_norm');
  let dzNext_TR: Real | null = null;
  for (let l = config.model.L - 1; l >= 0; l--) {
    const { ffn, ffnNorm, attention, attnNorm } = trace.layers[l]!;
    // forward was: x = x + ffn(rmsnorm(x)); x is the sum of both ways back
    let dm_TD: Real;
    if (ffn.kind === 'moe') {
      const dims = { T, config, mode: trace.mode };
      const moe = moeLayer.backward({ dy_TD: dx_TD, dzNext_TR }, ffn.saved, dims, grads);
      dm_TD = moe.dm_TD;
      dzNext_TR = moe.dzPrev_TQ;
    } else {
      dm_TD = swiglu.backward(dx_TD, ffn.saved, grads).dm_TD;
    }
    addInto(dx_TD, normBackward(dm_TD, ffnNorm, `layers.${l}.ffn_norm`));
    const attn = attentionLayer.backward(dx_TD, attention, sizes.attention, grads);
    addInto(dx_TD, normBackward(attn.dx_TD, attnNorm, `layers.${l}.attn_norm`));
  }
  const { dembed_VD } = embedding.backward(dx_TD, trace.embedding, sizes.embedding);
  addGradient(grads, 'embed.weight', dembed_VD);
  return grads;
}
