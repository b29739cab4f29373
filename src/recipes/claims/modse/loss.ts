import type { Recipe } from '../../recipe.ts';
import type { Term } from '../../term.ts';
import {
  held,
  LAYERS,
  LOSS,
  LOSS_MARGIN,
  lossEffect,
  lossOf,
  mean,
  numbers,
  read,
  workload,
} from '../common.ts';
import { common, diverseModel, pair, remark, uniformModel } from './setting.ts';

const curveOf = (of: string, label: string) => ({
  label,
  x: read('loss', 'steps', of),
  y: read('loss', 'curve', of),
});

export const loss: Recipe = {
  ...common,
  name: 'modse-1',
  number: '1',
  remark: `${remark} A seed whose MoDSE never reaches the uniform’s final loss counts with all of its steps, a lower bound: of the steps more seeds may agree, but none disagree, and they have no margin.`,
  title: 'Diverse sizes lower the loss',
  claim:
    'MoDSE’s training and validation loss lies below the uniform baseline and converges earlier; a baseline widened to MoDSE’s measured workload does not close the gap.',
  variants: [
    uniformModel,
    diverseModel,
    {
      id: 'widened',
      label: 'uniform, widened to MoDSE’s workload',
      edits: uniformModel.edits,
      derived: { from: read('work', 'workload.widthMean', 'diverse'), sets: 'width', step: 4 },
    },
  ],
  held: [...held(['N', 'Na', 'C', 'flops'], pair), ...held(['D'])],
  measurements: [
    LOSS,
    workload(),
    { kind: 'training', id: 'training', label: 'Training loss', names: ['ce'], parts: 10 },
  ],
  primary: lossEffect('loss', 'L(MoDSE) − L(uniform)', ['diverse', 'uniform'], '<'),
  shown: [
    lossEffect('widened', 'L(widened) − L(uniform)', ['widened', 'uniform'], 'none'),
    lossEffect('gap', 'L(MoDSE) − L(widened)', ['diverse', 'widened'], '<'),
    {
      id: 'training',
      label: 'training loss of the last tenth, MoDSE − uniform',
      side: '<',
      unit: 'nats',
      margin: LOSS_MARGIN,
      test: 'difference',
      variant: read('training', 'ce', 'diverse', -1),
      reference: read('training', 'ce', 'uniform', -1),
    },
    {
      id: 'steps',
      label:
        'steps in which MoDSE reaches the uniform’s final loss, over its own, − 1; 0, a lower bound, where it never does',
      side: '<',
      unit: 'share',
      margin: null,
      test: 'difference',
      measure: 'ratio',
      variant: {
        reach: lossOf('uniform'),
        x: read('loss', 'steps', 'diverse'),
        y: read('loss', 'curve', 'diverse'),
        never: read('loss', 'steps', 'diverse', -1),
      },
      reference: read('loss', 'steps', 'uniform', -1),
    },
  ],
  figures: [
    {
      id: 'curves',
      title: 'Validation loss while training',
      kind: 'lines',
      x: { label: 'step', unit: 'count' },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        curveOf('uniform', 'uniform'),
        curveOf('diverse', 'MoDSE'),
        curveOf('widened', 'widened'),
      ],
    },
    {
      id: 'work',
      title: 'Loss and work at the end',
      kind: 'table',
      columns: [
        { label: 'validation loss', unit: 'nats' },
        { label: 'mean width of the chosen experts', unit: 'width' },
      ],
      rows: [...pair, 'widened'].map((of) => ({
        label: of,
        cells: [lossOf(of), read('work', 'workload.widthMean', of)],
      })),
    },
  ],
  printed: [
    {
      where: 'Figure 2',
      inTable: false,
      says: 'MoDSE below the baseline and the baseline of 105 %, which has its measured workload of 4045 against 3840 hidden units.',
    },
  ],
};

/** Share of the layer-ranks of a tenth of the training whose largest count is above three times the smallest. */
const shareAbove = (of: string, tenth: number): Term =>
  mean({ above: 3, of: read('loads', 'maxMin', of, tenth) });

const TENTHS = Array.from({ length: 10 }, (_, tenth) => tenth);

export const balance: Recipe = {
  ...common,
  name: 'modse-2',
  number: '2',
  title: 'Sizes come into balance',
  claim:
    'Early on small experts get more tokens and max/min exceeds 3; by the end only one layer-rank exceeds 3.',
  measurements: [
    { kind: 'loads', id: 'loads', label: 'Tokens by layer, rank and expert', parts: 10 },
    LOSS,
  ],
  primary: {
    id: 'share',
    label: 'share of layer-ranks with max/min > 3, first tenth − last tenth',
    side: '>',
    unit: 'share',
    margin: null,
    test: 'difference',
    variant: shareAbove('diverse', 0),
    reference: shareAbove('diverse', 9),
  },
  shown: [
    {
      id: 'uniform',
      label: 'the same of the uniform baseline',
      side: '>',
      unit: 'share',
      margin: null,
      test: 'difference',
      variant: shareAbove('uniform', 0),
      reference: shareAbove('uniform', 9),
    },
  ],
  figures: [
    {
      id: 'share',
      title: 'Layer-ranks with max/min above 3, by tenth of the training',
      kind: 'lines',
      x: { label: 'tenth of the training', unit: 'count' },
      y: { label: 'share of layer-ranks', unit: 'share' },
      series: pair.map((of) => ({
        label: of,
        x: numbers(TENTHS.map((tenth) => tenth + 1)),
        y: { list: TENTHS.map((tenth) => shareAbove(of, tenth)) },
      })),
    },
    {
      id: 'counts',
      title: 'Tokens per expert of MoDSE at rank 0, mean over layers',
      kind: 'table',
      columns: [4.5, 4, 3, 2.5, 2.5, 2, 1, 0.5].map((ratio, i) => ({
        label: `expert ${i}: ${ratio}·D`,
        unit: 'count',
      })),
      rows: [0, 4, 9].map((tenth) => ({
        label: `tenth ${tenth + 1}`,
        cells: Array.from({ length: 8 }, (_, slot) =>
          mean({
            list: LAYERS.map((layer) => read('loads', 'counts', 'diverse', tenth, layer, 0, slot)),
          }),
        ),
      })),
    },
  ],
  printed: [
    { where: 'Table 8', inTable: true, says: 'By the end one layer-rank of 16 exceeds 3.' },
    { where: 'Table 7', inTable: true, says: 'Token counts of the uniform baseline.' },
  ],
};
