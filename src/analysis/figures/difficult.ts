/** l. Difficult tokens: those that a baseline finds hard (docs/analysis.md). */
import { isComputing } from '../../config/slots.ts';
import type { InspectedLayer, Inspection } from '../inspection.ts';
import { eachAssignment, hasRanks } from './assignments.ts';
import { type FigureInputs, type FigureTensor, figureOf, real, whole } from './figure.ts';
import { mean, quantiles } from './numbers.ts';
import { sameTokens } from './saturation.ts';

/** Losses in nats above which a token is difficult, or quantiles of the baseline's losses. */
export type DifficultArgs = { thresholds: readonly number[] } | { quantiles: readonly number[] };

/** The baseline. @throws Error where there is none, or one of other tokens */
function baselineOf({ inspection, baseline }: FigureInputs): Inspection {
  if (baseline === undefined) throw new Error('difficult: a baseline is needed');
  if (!sameTokens(inspection, baseline))
    throw new Error('difficult: the baseline was inspected on other tokens');
  return baseline;
}

const thresholdsOf = ({ ce }: Inspection, args: DifficultArgs) =>
  'thresholds' in args ? Float64Array.from(args.thresholds) : quantiles(ce, args.quantiles);

export interface LayerDifficult {
  n: number;
  R: number;
  /** Without ranks nothing is said of rank 0. */
  isRanked: boolean;
  /** Assignments of difficult tokens at rank 0 and at all ranks, by threshold [n, R]. */
  rank0: Int32Array;
  all: Int32Array;
  /** 1 for computing slots above the mean width, −1 for those below, else 0 [R]. */
  side: readonly number[];
}

/** Compared exactly: h(i)·number against Σ h over the computing slots. */
function sides({ kinds, hidden }: InspectedLayer): number[] {
  const computing = hidden.filter((_, i) => isComputing(kinds[i]!));
  const total = computing.reduce((sum, h) => sum + h, 0);
  return hidden.map((h, i) =>
    isComputing(kinds[i]!) ? Math.sign(h * computing.length - total) : 0,
  );
}

/** Sums over the slots of one side, by threshold [n]. */
function sumsOver({ n, R, side }: LayerDifficult, counts: Int32Array, wanted: number): Int32Array {
  const sums = new Int32Array(n);
  counts.forEach((count, at) => {
    if (side[at % R] === wanted) sums[Math.floor(at / R)]! += count;
  });
  return sums;
}

const TEXT = { source: 'MoDSE Tables 6, 9, Fig. 4', format: 'count' } as const;
const WIDER_0 = {
  ...TEXT,
  label: 'Difficult tokens, wider slots, rank 0',
  formula: 'Σ of rank0 over computing slots with h(i) > h̄',
  meaning: 'Difficult tokens whose first slot is wider than the mean.',
  axes: ['threshold'],
} as const;
const WIDER_ALL = {
  ...TEXT,
  label: 'Difficult tokens, wider slots',
  formula: 'Σ of all over computing slots with h(i) > h̄',
  meaning: 'Assignments of difficult tokens to slots wider than the mean.',
  axes: ['threshold'],
} as const;
const NARROWER_0 = {
  ...TEXT,
  label: 'Difficult tokens, narrower slots, rank 0',
  formula: 'Σ of rank0 over computing slots with h(i) < h̄',
  meaning: 'Difficult tokens whose first slot is narrower than the mean.',
  axes: ['threshold'],
} as const;
const NARROWER_ALL = {
  ...TEXT,
  label: 'Difficult tokens, narrower slots',
  formula: 'Σ of all over computing slots with h(i) < h̄',
  meaning: 'Assignments of difficult tokens to slots narrower than the mean.',
  axes: ['threshold'],
} as const;

/** Counts at rank 0; undefined without ranks. */
function atRank0({ isRanked }: { isRanked: boolean }, counts: FigureTensor): FigureTensor {
  return isRanked ? counts : real(counts.shape, () => Number.NaN);
}

const widerRank0 = (of: LayerDifficult) => whole([of.n], sumsOver(of, of.rank0, 1));
const widerAll = (of: LayerDifficult) => whole([of.n], sumsOver(of, of.all, 1));
const narrowerRank0 = (of: LayerDifficult) => whole([of.n], sumsOver(of, of.rank0, -1));
const narrowerAll = (of: LayerDifficult) => whole([of.n], sumsOver(of, of.all, -1));

const layerRows = {
  rank0: {
    ...TEXT,
    label: 'Difficult tokens at rank 0',
    formula: '#{u difficult : rank-0 slot is i}',
    meaning: 'Difficult tokens by their first slot.',
    axes: ['threshold', 'R'],
    compute: (of: LayerDifficult) => atRank0(of, whole([of.n, of.R], of.rank0)),
  },
  all: {
    ...TEXT,
    label: 'Difficult tokens',
    formula: '#{u difficult : i ∈ 𝓔(u)}',
    meaning: 'Difficult tokens that choose the slot at any rank.',
    axes: ['threshold', 'R'],
    compute: ({ n, R, all }: LayerDifficult) => whole([n, R], all),
  },
  widerRank0: { ...WIDER_0, compute: (of: LayerDifficult) => atRank0(of, widerRank0(of)) },
  widerAll: { ...WIDER_ALL, compute: widerAll },
  narrowerRank0: {
    ...NARROWER_0,
    compute: (of: LayerDifficult) => atRank0(of, narrowerRank0(of)),
  },
  narrowerAll: { ...NARROWER_ALL, compute: narrowerAll },
} as const;

interface Difficult {
  thresholds: Float64Array;
  /** Losses of the difficult tokens by threshold, under both models. */
  groups: readonly { here: Float32Array; baseline: Float32Array }[];
  layers: readonly LayerDifficult[];
  isRanked: boolean;
}

/** Sums over layers of a field [n]. */
function overLayers(
  { layers, thresholds }: Difficult,
  of: (layer: LayerDifficult) => { data: Int32Array },
) {
  const sums = new Int32Array(thresholds.length);
  for (const layer of layers) {
    of(layer).data.forEach((count, i) => {
      sums[i]! += count;
    });
  }
  return whole([sums.length], sums);
}

const byThreshold = (
  { groups }: Difficult,
  value: (group: Difficult['groups'][number]) => number,
) => ({
  shape: [groups.length],
  data: Float64Array.from(groups, value),
});

const rows = {
  thresholds: {
    label: 'Thresholds',
    formula: 'θ',
    meaning: 'A token is difficult where the baseline’s loss is above.',
    source: 'MoDSE Table 5',
    format: 'nats',
    axes: ['threshold'],
    compute: ({ thresholds }: Difficult) => ({ shape: [thresholds.length], data: thresholds }),
  },
  count: {
    label: 'Difficult tokens',
    formula: '#{u : ce_u of the baseline > θ}',
    meaning: 'Tokens whose loss under the baseline is above the threshold.',
    source: 'MoDSE Table 5',
    format: 'count',
    axes: ['threshold'],
    compute: ({ groups }: Difficult) =>
      whole(
        [groups.length],
        groups.map(({ here }) => here.length),
      ),
  },
  baselineCe: {
    label: 'Loss of the baseline',
    formula: 'mean of the baseline’s ce_u over the difficult tokens',
    meaning: 'Loss on difficult tokens under the baseline.',
    source: 'MoDSE Table 5',
    format: 'nats',
    axes: ['threshold'],
    compute: (of: Difficult) => byThreshold(of, ({ baseline }) => mean(baseline)),
  },
  ce: {
    label: 'Loss here',
    formula: 'mean of ce_u over the difficult tokens',
    meaning: 'Loss on the same tokens under this model.',
    source: 'MoDSE Table 5',
    format: 'nats',
    axes: ['threshold'],
    compute: (of: Difficult) => byThreshold(of, ({ here }) => mean(here)),
  },
  reduction: {
    label: 'Reduction',
    formula: 'mean of (baseline’s ce_u − ce_u)',
    meaning: 'How much better this model does on difficult tokens; above 0 is better here.',
    source: 'MoDSE Table 5',
    format: 'nats',
    axes: ['threshold'],
    compute: (of: Difficult) =>
      byThreshold(of, ({ here, baseline }) =>
        mean(Float64Array.from(here, (loss, i) => baseline[i]! - loss)),
      ),
  },
  widerRank0: {
    ...WIDER_0,
    compute: (of: Difficult) => atRank0(of, overLayers(of, widerRank0)),
  },
  widerAll: { ...WIDER_ALL, compute: (of: Difficult) => overLayers(of, widerAll) },
  narrowerRank0: {
    ...NARROWER_0,
    compute: (of: Difficult) => atRank0(of, overLayers(of, narrowerRank0)),
  },
  narrowerAll: { ...NARROWER_ALL, compute: (of: Difficult) => overLayers(of, narrowerAll) },
} as const;

export const difficult = figureOf<DifficultArgs, LayerDifficult, Difficult>()({
  id: 'difficult',
  title: 'Difficult tokens',
  ofLayer: (inputs, args, place) => {
    const layer = inputs.inspection.layers[place]!;
    const baseline = baselineOf(inputs);
    const thresholds = thresholdsOf(baseline, args);
    const [n, R] = [thresholds.length, layer.kinds.length];
    const [rank0, all] = [new Int32Array(n * R), new Int32Array(n * R)];
    eachAssignment(layer, (token, rank, slot) => {
      thresholds.forEach((theta, i) => {
        if (!(baseline.ce[token]! > theta)) return;
        all[i * R + slot]!++;
        if (rank === 0) rank0[i * R + slot]!++;
      });
    });
    return { n, R, isRanked: hasRanks(layer), rank0, all, side: sides(layer) };
  },
  layerRows,
  over: (inputs, args, layers) => {
    const baseline = baselineOf(inputs);
    const thresholds = thresholdsOf(baseline, args);
    const groups = Array.from(thresholds, (theta) => {
      const isDifficult = (_: number, u: number) => baseline.ce[u]! > theta;
      return {
        here: inputs.inspection.ce.filter(isDifficult),
        baseline: baseline.ce.filter(isDifficult),
      };
    });
    return { thresholds, groups, layers, isRanked: layers.every(({ isRanked }) => isRanked) };
  },
  rows,
});
