/** What both libraries build the model from: numbers and start values, experts side by side. */
import type { EngineConfig } from '../../src/config/experiment.ts';
import { isMoeLayer, slotsOfLayer } from '../../src/config/layers.ts';
import { learningRate } from '../../src/config/schedule.ts';
import { startWeights } from '../shapes.ts';

export interface Matrix {
  shape: number[];
  data: Float32Array<ArrayBuffer>;
}

export interface PeerModel {
  V: number;
  D: number;
  L: number;
  H: number;
  B: number;
  S: number;
  T: number;
  /** Experts of a MoE layer; 0 in the dense twin. */
  E: number;
  /** Hidden width of one expert, or of the dense layer. */
  F: number;
  K: number;
  eps: number;
  switchAlpha: number;
  optimizer: EngineConfig['optimizer'];
  /**
   * Maps as [in, out]. The experts of a layer stand side by side: `gate` and `up` [D, E·F], `down`
   * [E·F, D], so that all of them are three plain products.
   */
  weights: Map<string, Matrix>;
  /** [S, C/2], C = D/H: cosines and sines of the rotation by position. */
  cos: Matrix;
  sin: Matrix;
}

/** [rows, cols] as [cols, rows]. */
export function transposed(
  data: Float32Array,
  rows: number,
  cols: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) out[c * rows + r] = data[r * cols + c] ?? Number.NaN;
  }
  return out;
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function rotation(model: EngineConfig['model'], S: number, turn: (angle: number) => number) {
  const half = model.D / model.H / 2;
  const data = Float32Array.from({ length: S * half }, (_, j) =>
    turn(Math.floor(j / half) * model.ropeBase ** (-(j % half) / half)),
  );
  return { shape: [S, half], data };
}

function layerWeights(
  config: EngineConfig,
  start: ReadonlyMap<string, Float32Array>,
  layer: number,
): [string, Matrix][] {
  const { D, denseHidden } = config.model;
  const values = (name: string) => {
    const data = start.get(`layers.${layer}.${name}.weight`);
    if (!data) throw new Error(`peers: layer ${layer} has no ${name}`);
    return data;
  };
  const square = (name: string): [string, Matrix] => [
    `${layer}.${name}`,
    { shape: [D, D], data: transposed(values(`attn.${name}`), D, D) },
  ];
  const vector = (name: string): [string, Matrix] => [
    `${layer}.${name}`,
    { shape: [D], data: Float32Array.from(values(name)) },
  ];
  const isMoe = isMoeLayer(config.model, layer);
  const slots = isMoe ? slotsOfLayer(config.experts, layer) : [];
  const prefixes = isMoe ? slots.map((_, e) => `moe.experts.${e}`) : ['ffn'];
  const [first] = slots;
  const F = first?.kind === 'ffn' ? first.hidden : denseHidden;
  const width = F * prefixes.length;
  const side = (part: string): [string, Matrix] => {
    const all = joined(prefixes.map((prefix) => values(`${prefix}.${part}`)));
    return [`${layer}.${part}`, { shape: [D, width], data: transposed(all, width, D) }];
  };
  const down = prefixes.map((prefix) => transposed(values(`${prefix}.down`), D, F));
  const router: [string, Matrix][] = isMoe
    ? [
        [
          `${layer}.router`,
          {
            shape: [D, slots.length],
            data: transposed(values('moe.router'), slots.length, D),
          },
        ],
      ]
    : [];
  return [
    vector('attn_norm'),
    square('q'),
    square('k'),
    square('v'),
    square('o'),
    vector('ffn_norm'),
    ...router,
    side('gate'),
    side('up'),
    [`${layer}.down`, { shape: [width, D], data: joined(down) }],
  ];
}

/** @throws Error for a configuration that the peers do not implement */
export function peerModel(config: EngineConfig): PeerModel {
  const { V, D, L, H, arrangement, denseHidden, tied, positions } = config.model;
  const { router, losses, optimizer } = config;
  if (tied || positions !== 'rope' || optimizer.clip !== null || router.gate !== 'renormalized')
    throw new Error('peers: only untied models with rope, renormalised gates and no clipping');
  const { B, S } = config.batch;
  const start = startWeights(config);
  const values = (name: string) => Float32Array.from(start.get(`${name}.weight`) ?? []);
  const { slots } = config.experts;
  const [first] = slots;
  const isDense = arrangement === 'dense';
  const weights = new Map<string, Matrix>([['embed', { shape: [V, D], data: values('embed') }]]);
  for (let layer = 0; layer < L; layer++) {
    for (const [name, matrix] of layerWeights(config, start, layer)) weights.set(name, matrix);
  }
  weights.set('final_norm', { shape: [D], data: values('final_norm') });
  weights.set('head', { shape: [D, V], data: transposed(values('head'), V, D) });
  return {
    V,
    D,
    L,
    H,
    B,
    S,
    T: B * S,
    E: isDense ? 0 : slots.length,
    F: !isDense && first?.kind === 'ffn' ? first.hidden : denseHidden,
    K: router.K,
    eps: config.model.normEps,
    switchAlpha: isDense ? 0 : (losses.switch?.alpha ?? 0),
    optimizer,
    weights,
    cos: rotation(config.model, S, Math.cos),
    sin: rotation(config.model, S, Math.sin),
  };
}

/** What AdamW needs of step s = 1, 2, …: w ← w·keep − scale·m/(sqrt(v·gain) + eps). */
export function adamwNumbers({ optimizer }: PeerModel, step: number) {
  const lr = learningRate(step, optimizer);
  return {
    /** Of matrices; vectors do not decay. */
    keep: 1 - lr * optimizer.weightDecay,
    scale: lr / (1 - optimizer.beta1 ** step),
    gain: 1 / (1 - optimizer.beta2 ** step),
  };
}
