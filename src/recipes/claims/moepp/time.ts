import type { Effect, Recipe } from '../../recipe.ts';
import type { Term } from '../../term.ts';
import {
  held,
  LOSS,
  lossEffect,
  lossesOf,
  lossOf,
  minus,
  numbers,
  over,
  plus,
  read,
  workload,
} from '../common.ts';
import { common, plainModel, TAUS, tauId, tauModels, taus, workTable } from './setting.ts';

/** What the balance loss asks of the FFN experts at a τ: τN/(τN + Nzc) (Table 1). */
const complexity = (tau: number) => (8 * tau) / (8 * tau + 4);

const time = (of: string) => read('experts', 'ms', of);

const shareOf = (of: string) => read('experts', 'share', of);

/** FFN work over the plain MoE's, which drops assignments as well. */
const workOf = (of: string) => over(shareOf(of), shareOf('plain'));

/** Time at no FFN work: where the line through all models’ times over their FFN work begins. */
const fixed: Term = {
  summary: 'intercept',
  of: { list: ['plain', ...taus].map(time) },
  over: { list: ['plain', ...taus].map(workOf) },
};

const predicted = (of: string): Term =>
  plus(fixed, { op: '*', left: minus(time('plain'), fixed), right: workOf(of) });

export const throughput: Recipe = {
  ...common,
  name: 'moepp-1',
  number: '1',
  title: 'Expert time falls with τ',
  claim:
    'Expert-forward time falls with τ: 202, 278, 387, 428, 450 ms at τ 0.1, 0.25, 0.5, 0.75, 1 against 535 ms for the plain MoE.',
  variants: [plainModel, ...tauModels],
  held: held(['N', 'D']),
  measurements: [
    LOSS,
    {
      kind: 'times',
      id: 'experts',
      label: 'Time of the experts’ forward pass',
      what: 'experts',
      rounds: 7,
      passes: 5,
      edits: { 'evaluation.capacity': true },
    },
  ],
  primary: {
    id: 'slope',
    label: 'slope of expert-forward time over τ',
    side: '>',
    unit: 'ms',
    margin: null,
    test: 'trend',
    settings: numbers(TAUS),
    values: { list: taus.map(time) },
  },
  shown: [
    {
      id: 'formula',
      label: 'time over fixed + (plain − fixed)·(measured FFN share), − 1: a check within 15 %',
      side: 'none',
      unit: 'share',
      margin: 0.15,
      marginReason: 'The statistics’ own: each time within 15 % of the formula.',
      test: 'parts',
      all: false,
      check: true,
      parts: TAUS.map(
        (tau): Effect => ({
          id: tauId(tau),
          label: `τ ${tau}`,
          side: 'none',
          unit: 'share',
          margin: 0.15,
          test: 'difference',
          measure: 'ratio',
          variant: time(tauId(tau)),
          reference: predicted(tauId(tau)),
        }),
      ),
    },
  ],
  figures: [
    {
      id: 'time',
      title: 'Time of the experts’ forward pass over τ',
      kind: 'lines',
      x: { label: 'τ', unit: 'none' },
      y: { label: 'time', unit: 'ms' },
      series: [
        { label: 'MoE++', x: numbers(TAUS), y: { list: taus.map(time) } },
        { label: 'by measured FFN share', x: numbers(TAUS), y: { list: taus.map(predicted) } },
        { label: 'plain MoE', level: true, x: 0, y: time('plain') },
      ],
      printed: [
        {
          where: 'Table 3',
          x: 'τ',
          y: 'expert forward (ms)',
          only: { model: 'MoE++ 0.6B/(8+4)E' },
        },
      ],
    },
    {
      id: 'share',
      title: 'Part of the plain MoE’s FFN work',
      kind: 'lines',
      x: { label: 'τ', unit: 'none' },
      y: { label: 'share', unit: 'share' },
      series: [
        { label: 'measured', x: numbers(TAUS), y: { list: taus.map(workOf) } },
        { label: 'τN/(τN + Nzc)', x: numbers(TAUS), y: numbers(TAUS.map(complexity)) },
      ],
    },
  ],
  printed: [
    {
      where: 'Table 3',
      inTable: true,
      says: 'Throughput +164.5, +92.7, +38.2, +25.2, +19.1 % at τ 0.1, 0.25, 0.5, 0.75, 1 (0.6B).',
    },
  ],
};

const againstPlain = (tau: number): Effect =>
  lossEffect(tauId(tau), `τ ${tau}`, [tauId(tau), 'plain'], '<');

export const quality: Recipe = {
  ...common,
  name: 'moepp-2',
  number: '2',
  title: 'Quality at less work',
  claim:
    'At τ 0.75 the average score is 45.6 against 44.3 for the plain MoE, 43.4 to 44.9 at smaller τ; here the validation loss at the same active budget.',
  variants: [plainModel, ...tauModels],
  held: held(['N', 'D']),
  measurements: [LOSS, workload()],
  primary: {
    ...lossEffect('loss', 'L(τ 0.75) − L(plain)', [tauId(0.75), 'plain'], '<'),
    noWorse: true,
  },
  shown: [
    {
      id: 'taus',
      label: 'L(τ) − L(plain)',
      side: '<',
      unit: 'nats',
      margin: null,
      test: 'parts',
      all: false,
      parts: TAUS.map(againstPlain),
    },
  ],
  figures: [
    {
      id: 'loss',
      title: 'Validation loss over τ',
      kind: 'lines',
      x: { label: 'τ', unit: 'none' },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        { label: 'MoE++', x: numbers(TAUS), y: lossesOf(taus) },
        { label: 'plain MoE', level: true, x: 0, y: lossOf('plain') },
      ],
      printed: [{ where: 'Table 3', x: 'τ', y: 'average', only: { model: 'MoE++ 0.6B/(8+4)E' } }],
    },
    workTable(['plain', ...taus]),
  ],
  printed: [
    {
      where: 'Table 3',
      inTable: true,
      says: 'Average score 43.4, 44.9, 44.9, 45.6, 44.5 at τ 0.1, 0.25, 0.5, 0.75, 1 against 44.3.',
    },
  ],
};
