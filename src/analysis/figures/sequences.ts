/** Load of the slots within single sequences, the scope of `balance` losses per sequence (docs/analysis.md). */
import { maxVio } from '../maxVio.ts';
import { countsBy } from './assignments.ts';
import { type FigureInputs, figureOf, whole } from './figure.ts';
import { LOAD_QUANTILES } from './load.ts';
import { mean, quantiles } from './numbers.ts';

interface LayerSequences {
  Q: number;
  R: number;
  /** Assignments by sequence and slot [Q, R]. */
  counts: Int32Array;
  /** MaxVio of every sequence [Q], of every batch [n], and of all batches together. */
  sequences: Float64Array;
  batches: Float64Array;
  all: number;
}

/** MaxVio of each row of counts [rows, R]. */
function rowsVio(counts: Int32Array, R: number): Float64Array {
  const rows = counts.length / R;
  return Float64Array.from({ length: rows }, (_, row) =>
    maxVio(counts.subarray(row * R, (row + 1) * R)),
  );
}

function ofLayer({ inspection }: FigureInputs, place: number): LayerSequences {
  const layer = inspection.layers[place]!;
  const { n, B, S, tokens } = inspection;
  const R = layer.kinds.length;
  const by = (length: number, groups: number) =>
    countsBy(
      layer,
      tokens.map((_, u) => Math.floor(u / length)),
      groups,
    );
  const counts = by(S, n * B);
  return {
    Q: n * B,
    R,
    counts,
    sequences: rowsVio(counts, R),
    batches: rowsVio(by(B * S, n), R),
    all: rowsVio(by(n * B * S, 1), R)[0]!,
  };
}

const spread = (values: ArrayLike<number>) => ({
  shape: [LOAD_QUANTILES.length],
  data: quantiles(values, LOAD_QUANTILES),
});

const QUANTILES = {
  label: 'MaxVio of a sequence',
  formula: 'quantiles of maxVio_q at 0, 0.25, 0.5, 0.75, 0.9, 1',
  source: 'own',
  format: 'decimal',
  axes: ['quantile'],
} as const;

const layerRows = {
  counts: {
    label: 'Load by sequence',
    formula: 'c_qi',
    meaning: 'Assignments of the tokens of a sequence to each slot, dropped ones included.',
    source: 'own',
    format: 'count',
    axes: ['Q', 'R'],
    compute: ({ Q, R, counts }: LayerSequences) => whole([Q, R], counts),
  },
  maxVio: {
    label: 'MaxVio by sequence',
    formula: 'maxVio_q = max_i c_qi·R / Σ_i c_qi − 1',
    meaning: 'How far the busiest slot lies above an even load within each sequence.',
    source: 'Wang 2024, per sequence',
    format: 'decimal',
    axes: ['Q'],
    ideal: () => 0,
    compute: ({ Q, sequences }: LayerSequences) => ({ shape: [Q], data: sequences }),
  },
  mean: {
    label: 'MaxVio of a sequence, mean',
    formula: 'mean of maxVio_q',
    meaning: 'How far the busiest slot of a sequence lies above an even load, on average.',
    source: 'own',
    format: 'decimal',
    ideal: () => 0,
    compute: ({ sequences }: LayerSequences) => mean(sequences),
  },
  quantiles: {
    ...QUANTILES,
    meaning: 'How the sequences differ in balance, from the most even to the most uneven.',
    ideal: () => 0,
    compute: ({ sequences }: LayerSequences) => spread(sequences),
  },
  batchQuantiles: {
    ...QUANTILES,
    label: 'MaxVio of a batch',
    formula: 'quantiles of the batches’ MaxVio at 0, 0.25, 0.5, 0.75, 0.9, 1',
    meaning: 'How the batches differ in balance, from the most even to the most uneven.',
    ideal: () => 0,
    compute: ({ batches }: LayerSequences) => spread(batches),
  },
  batch: {
    label: 'MaxVio of a batch, mean',
    formula: 'mean over batches of (max_i c_i·R / A − 1)',
    meaning: 'The same of whole batches: sequences that lean different ways make an even batch.',
    source: 'Wang 2024 (batch)',
    format: 'decimal',
    ideal: () => 0,
    compute: ({ batches }: LayerSequences) => mean(batches),
  },
  all: {
    label: 'MaxVio of all batches together',
    formula: 'max_i c_i·R / A − 1',
    meaning: 'The same of all batches together.',
    source: 'Wang 2024 (global)',
    format: 'decimal',
    ideal: () => 0,
    compute: ({ all }: LayerSequences) => all,
  },
} as const;

const rows = {
  mean: {
    ...layerRows.mean,
    meaning: 'How far the busiest slot of a sequence lies above an even load: mean of the layers.',
    compute: (layers: readonly LayerSequences[]) =>
      mean(layers.map(({ sequences }) => mean(sequences))),
  },
  quantiles: {
    ...QUANTILES,
    meaning: 'How the sequences of all layers differ in balance.',
    ideal: () => 0,
    compute: (layers: readonly LayerSequences[]) =>
      spread(layers.flatMap(({ sequences }) => [...sequences])),
  },
} as const;

export const sequences = figureOf<object, LayerSequences, readonly LayerSequences[]>()({
  id: 'sequences',
  title: 'Sequences',
  ofLayer: (inputs, _, place) => ofLayer(inputs, place),
  layerRows,
  over: (_, _args, layers) => layers,
  rows,
});
