/** m. Contribution of activations: what the loss does without them (docs/analysis.md; TC-MoE A.1). */
import { hashChain } from '../../config/hash.ts';
import type { Inspection, Intervention } from '../inspection.ts';
import { eachKept, hasRanks } from './assignments.ts';
import { type FigureInputs, figureOf, whole } from './figure.ts';
import { defined, mean, quantiles } from './numbers.ts';

export interface ContributionArgs {
  /** Assignments drawn per sequence, layer and interval; the paper has 20 and 5. */
  n: number;
  seed: number;
}

/** Intervals of the gate, [0.1a, 0.1(a + 1)), the last closed. */
export const INTERVALS = 10;
/** Gates below this may be flipped. */
const FLIP_BELOW = 0.2;
/** The column behind the intervals: flips. */
const FLIP = INTERVALS;
export const CONTRIBUTION_QUANTILES = [0, 0.25, 0.5, 0.75, 1] as const;

interface Candidate {
  layer: number;
  token: number;
  s: number;
  slot: number;
  hash: number;
}

/** One pass: items of a column, in sequences that don't meet. */
interface Pass {
  column: number;
  sequences: readonly number[];
  items: Intervention[];
}

/** Candidates of a layer by sequence and column [Q][11]. */
function candidatesOf(inspection: Inspection, place: number, seed: number): Candidate[][][] {
  const layer = inspection.layers[place]!;
  const { n, B, S } = inspection;
  const found = Array.from({ length: n * B }, () =>
    Array.from({ length: INTERVALS + 1 }, (): Candidate[] => []),
  );
  eachKept(layer, (token, _rank, slot, at) => {
    if (layer.kinds[slot] === 'zero') return;
    const [q, s, g] = [Math.floor(token / S), token % S, layer.gates[at]!];
    const hash = hashChain(seed, q, layer.layer, s, slot);
    const candidate = { layer: layer.layer, token, s, slot, hash };
    found[q]![Math.min(INTERVALS - 1, Math.floor(INTERVALS * g))]!.push(candidate);
    if (g < FLIP_BELOW) found[q]![FLIP]!.push(candidate);
  });
  return found;
}

/** What is drawn over all layers, by sequence and column [Q][11]. */
function drawn(inspection: Inspection, { n, seed }: ContributionArgs): Candidate[][][] {
  if (!Number.isInteger(n) || n < 1)
    throw new RangeError(`contribution: n = ${n} is no whole number from 1`);
  const layers = inspection.layers.map((_, place) => candidatesOf(inspection, place, seed));
  const order = (a: Candidate, b: Candidate) => a.hash - b.hash || a.s - b.s || a.slot - b.slot;
  return Array.from({ length: inspection.n * inspection.B }, (_, q) =>
    Array.from({ length: INTERVALS + 1 }, (_column, column) =>
      layers.flatMap((found) => found[q]![column]!.toSorted(order).slice(0, n)),
    ),
  );
}

/**
 * Sequences that may share a pass: all, or one of each batch where its sequences meet, by capacity or
 * because slots take tokens from all of them.
 */
function sequenceGroups({ n, B, layers }: Inspection, capacity: boolean): number[][] {
  const all = Array.from({ length: n * B }, (_, q) => q);
  if (!capacity && layers.every(hasRanks)) return [all];
  return Array.from({ length: B }, (_, b) => all.filter((q) => q % B === b));
}

function plan({ inspection, capacity = false }: FigureInputs, args: ContributionArgs) {
  const draws = drawn(inspection, args);
  const passes: Pass[] = [];
  for (const group of sequenceGroups(inspection, capacity)) {
    for (let column = 0; column <= FLIP; column++) {
      const sequences = group.filter((q) => draws[q]![column]!.length > 0);
      const items = sequences.flatMap((q) =>
        draws[q]![column]!.map(({ layer, token, slot }): Intervention => {
          return { type: 'scale', layer, token, slot, factor: column === FLIP ? -1 : 0 };
        }),
      );
      if (items.length > 0) passes.push({ column, sequences, items });
    }
  }
  return { draws, passes };
}

export interface Contributions {
  /** Drawn assignments by sequence and column [Q, 11], and the change of the loss, NaN for none. */
  numbers: Int32Array;
  changes: Float64Array;
  Q: number;
}

function contributionsOf(inputs: FigureInputs, args: ContributionArgs): Contributions {
  const { inspection, losses } = inputs;
  const { draws, passes } = plan(inputs, args);
  if (losses?.length !== passes.length)
    throw new Error(`contribution: losses of ${losses?.length ?? 0} passes of ${passes.length}`);
  const { S, ce } = inspection;
  const Q = draws.length;
  const width = INTERVALS + 1;
  const numbers = Int32Array.from({ length: Q * width }, (_, i) => {
    return draws[Math.floor(i / width)]![i % width]!.length;
  });
  const changes = new Float64Array(Q * width).fill(Number.NaN);
  passes.forEach(({ column, sequences }, i) => {
    for (const q of sequences) {
      const [from, to] = [q * S, (q + 1) * S];
      const change = mean(losses[i]!.subarray(from, to)) - mean(ce.subarray(from, to));
      changes[q * width + column] = change;
    }
  });
  return { numbers, changes, Q };
}

/** Elements of the intervals [Q, 10] or of the flips [Q]. */
function part<A extends Int32Array | Float64Array>(values: A, which: 'intervals' | 'flips'): A {
  const isFlip = (_: number, i: number) => (i % (INTERVALS + 1) === FLIP) === (which === 'flips');
  return values.filter(isFlip) as A;
}

const intervals = ({ changes }: Contributions) => part(changes, 'intervals');
const flips = ({ changes }: Contributions) => part(changes, 'flips');
const ofInterval = (of: Contributions, a: number) =>
  intervals(of).filter((_, i) => i % INTERVALS === a);

function negativePart(values: Float64Array): number {
  const known = defined(values);
  return known.filter((change) => change < 0).length / known.length;
}

function byInterval(of: Contributions, value: (changes: Float64Array) => number) {
  const data = Float64Array.from({ length: INTERVALS }, (_, a) => value(ofInterval(of, a)));
  return { shape: [INTERVALS], data };
}

const NATS = { source: 'TC-MoE A.1, Fig. 1, 4, 5', format: 'nats' } as const;
const SHARE = { source: 'TC-MoE A.1, Fig. 1, 4, 5', format: 'percent' } as const;
const COUNT = { source: 'TC-MoE A.1, eq. 14, 15', format: 'count' } as const;

const rows = {
  masked: {
    ...COUNT,
    label: 'Masked assignments',
    formula: 'drawn assignments of the interval over all layers',
    meaning: 'Assignments that were left out; groups compare where n were drawn in every layer.',
    axes: ['Q', 'interval'],
    compute: ({ numbers, Q }: Contributions) => whole([Q, INTERVALS], part(numbers, 'intervals')),
  },
  contribution: {
    ...NATS,
    label: 'Contribution',
    formula: 'mean ce of the sequence with them masked − without',
    meaning: 'What the loss rises by without them; above 0 they are useful.',
    axes: ['Q', 'interval'],
    compute: (of: Contributions) => ({ shape: [of.Q, INTERVALS], data: intervals(of) }),
  },
  flipped: {
    ...COUNT,
    label: 'Flipped assignments',
    formula: 'drawn assignments with g < 0.2 over all layers',
    meaning: 'Assignments whose sign was turned.',
    axes: ['Q'],
    compute: ({ numbers, Q }: Contributions) => whole([Q], part(numbers, 'flips')),
  },
  flip: {
    ...NATS,
    label: 'Change by flipping',
    formula: 'mean ce of the sequence with them flipped − without',
    meaning: 'What the loss rises by with their sign turned; below 0 the negated expert is better.',
    axes: ['Q'],
    compute: (of: Contributions) => ({ shape: [of.Q], data: flips(of) }),
  },
  negativeShare: {
    ...SHARE,
    label: 'Negative share',
    formula: 'contributions < 0 / defined ones of the interval',
    meaning: 'Part of the sequences that are better off without the interval’s assignments.',
    axes: ['interval'],
    compute: (of: Contributions) => byInterval(of, negativePart),
  },
  negative: {
    ...SHARE,
    label: 'Negative share of all',
    formula: 'contributions < 0 / defined ones',
    meaning: 'The same over all intervals.',
    compute: (of: Contributions) => negativePart(intervals(of)),
  },
  mean: {
    ...NATS,
    label: 'Mean contribution',
    formula: 'mean of the interval’s contributions',
    meaning: 'What the loss rises by without them, on average.',
    axes: ['interval'],
    compute: (of: Contributions) => byInterval(of, mean),
  },
  quantiles: {
    ...NATS,
    label: 'Contributions, quantiles',
    formula: 'quantiles at 0, 0.25, 0.5, 0.75, 1',
    meaning: 'How the contributions of an interval spread.',
    axes: ['interval', 'quantile'],
    compute: (of: Contributions) => ({
      shape: [INTERVALS, CONTRIBUTION_QUANTILES.length],
      data: Float64Array.from(
        Array.from({ length: INTERVALS }, (_, a) => [
          ...quantiles(ofInterval(of, a), CONTRIBUTION_QUANTILES),
        ]).flat(),
      ),
    }),
  },
  flipNegative: {
    ...SHARE,
    label: 'Better flipped',
    formula: 'flips < 0 / defined ones',
    meaning: 'Part of the sequences that are better off with the sign turned.',
    compute: (of: Contributions) => negativePart(flips(of)),
  },
  flipMean: {
    ...NATS,
    label: 'Mean change by flipping',
    formula: 'mean of the flips',
    meaning: 'What the loss rises by with the sign turned, on average.',
    compute: (of: Contributions) => mean(flips(of)),
  },
  flipQuantiles: {
    ...NATS,
    label: 'Changes by flipping, quantiles',
    formula: 'quantiles at 0, 0.25, 0.5, 0.75, 1',
    meaning: 'How the changes by flipping spread.',
    axes: ['quantile'],
    compute: (of: Contributions) => ({
      shape: [CONTRIBUTION_QUANTILES.length],
      data: quantiles(flips(of), CONTRIBUTION_QUANTILES),
    }),
  },
} as const;

export const contribution = figureOf<ContributionArgs, null, Contributions>()({
  id: 'contribution',
  title: 'Contribution of activations',
  passes: (inputs, args) => plan(inputs, args).passes.map(({ items }) => items),
  ofLayer: () => null,
  layerRows: {},
  over: contributionsOf,
  rows,
});
