import type { Change } from '../../../config/experiment.ts';
import { uniform } from '../../../config/presets/build.ts';
import type { Effect, Recipe, Variant } from '../../recipe.ts';
import { held, LOSS, lossEffect, lossesOf, lossOf, numbers, read } from '../common.ts';
import { common, remark, sparse } from './setting.ts';

const REUSE_MARGIN = 0.05;
const reuseEffect = (id: string): Effect => ({
  ...lossEffect(id, `L(${id} reuse) − L(unique)`, [id, 'unique'], 'none', REUSE_MARGIN),
  marginReason: 'The statistics’ own: 0.05 nats for reused data.',
});

/** The paper's strict scheme at ra 20 % has 4.65 epochs, its loose one 2. */
const EPOCHS = { strict: 4.65, loose: 2 } as const;

/** The longest still sees no text twice where the data is unique: a fifth of it is from the smallest corpus. */
const SHORT_ENOUGH = { steps: 2400, edits: { 'batch.B': 16 } };

export const reuse: Recipe = {
  ...common,
  budgets: { ...common.budgets, long: SHORT_ENOUGH },
  name: 'equalres-3',
  number: '3',
  title: 'Reusing data costs little',
  claim:
    'Reusing data costs little: at ra 20 % and 7B strict reuse gives 0.4590 BPC and loose reuse 0.4549 against 0.4543 with unique data.',
  variants: [
    { id: 'unique', label: 'unique data', edits: sparse(4) },
    {
      id: 'strict',
      label: 'strict reuse, 4.65 epochs',
      edits: sparse(4),
      uniqueShare: 1 / EPOCHS.strict,
    },
    {
      id: 'loose',
      label: 'loose reuse, 2 epochs',
      edits: sparse(4),
      uniqueShare: 1 / EPOCHS.loose,
    },
  ],
  held: held(['N', 'Na', 'C', 'D', 'flops']),
  measurements: [LOSS],
  primary: reuseEffect('strict'),
  shown: [reuseEffect('loose')],
  figures: [
    {
      id: 'reuse',
      title: 'Unique against reused data',
      kind: 'table',
      columns: [
        { label: 'validation loss', unit: 'nats' },
        { label: 'bits per character', unit: 'bits' },
        { label: 'tokens', unit: 'count' },
      ],
      rows: ['unique', 'strict', 'loose'].map((of) => ({
        label: of,
        cells: [lossOf(of), read('loss', 'bitsPerCharacter', of), read('loss', 'tokens', of)],
      })),
    },
  ],
  printed: [
    { where: 'Table 13', inTable: true, says: 'Strict reuse at 20.07 %: 0.4590.' },
    { where: 'Table 17', inTable: true, says: 'Loose reuse at 20.07 %: 0.4549.' },
    { where: 'Table 12', inTable: true, says: 'Unique data at 20.07 %: 0.4543.' },
  ],
};

/** A dense layer costs what a MoE layer's chosen and shared experts do, so that all arrangements are equal. */
const EXPERT = 32;
const DENSE = 4 * EXPERT;

/** `experts` experts of which 2 and a shared one of their width are used, or 4 without a shared one. */
function arranged(arrangement: string, experts: number, isShared: boolean): Change {
  return {
    'model.arrangement': arrangement,
    'model.denseHidden': DENSE,
    'experts.slots': uniform(isShared ? experts : experts + 2, EXPERT),
    'experts.sharedHidden': isShared ? 2 * EXPERT : 0,
    'router.K': isShared ? 2 : 4,
  };
}

const arrangements: readonly Variant[] = [
  { id: '1dense+SE', label: '1dense, shared expert', edits: arranged('1dense', 26, true) },
  { id: '1dense', label: '1dense', edits: arranged('1dense', 26, false) },
  {
    id: 'interleave+SE',
    label: 'interleave, shared expert',
    edits: arranged('interleave', 38, true),
  },
  { id: 'interleave', label: 'interleave', edits: arranged('interleave', 38, false) },
  { id: 'full+SE', label: 'full, shared expert', edits: arranged('full', 20, true) },
];
const others = arrangements.slice(1);

export const arrangement: Recipe = {
  ...common,
  name: 'equalres-4',
  number: '4',
  title: 'First layer dense, shared expert',
  claim: '1dense with a shared expert is the best arrangement; interleave beats full.',
  variants: arrangements,
  held: held(['N', 'Na', 'C', 'D']),
  measurements: [LOSS],
  primary: {
    id: 'best',
    label: 'L(1dense + shared) − L(each other)',
    side: '<',
    unit: 'nats',
    margin: null,
    test: 'parts',
    all: true,
    parts: others.map(
      ({ id, label }): Effect => lossEffect(id, `− ${label}`, ['1dense+SE', id], '<'),
    ),
  },
  shown: [
    lossEffect(
      'interleave',
      'L(interleave + shared) − L(full + shared)',
      ['interleave+SE', 'full+SE'],
      '<',
    ),
  ],
  figures: [
    {
      id: 'arrangements',
      title: 'Validation loss by arrangement',
      kind: 'bars',
      x: { label: 'arrangement', unit: 'none', names: arrangements.map(({ id }) => id) },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        {
          label: 'loss',
          x: numbers(arrangements.map((_, i) => i)),
          y: lossesOf(arrangements.map(({ id }) => id)),
        },
      ],
    },
  ],
  printed: [
    {
      where: 'Table 5',
      inTable: true,
      says: 'Losses by scheme: full+SE 1.6813, interleave+SE 1.6766, interleave 1.6697 (2.02B); 1dense 1.6752, 1dense+SE 1.6712 and 1.6726 (2.15B).',
    },
  ],
};

export const normalisation: Recipe = {
  ...common,
  name: 'equalres-5',
  number: '5',
  title: 'Normalised gates',
  claim: 'Normalising the gates makes no clear difference in loss but lowers the balance loss.',
  variants: [
    { id: 'plain', label: 'not normalised', edits: arranged('1dense', 26, true) },
    {
      id: 'normalised',
      label: 'normalised',
      edits: { ...arranged('1dense', 26, true), 'router.gate': 'renormalized' },
    },
  ],
  held: held(['N', 'Na', 'C', 'D', 'flops']),
  measurements: [
    LOSS,
    {
      kind: 'training',
      id: 'training',
      label: 'Losses while training',
      names: ['ce', 'switch'],
      parts: 10,
    },
  ],
  primary: lossEffect('loss', 'L(normalised) − L(not)', ['normalised', 'plain'], 'none'),
  shown: [
    {
      id: 'balance',
      label: 'balance loss of the last tenth, normalised − not',
      side: '<',
      unit: 'none',
      margin: null,
      test: 'difference',
      variant: read('training', 'switch', 'normalised', -1),
      reference: read('training', 'switch', 'plain', -1),
    },
  ],
  figures: [
    {
      id: 'balance',
      title: 'Balance loss while training',
      kind: 'lines',
      x: { label: 'step', unit: 'count' },
      y: { label: 'balance loss', unit: 'none' },
      series: ['plain', 'normalised'].map((of) => ({
        label: of,
        x: read('training', 'steps', of),
        y: read('training', 'switch', of),
      })),
    },
  ],
  printed: [
    {
      where: 'Table 6',
      inTable: true,
      says: '1.6726 normalised and 1.6712 not; balance loss 1.355 and 1.452.',
    },
  ],
};

const KS = [1, 2, 4, 8];
const kId = (K: number) => `K-${K}`;

/** Table 7's pairs of equal K·D_e. */
const PRINTED_KS = [
  ['1', '11'],
  ['2', '22'],
  ['3', '33'],
];

export const topK: Recipe = {
  ...common,
  name: 'equalres-6',
  number: '6',
  title: 'Larger K at constant K·D_e',
  claim: 'A larger K at constant K·D_e hurts, except from K = 1.',
  remark: `${remark} K·D_e = 64 of 512 hidden units, shared expert of 64.`,
  variants: KS.map((K) => ({
    id: kId(K),
    label: `K ${K}`,
    edits: {
      'model.arrangement': '1dense',
      'experts.slots': uniform(8 * K, 64 / K),
      'experts.sharedHidden': 64,
      'router.K': K,
    },
  })),
  held: held(['N', 'Na', 'C', 'D']),
  measurements: [LOSS],
  primary: {
    id: 'slope',
    label: 'slope of the loss over K from 2 on',
    side: '>',
    unit: 'nats',
    margin: null,
    test: 'trend',
    settings: numbers(KS.slice(1)),
    values: lossesOf(KS.slice(1).map(kId)),
  },
  shown: [lossEffect('one', 'L(K = 2) − L(K = 1)', [kId(2), kId(1)], '<')],
  figures: [
    {
      id: 'K',
      title: 'Validation loss over K at constant K·D_e',
      kind: 'lines',
      x: { label: 'K', unit: 'count', scale: 'log' },
      y: { label: 'validation loss', unit: 'nats' },
      series: [{ label: '1dense, shared expert', x: numbers(KS), y: lossesOf(KS.map(kId)) }],
      printed: PRINTED_KS.map((pair) => ({
        ...{ where: 'Table 7', x: 'K', y: 'loss' },
        ...{ only: { K: pair }, label: `K ${pair.join(' and ')}` },
      })),
    },
  ],
  printed: [
    {
      where: 'Table 7',
      inTable: true,
      says: 'K 1 to 11: 2.0470 to 2.0338; K 2 to 22: 1.9996 to 2.0266; K 3 to 33: 2.0156 to 2.0235.',
    },
  ],
};
