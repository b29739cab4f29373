import type { Slot } from '../../../config/experiment.ts';
import type { Effect, Recipe, Variant } from '../../recipe.ts';
import { extra, held, LOSS, lossEffect, lossesOf, numbers, workload } from '../common.ts';
import { common, plainModel, remark, spaceOf, whole, workTable } from './setting.ts';

/** Four zero-computation experts in all, so that capacity and τ mean the same. */
const KIND_SETS: readonly [id: string, slots: Slot[]][] = [
  ['zero', extra({ zero: 4 })],
  ['copy', extra({ copy: 4 })],
  ['constant', extra({ constant: 4 })],
  ['zero+copy', extra({ zero: 2, copy: 2 })],
  ['zero+constant', extra({ zero: 2, constant: 2 })],
  ['copy+constant', extra({ copy: 2, constant: 2 })],
  ['all', whole],
];

const kindPart = (variant: string, reference: string): Effect =>
  lossEffect(`${variant} − ${reference}`, `${variant} − ${reference}`, [variant, reference], '<');

export const kinds: Recipe = {
  ...common,
  name: 'moepp-3',
  number: '3',
  title: 'Each kind helps',
  claim:
    'Each kind of zero-computation expert helps, constant experts most: average 46.6 without any, 47.0 to 47.4 with one kind, 47.2 to 47.5 with two, 47.7 with all.',
  remark: `${remark} Four zero-computation experts in every set; how many of a kind the paper’s sets have is not printed.`,
  variants: [
    plainModel,
    ...KIND_SETS.map(([id, slots]): Variant => ({ id, label: id, edits: spaceOf(slots) })),
  ],
  held: [
    ...held(['N', 'D']),
    ...held(
      ['Na', 'C'],
      KIND_SETS.map(([id]) => id),
    ),
  ],
  measurements: [LOSS, workload()],
  primary: lossEffect('all', 'L(all kinds) − L(none)', ['all', 'plain'], '<'),
  shown: [
    {
      id: 'kinds',
      label: 'sets against each other',
      side: '<',
      unit: 'nats',
      margin: null,
      test: 'parts',
      all: false,
      parts: [
        ...KIND_SETS.slice(0, -1).map(([id]) => kindPart(id, 'plain')),
        kindPart('constant', 'zero'),
        kindPart('constant', 'copy'),
      ],
    },
  ],
  figures: [
    {
      id: 'sets',
      title: 'Validation loss by kinds of zero-computation experts',
      kind: 'bars',
      x: { label: 'kinds', unit: 'none', names: ['none', ...KIND_SETS.map(([id]) => id)] },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        {
          label: 'loss',
          x: numbers([0, 1, 2, 3, 4, 5, 6, 7]),
          y: lossesOf(['plain', ...KIND_SETS.map(([id]) => id)]),
        },
      ],
    },
    workTable(['plain', ...KIND_SETS.map(([id]) => id)]),
  ],
  printed: [
    {
      where: 'Table 5',
      inTable: true,
      says: 'Averages in the table’s order: none 46.6; one kind 47.0, 47.2, 47.4; two 47.2, 47.3, 47.5; all 47.7.',
    },
  ],
};

const CONSTANTS = [0, 1, 2, 4, 6];

const constantId = (n: number) => `constants-${n}`;

export const constants: Recipe = {
  ...common,
  name: 'moepp-5',
  number: '5',
  title: 'A best number of constant experts',
  claim: 'The number of constant experts has an optimum.',
  remark: `${remark} One zero and one copy expert besides, in every model.`,
  variants: CONSTANTS.map((constant) => ({
    id: constantId(constant),
    label: `${constant} constant`,
    edits: spaceOf(extra({ zero: 1, copy: 1, constant })),
  })),
  held: held(['N', 'D']),
  measurements: [LOSS, workload()],
  primary: {
    id: 'optimum',
    label: 'loss over the number of constant experts',
    side: '<',
    unit: 'nats',
    margin: null,
    test: 'optimum',
    settings: numbers(CONSTANTS),
    values: lossesOf(CONSTANTS.map(constantId)),
    better: 'lower',
  },
  shown: [],
  figures: [
    {
      id: 'curve',
      title: 'Validation loss over the number of constant experts',
      kind: 'lines',
      x: { label: 'constant experts', unit: 'count' },
      y: { label: 'validation loss', unit: 'nats' },
      series: [{ label: 'MoE++', x: numbers(CONSTANTS), y: lossesOf(CONSTANTS.map(constantId)) }],
    },
    workTable(CONSTANTS.map(constantId)),
  ],
  printed: [
    {
      where: 'Figure 3',
      inTable: false,
      says: 'A curve with its best value inside; the suggested number is max(N/4 − zero − copy, 1).',
    },
  ],
};
