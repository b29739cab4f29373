import type { Recipe } from '../../recipe.ts';
import type { Term } from '../../term.ts';
import { LOSS, LOSS_MARGIN, mean, numbers } from '../common.ts';
import { common, conversion, LAYERS, of, remark } from './setting.ts';

const all = conversion('split', 'All layers', {}, { throughput: { rounds: 5 } });
/** 0 … L converted layers. */
const COUNTS = [0, ...LAYERS.map((layer) => layer + 1)];
const lossByCount: Term = {
  list: [of('split', 'teacher'), ...LAYERS.map((layer) => of('split', 'converted', layer))],
};

export const layers: Recipe = {
  ...common,
  name: 'ladimo-3',
  number: '3',
  title: 'More converted layers',
  claim:
    'More converted layers give a higher throughput and a lower quality: the last 12 of 32 layers 1.1 times the throughput at 97 % of the quality, with 5.5B of 6.7B parameters active.',
  measurements: [LOSS, all],
  primary: {
    id: 'loss',
    label: 'slope of the loss over the number of converted layers',
    side: '>',
    unit: 'nats',
    margin: null,
    test: 'trend',
    settings: numbers(COUNTS),
    values: lossByCount,
  },
  shown: [
    {
      id: 'throughput',
      label: 'slope of the prefill throughput over the number of converted layers',
      side: '>',
      unit: 'count',
      margin: null,
      test: 'trend',
      settings: numbers(COUNTS),
      values: of('split', 'prefill'),
    },
  ],
  figures: [
    {
      id: 'quality',
      title: 'Loss against throughput, 0 to 8 layers converted',
      kind: 'points',
      x: { label: 'prefill, tokens per second', unit: 'count' },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        {
          label: 'converted from the last layer upward',
          x: of('split', 'prefill'),
          y: lossByCount,
        },
      ],
    },
    {
      id: 'active',
      title: 'Loss over the active parameters',
      kind: 'lines',
      x: { label: 'parameters that a token uses', unit: 'count' },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        { label: 'converted from the last layer upward', x: of('split', 'active'), y: lossByCount },
      ],
    },
  ],
  printed: [
    {
      where: 'Figures 4, 6',
      inTable: true,
      says: '1.1 times the throughput, 97 % of MMLU, 5.5B of 6.7B parameters at 12 of 32 layers.',
    },
  ],
};

/** First and last quarter. */
const [early, late] = [LAYERS.slice(0, 2), LAYERS.slice(-2)];
const alone = (which: readonly number[]): Term =>
  mean({ list: which.map((layer) => of('split', 'alone', layer)) });

export const place: Recipe = {
  ...common,
  name: 'ladimo-4',
  number: '4',
  title: 'Late layers hurt less',
  claim: 'Converting one late layer hurts less than converting one early layer.',
  measurements: [LOSS, all],
  primary: {
    id: 'loss',
    label: 'L(one early layer converted) − L(one late layer)',
    side: '>',
    unit: 'nats',
    margin: LOSS_MARGIN,
    test: 'difference',
    variant: alone(early),
    reference: alone(late),
  },
  shown: [
    {
      id: 'slope',
      label: 'slope of the loss with one converted layer over its index',
      side: '<',
      unit: 'nats',
      margin: null,
      test: 'trend',
      settings: of('split', 'layers'),
      values: of('split', 'alone'),
    },
  ],
  figures: [
    {
      id: 'alone',
      title: 'Loss with one layer converted',
      kind: 'lines',
      x: { label: 'layer', unit: 'count' },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        { label: 'one layer converted', x: of('split', 'layers'), y: of('split', 'alone') },
        { label: 'teacher', level: true, x: 0, y: of('split', 'teacher') },
      ],
    },
  ],
  printed: [
    { where: 'Figure 5', inTable: false, says: 'Quality by the layer that is converted, drawn.' },
  ],
};

const DOMAINS = ['prose', 'speeches', 'code', 'arithmetic', 'languages'];
/** The domain on whose text the converted layers are trained. */
const OWN = 'code';

/** Mean over the domains that are not trained. */
const ofOthers = (field: string): Term =>
  mean({
    list: DOMAINS.flatMap((name, i) => (name === OWN ? [] : [of('domain', field, i)])),
  });

export const domain: Recipe = {
  ...common,
  name: 'ladimo-5',
  number: '5',
  title: 'A domain comes back',
  claim: 'Training the converted layers on a domain’s own text recovers that domain.',
  remark: `${remark} The last 3 layers are converted; the domain is program code.`,
  measurements: [
    LOSS,
    conversion(
      'domain',
      'Last three layers, then program code',
      { layers: LAYERS.slice(-3) },
      { domain: { corpus: OWN, steps: 100, lr: 1e-3 } },
    ),
  ],
  primary: {
    id: 'own',
    label: 'loss on program code, after − before its training',
    side: '<',
    unit: 'nats',
    margin: LOSS_MARGIN,
    test: 'difference',
    variant: of('domain', 'ownAfter'),
    reference: of('domain', 'ownBefore'),
  },
  shown: [
    {
      id: 'others',
      label: 'loss of the four other domains, mean, after − before',
      side: '>',
      unit: 'nats',
      margin: LOSS_MARGIN,
      test: 'difference',
      variant: ofOthers('domainAfter'),
      reference: ofOthers('domainBefore'),
    },
  ],
  figures: [
    {
      id: 'domains',
      title: 'Validation loss by domain',
      kind: 'bars',
      x: { label: 'domain', unit: 'none', names: DOMAINS },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        { label: 'before', x: numbers([0, 1, 2, 3, 4]), y: of('domain', 'domainBefore') },
        { label: 'after', x: numbers([0, 1, 2, 3, 4]), y: of('domain', 'domainAfter') },
      ],
    },
  ],
  printed: [
    { where: 'Figure 7', inTable: false, says: 'Scores by domain before and after, drawn.' },
  ],
};

export const adaptive: Recipe = {
  ...common,
  name: 'ladimo-6',
  number: '6',
  title: 'Adaptive routing',
  claim: 'The adaptive policy trades quality for latency against static top-2, without training.',
  measurements: [LOSS, all],
  primary: {
    id: 'slots',
    label: 'computing experts per token, adaptive − top-2',
    side: '<',
    unit: 'count',
    margin: 0.05,
    test: 'difference',
    variant: of('split', 'slotsAdaptive'),
    reference: of('split', 'slotsStatic'),
  },
  shown: [
    {
      id: 'loss',
      label: 'L(adaptive) − L(top-2)',
      side: '>',
      unit: 'nats',
      margin: LOSS_MARGIN,
      test: 'difference',
      variant: of('split', 'adaptive'),
      reference: of('split', 'converted', -1),
    },
    {
      id: 'time',
      label: 'time per token, adaptive/top-2 − 1',
      side: '<',
      unit: 'share',
      margin: 0.05,
      test: 'difference',
      measure: 'ratio',
      variant: of('split', 'msAdaptive'),
      reference: of('split', 'msStatic'),
    },
  ],
  figures: [
    {
      id: 'policies',
      title: 'Static and adaptive routing',
      kind: 'table',
      columns: [
        { label: 'validation loss', unit: 'nats' },
        { label: 'computing experts per token', unit: 'count' },
        { label: 'time per token', unit: 'ms' },
      ],
      rows: [
        {
          label: 'top-2',
          cells: [
            of('split', 'converted', -1),
            of('split', 'slotsStatic'),
            of('split', 'msStatic'),
          ],
        },
        {
          label: 'adaptive',
          cells: [of('split', 'adaptive'), of('split', 'slotsAdaptive'), of('split', 'msAdaptive')],
        },
      ],
    },
  ],
  printed: [
    { where: 'Table 1', inTable: true, says: 'Which policy a layer has by its quantiles.' },
  ],
};
