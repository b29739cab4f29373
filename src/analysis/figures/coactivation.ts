/** g. Co-activation: which slots work together (docs/analysis.md). */
import { eachKept } from './assignments.ts';
import { type FigureTensor, figureOf, real, whole } from './figure.ts';
import { quotient } from './numbers.ts';

export interface LayerCoactivation {
  R: number;
  U: number;
  /** Tokens that keep i and j; on the diagonal those that keep i [R, R]. */
  both: Int32Array;
}

const diagonal = ({ both, R }: LayerCoactivation, i: number) => both[i * R + i]!;

/** P(j | i) where slots are independent: a_j/U, the part of all tokens that keep j [R]. */
export function independentOf({ shape, data }: FigureTensor, U: number): Float64Array {
  const [R = 0] = shape;
  return Float64Array.from({ length: R }, (_, j) => quotient(data[j * R + j]!, U));
}

/**
 * Lift off the diagonal where every set of k slots is equally likely: R·(k − 1)/((R − 1)·k), of R slots
 * and `kept` assignments of U tokens; undefined where tokens keep no whole number k on the average.
 */
export function evenLift(R: number, kept: number, U: number): number {
  const k = quotient(kept, U);
  return Number.isInteger(k) && k > 0 && R > 1 ? (R * (k - 1)) / ((R - 1) * k) : Number.NaN;
}

const layerRows = {
  both: {
    label: 'Tokens of both',
    formula: '#{u : u keeps i and j}',
    meaning: 'Tokens that keep both slots; on the diagonal, the slot.',
    source: 'FLAME-MoE',
    format: 'count',
    axes: ['R', 'R'],
    compute: ({ R, both }: LayerCoactivation) => whole([R, R], both),
  },
  conditional: {
    label: 'P(j | i)',
    formula: 'both_ij / a_i',
    meaning: 'Part of the tokens of slot i that keep slot j too.',
    source: 'FLAME-MoE',
    format: 'percent',
    axes: ['R', 'R'],
    compute: (of: LayerCoactivation) =>
      real([of.R, of.R], (at) => of.both[at]! / diagonal(of, Math.floor(at / of.R))),
  },
  lift: {
    label: 'Lift',
    formula: 'both_ij·U / (a_i·a_j)',
    meaning: 'Together relative to independent slots: 1 is independent.',
    source: 'FLAME-MoE',
    format: 'ratio',
    axes: ['R', 'R'],
    compute: (of: LayerCoactivation) =>
      real([of.R, of.R], (at) => {
        const [i, j] = [Math.floor(at / of.R), at % of.R];
        return (of.both[at]! * of.U) / (diagonal(of, i) * diagonal(of, j));
      }),
  },
} as const;

export const coactivation = figureOf<object, LayerCoactivation, null>()({
  id: 'coactivation',
  title: 'Co-activation',
  ofLayer: ({ inspection }, _, place) => {
    const layer = inspection.layers[place]!;
    const { selected, dropped, W } = layer;
    const R = layer.kinds.length;
    const both = new Int32Array(R * R);
    eachKept(layer, (token, _rank, slot) => {
      for (let at = token * W; at < (token + 1) * W; at++) {
        const other = selected[at]!;
        if (other >= 0 && dropped[at] === 0) both[slot * R + other]!++;
      }
    });
    return { R, U: inspection.tokens.length, both };
  },
  layerRows,
  over: () => null,
  rows: {},
});
