import type { Measurement } from '../../measurement.ts';
import type { Recipe } from '../../recipe.ts';
import type { Term } from '../../term.ts';
import { held, K_MARGIN, LOSS, lossEffect, mean, numbers, read } from '../common.ts';
import { common, remark, spaceOf, whole } from './setting.ts';

const scores: Measurement = {
  kind: 'figures',
  id: 'scores',
  label: 'Routing scores',
  ask: [
    {
      as: 'scores',
      request: { figure: 'scores' },
      layerFields: ['top1Mean', 'top1Variance', 'top2Mean', 'top2Variance', 'top1Histogram'],
    },
  ],
};

/** Over the layers that have a gating residual: all but the first. */
export const score = (field: string, of: string): Term =>
  mean({ part: read('scores', `scores.layers.${field}`, of), from: 1 });

export const residuals: Recipe = {
  ...common,
  name: 'moepp-4',
  number: '4',
  title: 'Gating residuals calm the scores',
  claim:
    'Gating residuals help (47.5 without, 47.7 with) and lower the variance of the routing scores, not their mean.',
  remark: `${remark} Scores over the layers that have a residual: all but the first.`,
  variants: [
    { id: 'with', label: 'with residuals', edits: spaceOf(whole) },
    {
      id: 'without',
      label: 'without',
      edits: { ...spaceOf(whole), 'router.gatingResidual': false },
    },
  ],
  held: held(['N', 'Na', 'C', 'D', 'flops']),
  measurements: [LOSS, scores],
  primary: {
    id: 'variance',
    label: 'variance of the highest routing score, with − without',
    side: '<',
    unit: 'none',
    margin: null,
    test: 'difference',
    variant: score('top1Variance', 'with'),
    reference: score('top1Variance', 'without'),
  },
  shown: [
    lossEffect('loss', 'L(with) − L(without)', ['with', 'without'], '<'),
    {
      id: 'mean',
      label: 'mean of the highest routing score, with − without',
      side: 'none',
      unit: 'share',
      margin: 0.02,
      marginReason: 'As for other shares between 0 and 1.',
      test: 'difference',
      variant: score('top1Mean', 'with'),
      reference: score('top1Mean', 'without'),
    },
  ],
  figures: [
    {
      id: 'variance',
      title: 'Variance of the highest routing score by layer',
      kind: 'lines',
      x: { label: 'layer', unit: 'count' },
      y: { label: 'variance', unit: 'none' },
      series: ['with', 'without'].map((of) => ({
        label: of,
        x: read('scores', 'layers', of),
        y: read('scores', 'scores.layers.top1Variance', of),
      })),
    },
    {
      id: 'histogram',
      title: 'Highest routing score in the last layer',
      kind: 'bars',
      x: { label: 'score, in bins of 0.05', unit: 'none' },
      y: { label: 'tokens', unit: 'count' },
      series: ['with', 'without'].map((of) => ({
        label: of,
        x: numbers(Array.from({ length: 20 }, (_, bin) => bin)),
        y: read('scores', 'scores.layers.top1Histogram', of, -1),
      })),
    },
  ],
  printed: [
    { where: 'Table 6', inTable: true, says: 'Average 47.5 without, 47.7 with residuals.' },
  ],
};

const CLASSES = [
  'space',
  'newline',
  'digit',
  'punctuation',
  'word start',
  'inside a word',
  'other',
];

const byClass = (field: string, ...at: number[]) =>
  read('classes', `classes.${field}`, 'moepp', ...at);

/** Space, punctuation, inside a word: not newline, digit, start of a word and other. */
const SIMPLE = [0, 3, 5];

export const simple: Recipe = {
  ...common,
  name: 'moepp-6',
  number: '6',
  title: 'Simple tokens use fewer experts',
  claim: 'Simple tokens use fewer FFN experts: spaces, punctuation and word pieces against verbs.',
  remark: `${remark} Tokens are bytes; the start of a word stands for its meaning.`,
  variants: [{ id: 'moepp', label: 'MoE++', edits: spaceOf(whole) }],
  held: held(['N', 'D']),
  measurements: [
    LOSS,
    {
      kind: 'figures',
      id: 'classes',
      label: 'Classes of tokens',
      ask: [
        { as: 'classes', request: { figure: 'classes' }, fields: ['tokens', 'ce', 'computing'] },
        { as: 'deciles', request: { figure: 'deciles' }, fields: ['tokens', 'ce', 'computing'] },
      ],
    },
  ],
  primary: {
    id: 'simple',
    label: 'FFN experts per token: spaces, punctuation and inside of words − start of words',
    side: '<',
    unit: 'count',
    margin: K_MARGIN,
    test: 'difference',
    variant: {
      weighted: { list: SIMPLE.map((of) => byClass('computing', of)) },
      by: { list: SIMPLE.map((of) => byClass('tokens', of)) },
    },
    reference: byClass('computing', 4),
  },
  shown: [
    {
      id: 'deciles',
      label: 'slope of FFN experts per token over the tenth of the loss',
      side: '>',
      unit: 'count',
      margin: null,
      test: 'trend',
      settings: numbers([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
      values: read('classes', 'deciles.computing', 'moepp'),
    },
  ],
  figures: [
    {
      id: 'classes',
      title: 'FFN experts per token by class',
      kind: 'bars',
      x: { label: 'class', unit: 'none', names: CLASSES },
      y: { label: 'FFN experts per token', unit: 'count' },
      series: [{ label: 'MoE++', x: numbers([0, 1, 2, 3, 4, 5, 6]), y: byClass('computing') }],
    },
    {
      id: 'deciles',
      title: 'FFN experts per token by tenth of the loss',
      kind: 'lines',
      x: { label: 'tenth of the loss, from easy to hard', unit: 'count' },
      y: { label: 'FFN experts per token', unit: 'count' },
      series: [
        {
          label: 'MoE++',
          x: numbers([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
          y: read('classes', 'deciles.computing', 'moepp'),
        },
      ],
    },
  ],
  printed: [
    { where: 'Figure 5', inTable: false, says: 'Tokens shaded by their number of FFN experts.' },
  ],
};
