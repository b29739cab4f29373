/** Mechanisms that balance experts (docs/balancing.md), all on the same models and text. */
import type { Change } from '../../../config/experiment.ts';
import type { Measurement } from '../../measurement.ts';
import type { Effect, FigureSpec, Side } from '../../recipe.ts';
import type { Read, Term } from '../../term.ts';
import { budgets, LOSS, lossOf, mean, read, SMALL } from '../common.ts';

/** Neither a loss nor a bias. */
const setting: Change = { ...SMALL, 'losses.switch.alpha': null };

export const remark =
  'Four layers of D 48 on bytes, top-2 of 8 experts with softmax scores and renormalised gates, trained for a few hundred steps; peak rate 3e-3 falling to a tenth. The rates of biases are this program’s: those of long runs would hardly move within a few hundred steps. Specialisation: mutual information of expert and kind of text. The shock: each layer’s busiest FFN expert is cloned at a rate of 1e-3; 128 steps are trained behind it, and a layer that is not back by then counts with 128.';

export const common = {
  format: 1,
  paper: 'balancing',
  base: setting,
  warmup: 0.05,
  seeds: [1, 2, 3],
  budgets: budgets(200),
} as const;

const routing: Measurement = {
  kind: 'figures',
  id: 'routing',
  label: 'Balance and specialisation',
  ask: [
    {
      as: 'load',
      request: { figure: 'load', weights: 'uniform' },
      layerFields: ['maxVio', 'maxVioBatch'],
    },
    { as: 'domains', request: { figure: 'domains' }, layerFields: ['mutualInformation'] },
  ],
};

const churn: Measurement = {
  kind: 'followed',
  id: 'churn',
  label: 'Churn over training',
  names: ['saturation.churn'],
};

const shock: Measurement = {
  kind: 'shock',
  id: 'shock',
  label: 'Steps after a shock',
  ...{ lr: 1e-3, window: 16, before: 50, after: 128, within: 0.1 },
};

export const measurements = [LOSS, routing, churn, shock] as const;

/** MaxVio of all validation batches together, and of single ones; means over layers. */
export const globalVio = (of: string): Term => mean(read('routing', 'load.layers.maxVio', of));
export const batchVio = (of: string): Term => mean(read('routing', 'load.layers.maxVioBatch', of));
/** Nats that an expert tells of the kind of text, mean over layers. */
export const information = (of: string): Term =>
  mean(read('routing', 'domains.layers.mutualInformation', of));
/** Share of slots that a token leaves between the last two validations. */
export const lastChurn = (of: string): Read => read('churn', 'saturation.churn', of, -1);
export const shockSteps = (of: string): Read => read('shock', 'steps', of);

/** The spread of MaxVio over single batches of a balanced router is of this size. */
export const VIO_MARGIN = 0.1;
const VIO_REASON =
  'A balanced router’s MaxVio of single batches varies by about as much from batch to batch.';

/** Difference of two variants' MaxVio. */
export function vioEffect(
  id: string,
  label: string,
  [variant, reference]: readonly [Term, Term],
  side: Side,
): Effect {
  return {
    ...{ id, label, side, unit: 'share', margin: VIO_MARGIN, marginReason: VIO_REASON },
    ...{ test: 'difference', variant, reference },
  };
}

/** Difference of the steps that two variants take after the shock. */
export function shockEffect(
  label: string,
  [variant, reference]: readonly [string, string],
): Effect {
  return {
    ...{ id: `shock-${variant}`, label, side: '<', unit: 'count', margin: 16 },
    marginReason: 'One window: nothing shorter can be told apart.',
    ...{ test: 'difference', variant: shockSteps(variant), reference: shockSteps(reference) },
  };
}

/** The loss by which texts are gone on with. */
export type LossTerm = (of: string) => Term;

/** A variant in a legend: its id in words. */
export function shortName(id: string): string {
  return id === 'expertChoice' ? 'expert choice' : id;
}

/** Everything that is measured of variants, a row each. */
export function overview(of: readonly string[], causalLoss: LossTerm): FigureSpec {
  return {
    id: 'overview',
    title: 'Loss, balance, specialisation and what a shock does',
    kind: 'table',
    columns: [
      { label: 'validation loss', unit: 'nats' },
      { label: 'loss by generation’s rule', unit: 'nats' },
      { label: 'MaxVio, all batches', unit: 'share' },
      { label: 'MaxVio of a batch', unit: 'share' },
      { label: 'specialisation, nats', unit: 'nats' },
      { label: 'churn at the end', unit: 'share' },
      { label: 'steps after the shock', unit: 'count' },
      { label: 'layers back', unit: 'share' },
    ],
    rows: of.map((id) => ({
      label: shortName(id),
      cells: [
        ...[lossOf(id), causalLoss(id), globalVio(id), batchVio(id), information(id)],
        ...[lastChurn(id), shockSteps(id), read('shock', 'back', id)],
      ],
    })),
  };
}

/** Curves of variants over steps. */
export function curves(of: readonly string[]): FigureSpec[] {
  return [
    {
      id: 'churn',
      title: 'Churn between validations',
      kind: 'lines',
      x: { label: 'step', unit: 'count' },
      y: { label: 'slots that a token leaves', unit: 'share' },
      series: of.map((id) => ({
        label: shortName(id),
        x: { part: read('churn', 'steps', id), from: 1 },
        y: { part: read('churn', 'saturation.churn', id), from: 1 },
      })),
    },
    {
      id: 'shock',
      title: 'MaxVio behind the shock',
      kind: 'lines',
      x: { label: 'steps after the shock', unit: 'count' },
      y: { label: 'MaxVio of 16 steps', unit: 'share' },
      series: of.map((id) => ({
        label: shortName(id),
        x: read('shock', 'curveSteps', id),
        y: read('shock', 'curve', id),
      })),
    },
  ];
}

/** One point per variant. */
export function specialisation(of: readonly string[]): FigureSpec {
  return {
    id: 'specialisation',
    title: 'Specialisation beside balance',
    kind: 'points',
    x: { label: 'MaxVio, all batches', unit: 'share' },
    y: { label: 'specialisation, nats', unit: 'nats' },
    series: of.map((id) => ({
      label: shortName(id),
      x: { list: [globalVio(id)] },
      y: { list: [information(id)] },
    })),
  };
}
