/** Maximal routing weights of a conversion as the editor of its policy shows them. */
import type { LayerWeights, PolicyPreview } from '../../../config/ladimo.ts';
import { layerPolicy, policyWidth, valueAt } from '../../../config/ladimo.ts';
import type { MaxWeights, PolicyResult } from '../../../worker/api.ts';
import type { FiveQuantiles } from '../../kit/figure/Distributions.tsx';
import type { FigureTable } from '../../kit/figure/table.ts';

const BINS = 48;

/** Edges of equal bins from the least weight that N experts allow to 1. */
export function binEdges(N: number): number[] {
  // One expert has one weight, 1.
  const from = N > 1 ? 1 / N : 0;
  return Array.from({ length: BINS + 1 }, (_, i) => from + ((1 - from) * i) / BINS);
}

/** Values per bin; the last bin holds its end. */
export function binned(sorted: ArrayLike<number>, edges: readonly number[]): number[] {
  const counts = Array.from({ length: edges.length - 1 }, () => 0);
  const [first, last] = [edges[0]!, edges.at(-1)!];
  for (let i = 0; i < sorted.length; i++) {
    const part = (sorted[i]! - first) / (last - first);
    const bin = Math.min(counts.length - 1, Math.max(0, Math.floor(part * counts.length)));
    counts[bin]! += 1;
  }
  return counts;
}

/** All weights of all layers, sorted. */
export function together(layers: readonly LayerWeights[]): Float32Array {
  const all = new Float32Array(layers.reduce((sum, { weights }) => sum + weights.length, 0));
  let at = 0;
  for (const { weights } of layers) {
    all.set(weights, at);
    at += weights.length;
  }
  return all.sort();
}

export function fiveOf(sorted: ArrayLike<number>): FiveQuantiles | null {
  if (sorted.length === 0) return null;
  const at = (q: number) => valueAt(sorted, q * (sorted.length - 1));
  return [at(0), at(0.25), at(0.5), at(0.75), at(1)];
}

export function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

/** Parts of a layer's tokens that get 1, 2 and 3 experts. */
export function sharesOf(
  own: PolicyPreview['layers'][number],
  weights: ArrayLike<number>,
  N: number,
): number[] {
  const policy = layerPolicy(own);
  const counts = [0, 0, 0];
  for (const w of Array.from(weights)) counts[Math.min(policyWidth(policy, w), N) - 1]! += 1;
  return counts.map((count) => count / weights.length);
}

/** Table 1 applied: the policy of every converted layer. */
export function policyTable({ alpha, beta, layers, computing }: PolicyPreview): FigureTable {
  return {
    columns: [
      { title: 'layer' },
      { title: 'α_i', format: 'decimal' },
      { title: 'α', format: 'decimal' },
      { title: 'β_i', format: 'decimal' },
      { title: 'β', format: 'decimal' },
      { title: 'policy' },
      { title: 'experts per token', format: 'decimal' },
    ],
    rows: [
      ...layers.map((own) => [
        `L${own.layer}`,
        ...[own.alpha, alpha, own.beta, beta],
        own.kind,
        own.computing,
      ]),
      ['all', null, alpha, null, beta, '', computing],
    ],
  };
}

/** A measured policy and the static routers beside it. */
export function measuredTable({ shares, adaptive, statics }: PolicyResult): FigureTable {
  return {
    columns: [
      { title: 'router' },
      { title: 'validation loss', format: 'nats' },
      { title: 'experts per token', format: 'decimal' },
      { title: 'active parameters', format: 'count' },
    ],
    rows: [
      [
        `adaptive, p_u ${shares.pu}, p_e ${shares.pe}`,
        adaptive.ce,
        adaptive.computing,
        adaptive.active,
      ],
      ...statics.map(({ K, ce, computing, active }) => [`top-${K}`, ce, computing, active]),
    ],
  };
}

/** The weights of a layer, of all tokens or of one domain's. */
export function weightsOf(of: MaxWeights, layer: number, domain: string): Float32Array | null {
  const layers =
    domain === '' ? of.layers : of.domains.find((one) => one.domain === domain)?.layers;
  return layers?.find((one) => one.layer === layer)?.weights ?? null;
}
