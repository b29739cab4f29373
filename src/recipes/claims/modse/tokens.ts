import type { FiguresMeasurement } from '../../measurement.ts';
import type { Recipe } from '../../recipe.ts';
import type { Term } from '../../term.ts';
import { LAYERS, LOSS, lossEffect, minus, numbers, over, read, sum } from '../common.ts';
import { common, remark } from './setting.ts';

const QUANTILES = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

function difficult(quantiles: readonly number[]): FiguresMeasurement {
  return {
    kind: 'figures',
    id: 'difficult',
    label: 'Difficult tokens',
    of: ['diverse'],
    baseline: 'uniform',
    ask: [
      {
        as: 'difficult',
        request: { figure: 'difficult', quantiles },
        fields: [
          'thresholds',
          'count',
          'baselineCe',
          'ce',
          'reduction',
          'widerRank0',
          'narrowerRank0',
          'widerAll',
          'narrowerAll',
        ],
        layerFields: ['rank0', 'all', 'widerRank0', 'narrowerRank0'],
      },
    ],
  };
}

const hard = (field: string, ...at: number[]) =>
  read('difficult', `difficult.${field}`, 'diverse', ...at);

export const reduction: Recipe = {
  ...common,
  name: 'modse-3',
  number: '3',
  title: 'Difficult tokens gain most',
  claim:
    'The average reduction of the loss grows with the baseline’s loss of the token: 0.18 above 1.05 nats, 0.58 above 2.0.',
  remark: `${remark} Thresholds are quantiles of the baseline’s token losses.`,
  measurements: [LOSS, difficult(QUANTILES)],
  primary: {
    id: 'slope',
    label: 'slope of the mean reduction over the quantile of the threshold',
    side: '>',
    unit: 'nats',
    margin: null,
    test: 'trend',
    settings: numbers(QUANTILES),
    values: hard('reduction'),
  },
  shown: [lossEffect('loss', 'L(MoDSE) − L(uniform)', ['diverse', 'uniform'], '<')],
  figures: [
    {
      id: 'reduction',
      title: 'Reduction of the loss of difficult tokens',
      kind: 'points',
      x: { label: 'threshold of the baseline’s loss', unit: 'nats' },
      y: { label: 'mean reduction', unit: 'nats' },
      series: [{ label: 'MoDSE', x: hard('thresholds'), y: hard('reduction') }],
      printed: [{ where: 'Table 5', x: 'threshold', y: 'reduction' }],
    },
    {
      id: 'columns',
      title: 'The columns of Table 5',
      kind: 'table',
      columns: [
        { label: 'threshold', unit: 'nats' },
        { label: 'reduction', unit: 'nats' },
        { label: 'tokens', unit: 'count' },
      ],
      rows: QUANTILES.map((quantile, i) => ({
        label: `quantile ${quantile}`,
        cells: ['thresholds', 'reduction', 'count'].map((field) => hard(field, i)),
      })),
    },
  ],
  printed: [
    {
      where: 'Table 5',
      inTable: true,
      says: 'Thresholds 1.05, 1.2, 1.4, 1.6, 1.8, 2.0 gave reductions of 0.18, 0.22, 0.32, 0.36, 0.46, 0.58.',
    },
  ],
};

const widerShare = (wider: Term, narrower: Term, all: Term): Term =>
  over(minus(sum(wider), sum(narrower)), sum(all));

export const wider: Recipe = {
  ...common,
  name: 'modse-4',
  number: '4',
  title: 'Difficult tokens choose wide experts',
  claim:
    'Difficult tokens go to larger experts: 6215 against 3085 first choices, 10473 against 8326 of all choices for the three larger against the three smaller sizes.',
  remark: `${remark} Difficult: the top tenth by the baseline’s loss.`,
  measurements: [LOSS, difficult([0.9])],
  primary: {
    id: 'first',
    label: 'first choices of difficult tokens: (wider − narrower)/all',
    side: '>',
    unit: 'share',
    margin: null,
    test: 'value',
    value: widerShare(hard('widerRank0'), hard('narrowerRank0'), hard('layers.rank0')),
  },
  shown: [
    {
      id: 'all',
      label: 'all choices of difficult tokens: (wider − narrower)/all',
      side: '>',
      unit: 'share',
      margin: null,
      test: 'value',
      value: widerShare(hard('widerAll'), hard('narrowerAll'), hard('layers.all')),
    },
    {
      id: 'layers',
      label: 'first choices by layer',
      side: '>',
      unit: 'share',
      margin: null,
      test: 'parts',
      all: false,
      parts: LAYERS.map((layer) => ({
        id: `layer ${layer}`,
        label: `layer ${layer}`,
        side: '>',
        unit: 'share',
        margin: null,
        test: 'value',
        value: widerShare(
          hard('layers.widerRank0', layer),
          hard('layers.narrowerRank0', layer),
          hard('layers.rank0', layer),
        ),
      })),
    },
  ],
  figures: [
    {
      id: 'slots',
      title: 'First choices of difficult tokens by width, all layers',
      kind: 'bars',
      x: {
        label: 'width in units of D',
        unit: 'ratio',
        names: ['4.5', '4', '3', '2.5', '2.5', '2', '1', '0.5'],
      },
      y: { label: 'difficult tokens', unit: 'count' },
      series: [
        {
          label: 'MoDSE',
          x: numbers([0, 1, 2, 3, 4, 5, 6, 7]),
          y: LAYERS.map((layer): Term => hard('layers.rank0', layer, 0)).reduce(
            (left, right): Term => ({ op: '+', left, right }),
          ),
        },
      ],
    },
  ],
  printed: [
    {
      where: 'Table 6',
      inTable: true,
      says: '6215 against 3085 at rank 0, 10473 against 8326 at both ranks.',
    },
    { where: 'Table 9', inTable: true, says: 'Difficult tokens by expert, layer and rank.' },
  ],
};
