import type { Effect, Recipe, Variant } from '../../recipe.ts';
import type { Term } from '../../term.ts';
import {
  computingOf,
  held,
  K_MARGIN,
  LOSS,
  LOSS_MARGIN,
  lossEffect,
  lossesOf,
  lossOf,
  minus,
  workload,
} from '../common.ts';
import { common, remark, setModels, ternary, ternaryModel, topK } from './setting.ts';

const againstTopK = (id: string): Effect => {
  const { label = id } = setModels.find((model) => model.id === id) ?? {};
  return lossEffect(id, label, [id, 'topk'], '<');
};
const experts = (of: readonly string[]): Term => ({ list: of.map(computingOf) });

export const sets: Recipe = {
  ...common,
  name: 'tcmoe-1',
  number: '1',
  title: 'All three signs are best',
  claim:
    'The set {−1, 0, 1} gives the best average score, 49.54 at an average K of 1.82; {0, 1} 49.23 at 1.81, {−1, 1} 49.00 at 2, {1} 48.71 at 2.',
  variants: setModels,
  held: held(['N', 'D']),
  measurements: [LOSS, workload()],
  primary: lossEffect('loss', 'L({−1, 0, 1}) − L({1})', ['tcmoe', 'topk'], '<'),
  shown: [
    {
      id: 'sets',
      label: 'L(set) − L({1})',
      side: '<',
      unit: 'nats',
      margin: null,
      test: 'parts',
      all: false,
      parts: [againstTopK('pm1'), againstTopK('null1')],
    },
    {
      id: 'K',
      label: 'computing experts per token, {−1, 0, 1} − {1}',
      side: '<',
      unit: 'count',
      margin: K_MARGIN,
      test: 'difference',
      variant: computingOf('tcmoe'),
      reference: computingOf('topk'),
    },
  ],
  figures: [
    {
      id: 'sets',
      title: 'Loss and average K by set',
      kind: 'table',
      columns: [
        { label: 'validation loss', unit: 'nats' },
        { label: 'average K', unit: 'count' },
      ],
      rows: setModels.map(({ id, label }) => ({ label, cells: [lossOf(id), computingOf(id)] })),
    },
  ],
  printed: [
    {
      where: 'Table 3',
      inTable: true,
      says: '{1} 48.71 at K 2.00; {−1, 1} 49.00 at 2.00; {0, 1} 49.23 at 1.81; {−1, 0, 1} 49.54 at 1.82.',
    },
  ],
};

const REWARDS = [0, 0.003, 0.005];
const DROPS = [0.15, 0.45, 0.7];
const DYNAMICS = [0.01, 0.03, 0.1];

const rewardModels = REWARDS.map(
  (alpha2): Variant =>
    alpha2 === 0
      ? ternaryModel
      : {
          id: `reward-${alpha2}`,
          label: `TC-MoE, α₂ ${alpha2}`,
          edits: { ...ternary, 'losses.reward.alpha2': alpha2 },
        },
);
const dropModels = DROPS.map(
  (q): Variant => ({
    id: `drop-${q}`,
    label: `Random drop, ${Math.round(100 * q)} %`,
    edits: { 'router.selection': 'randomDrop', 'router.q': q },
  }),
);
const toppModels = DYNAMICS.map(
  (w): Variant => ({
    id: `topp-${w}`,
    label: `Top-P, dynamic weight ${w}`,
    edits: { 'router.selection': 'topp', 'router.P': 0.4, 'losses.dynamic.w': w },
  }),
);
const idsOf = (variants: readonly Variant[]) => variants.map(({ id }) => id);
const rewards = idsOf(rewardModels);
/** Random drop of nothing is Top-K. */
const drops = idsOf([topK, ...dropModels]);
const topps = idsOf(toppModels);

/** L(TC-MoE) − L(baseline) at TC-MoE's own average K, per reward; undefined outside the baseline's range. */
const below = (baseline: readonly string[]): Term =>
  minus(lossesOf(rewards), {
    interpolate: { x: experts(baseline), y: lossesOf(baseline) },
    x: experts(rewards),
  });
const belowOne = (baseline: readonly string[], place: number): Term => ({
  summary: 'first',
  of: { part: below(baseline), from: place, to: place + 1 },
});

/** Every reward against both baselines. */
const pairs = rewardModels.flatMap(({ label }, place) =>
  (
    [
      ['Random drop', drops],
      ['Top-P', topps],
    ] as const
  ).map(([name, baseline]) => ({
    label: `${label} − ${name}`,
    value: belowOne(baseline, place),
  })),
);

const curvePoints = (label: string, of: readonly string[]) => ({
  label,
  x: experts(of),
  y: lossesOf(of),
});

export const curve: Recipe = {
  ...common,
  name: 'tcmoe-2',
  number: '2',
  title: 'Lower loss at every budget',
  claim:
    'At an equal average number of activated experts TC-MoE’s validation loss lies below that of Random drop and of Top-P, by about 0.017.',
  remark: `${remark} Reward and dynamic weights are larger than the paper’s, so that few steps move the budget: null slots start with a bias of −10. A pair counts where TC-MoE’s average K lies within the baseline’s range, and in the mean where it does in every seed; Random drop’s range ends at Top-K.`,
  variants: [topK, ...rewardModels, ...dropModels, ...toppModels],
  held: held(['N', 'D']),
  measurements: [LOSS, workload()],
  primary: {
    id: 'below',
    label: 'L(TC-MoE) − L(baseline) at equal average K, mean over the pairs that every seed has',
    side: '<',
    unit: 'nats',
    margin: LOSS_MARGIN,
    test: 'value',
    value: { list: pairs.map(({ value }) => value) },
    places: pairs.map(({ label }) => label),
  },
  shown: [
    {
      id: 'pairs',
      label: 'each pair',
      side: '<',
      unit: 'nats',
      margin: LOSS_MARGIN,
      test: 'parts',
      all: false,
      parts: pairs.map(
        ({ label, value }): Effect => ({
          id: label,
          label,
          side: '<',
          unit: 'nats',
          margin: LOSS_MARGIN,
          test: 'value',
          value,
        }),
      ),
    },
  ],
  figures: [
    {
      id: 'budget',
      title: 'Validation loss over the average number of computing experts',
      kind: 'points',
      x: { label: 'computing experts per token', unit: 'count' },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        curvePoints('TC-MoE', rewards),
        curvePoints('Random drop', drops),
        curvePoints('Top-P', topps),
      ],
    },
  ],
  printed: [
    {
      where: 'Figure 3',
      inTable: true,
      says: 'TC-MoE 1.82, 1.61, 1.30; Random drop 1.85, 1.55, 1.30; Top-P 1.99, 1.56, 1.14 experts; TC-MoE lower by about 0.017.',
    },
  ],
};
