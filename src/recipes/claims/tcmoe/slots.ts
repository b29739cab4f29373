import { DRAWN } from '../../../analysis/standard.ts';
import type { Effect, Recipe } from '../../recipe.ts';
import type { Term } from '../../term.ts';
import { held, LAYERS, LOSS, mean, numbers, over, plus, read } from '../common.ts';
import { common, remark, ternary, ternaryModel, topK } from './setting.ts';

const EXPERTS = [0, 1, 2, 3, 4, 5, 6, 7];
const both = ['topk', 'tcmoe'] as const;
const contribution = (field: string, of: string) => read('masking', `contribution.${field}`, of);
const INTERVALS = Array.from({ length: 10 }, (_, i) => i);

export const contributions: Recipe = {
  ...common,
  name: 'tcmoe-3',
  number: '3',
  title: 'Fewer activations that harm',
  claim: 'TC-MoE has fewer activations with negative contribution than the Top-K baseline.',
  variants: [topK, ternaryModel],
  held: held(['N', 'D']),
  measurements: [
    LOSS,
    {
      kind: 'figures',
      id: 'masking',
      label: 'Contribution of activations',
      ask: [
        {
          as: 'contribution',
          request: { figure: 'contribution', n: DRAWN, seed: 1 },
          fields: ['negative', 'negativeShare', 'masked', 'mean', 'flipNegative', 'flipMean'],
        },
      ],
    },
  ],
  primary: {
    id: 'negative',
    label: 'share of negative contributions, TC-MoE − Top-K',
    side: '<',
    unit: 'share',
    margin: 0.02,
    marginReason: 'As for accuracies, which are shares too.',
    test: 'difference',
    variant: contribution('negative', 'tcmoe'),
    reference: contribution('negative', 'topk'),
  },
  shown: [
    {
      id: 'flip',
      label: 'share of sign flips that lower the loss, TC-MoE − Top-K',
      side: '<',
      unit: 'share',
      margin: null,
      test: 'difference',
      variant: contribution('flipNegative', 'tcmoe'),
      reference: contribution('flipNegative', 'topk'),
    },
  ],
  figures: [
    {
      id: 'intervals',
      title: 'Share of negative contributions by gate',
      kind: 'bars',
      x: { label: 'gate, in intervals of 0.1', unit: 'none' },
      y: { label: 'share of negative contributions', unit: 'share' },
      series: both.map((of) => ({
        label: of,
        x: numbers(INTERVALS),
        y: contribution('negativeShare', of),
      })),
    },
    {
      id: 'masked',
      title: `Assignments masked at once by gate: intervals compare where all ${DRAWN * LAYERS.length} were drawn`,
      kind: 'bars',
      x: { label: 'gate, in intervals of 0.1', unit: 'none' },
      y: { label: 'masked assignments, mean over sequences', unit: 'count' },
      series: both.map((of) => ({
        label: of,
        x: numbers(INTERVALS),
        y: {
          list: INTERVALS.map((column) => mean({ column, of: contribution('masked', of) })),
        },
      })),
    },
  ],
  printed: [
    {
      where: 'Figures 1, 4',
      inTable: false,
      says: 'Distributions of the change of the loss by gate interval, drawn.',
    },
  ],
};

/** Moves the average K to about 1.6. */
const rewarded = { ...ternary, 'losses.reward.alpha2': 0.005 };

/** Part of the assignments of every layer that goes to a kind: 1 is E−, 2 is E0. */
const kindShare = (kind: number): Term => ({
  column: kind,
  of: read('kinds', 'kinds.layers.ratio', 'tcmoe'),
});

const slopeOf = (id: string, label: string, side: '<' | '>', kind: number): Effect => ({
  id,
  label,
  side,
  unit: 'share',
  margin: null,
  test: 'trend',
  settings: read('kinds', 'layers', 'tcmoe'),
  values: kindShare(kind),
});

const kindsMeasurement = {
  kind: 'figures',
  id: 'kinds',
  label: 'Kinds of slots',
  of: ['tcmoe'],
  ask: [
    {
      as: 'kinds',
      request: { figure: 'kinds' },
      fields: ['ratio'],
      layerFields: ['ratio', 'pairs'],
    },
  ],
} as const;

export const depth: Recipe = {
  ...common,
  name: 'tcmoe-4',
  number: '4',
  title: 'Null slots early, negated ones late',
  claim:
    'About 20 % of the activations go to E0 and E− together, E0 in shallow layers, E− in deep ones.',
  remark: `${remark} With a reward of 0.005: without one no token has chosen a null slot, whose bias starts at −10, after so few steps.`,
  variants: [{ ...ternaryModel, edits: rewarded }],
  held: held(['N', 'D']),
  measurements: [LOSS, kindsMeasurement],
  primary: {
    id: 'slopes',
    label: 'slopes over the layers',
    side: '>',
    unit: 'share',
    margin: null,
    test: 'parts',
    all: true,
    parts: [
      slopeOf('negated', 'slope of E−’s share over the layers', '>', 1),
      slopeOf('null', 'slope of E0’s share over the layers', '<', 2),
    ],
  },
  shown: [
    {
      id: 'together',
      label: 'share of E− and E0 together − 20 %',
      side: 'none',
      unit: 'share',
      margin: 0.05,
      marginReason: '“About 20 %” is read as 15 to 25 %.',
      test: 'difference',
      variant: plus(
        read('kinds', 'kinds.ratio', 'tcmoe', 1),
        read('kinds', 'kinds.ratio', 'tcmoe', 2),
      ),
      reference: 0.2,
    },
  ],
  figures: [
    {
      id: 'layers',
      title: 'Activated ratio by layer',
      kind: 'lines',
      x: { label: 'layer', unit: 'count' },
      y: { label: 'share of activations', unit: 'share' },
      series: (
        [
          ['E+', 0],
          ['E−', 1],
          ['E0', 2],
        ] as const
      ).map(([label, kind]) => ({
        label,
        x: read('kinds', 'layers', 'tcmoe'),
        y: kindShare(kind),
      })),
    },
  ],
  printed: [
    {
      where: 'Figures 6, 8',
      inTable: false,
      says: 'About 20 % for E0 and E− together, drawn by layer.',
    },
  ],
};

/** Part of a layer's assignments that goes to E_i and −E_i together, per expert. */
const pairSums = (layer: number): Term => ({
  rows: 'sum',
  of: read('kinds', 'kinds.layers.pairs', 'tcmoe', layer),
});
const meanPairs = over(
  LAYERS.map(pairSums).reduce((left, right) => plus(left, right)),
  LAYERS.length,
);

export const balance: Recipe = {
  ...common,
  name: 'tcmoe-5',
  number: '5',
  title: 'Pairs in balance',
  claim: 'The pair sums of the experts are near equal, about 11.5 % each with 8 experts.',
  variants: [ternaryModel],
  held: held(['N', 'D']),
  measurements: [LOSS, kindsMeasurement],
  primary: {
    id: 'spread',
    label: 'largest − smallest pair sum, mean over layers',
    side: 'none',
    unit: 'share',
    margin: 0.05,
    marginReason: 'The statistics’ own: shares within 0.05 of each other.',
    test: 'value',
    value: mean({ list: LAYERS.map((layer) => ({ summary: 'spread', of: pairSums(layer) })) }),
  },
  shown: [],
  figures: [
    {
      id: 'pairs',
      title: 'Part of the activations by expert, E and −E together, mean over layers',
      kind: 'bars',
      x: { label: 'expert', unit: 'none', names: EXPERTS.map(String) },
      y: { label: 'share', unit: 'share' },
      series: [{ label: 'TC-MoE', x: numbers(EXPERTS), y: meanPairs }],
    },
  ],
  printed: [{ where: 'Figure 7', inTable: false, says: 'About 11.5 % each.' }],
};
