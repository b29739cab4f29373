/** What the recipes of all papers share: shape, budgets, measurements, margins, short ways to write terms. */
import type { Change, Slot } from '../../config/experiment.ts';
import { uniform } from '../../config/presets/build.ts';
import type { Measurement } from '../measurement.ts';
import type { Budget, BudgetName, Effect, Held, ResourceHeld, Side } from '../recipe.ts';
import type { Read, Term } from '../term.ts';

/** Margin of losses in nats: 1 % of perplexity, less than one seed's usual spread here. */
export const LOSS_MARGIN = 0.01;
/** Of times, as a share. */
export const TIME_MARGIN = 0.05;
/** Of average K. */
export const K_MARGIN = 0.05;

/** Model width of all recipes but those of sizes. */
export const D = 48;

/** Indices of the layers. */
export const LAYERS = [0, 1, 2, 3];

/** Four layers, bytes of all five kinds of text, 512 tokens a step: 50 to 80 ms on two cores. */
export const SMALL: Change = {
  'model.D': D,
  'model.L': LAYERS.length,
  'model.H': 4,
  'model.Hkv': 4,
  'model.denseHidden': 4 * D,
  'experts.slots': uniform(8, 2 * D),
  'batch.B': 8,
  'batch.S': 64,
  'evaluation.batches': 8,
};

/** More steps and more tokens a step; the shape stays, so that budgets tell of the same models. */
export function budgets(quick: number): Record<BudgetName, Budget> {
  return {
    quick: { steps: quick },
    standard: { steps: 6 * quick, edits: { 'batch.B': 16 } },
    long: { steps: 24 * quick, edits: { 'batch.B': 16, 'batch.S': 128 } },
  };
}

export const LOSS: Measurement = {
  kind: 'validation',
  id: 'loss',
  label: 'Validation loss',
};

export function workload(of?: readonly string[]): Measurement {
  return {
    kind: 'figures',
    id: 'work',
    label: 'Work of the experts',
    ...(of && { of }),
    ask: [
      {
        as: 'workload',
        request: { figure: 'workload' },
        fields: ['widthMean', 'widthPerToken', 'computingMean'],
      },
    ],
  };
}

/** The same resources among the same variants. */
export function held(resources: readonly ResourceHeld[], among?: readonly string[]): Held[] {
  return resources.map((resource) => ({ resource, ...(among && { among }) }));
}

export function read(measurement: string, field: string, of: string, ...at: number[]): Read {
  return { read: measurement, field, of, ...(at.length > 0 && { at }) };
}

/** Validation loss at the end. */
export const lossOf = (of: string): Read => read('loss', 'ce', of);

/** Validation losses of variants at the end, a list. */
export const lossesOf = (of: readonly string[]): Term => ({ list: of.map(lossOf) });

/** Computing experts per token, mean over layers. */
export const computingOf = (of: string): Read => read('work', 'workload.computingMean', of);

export const minus = (left: Term, right: Term): Term => ({ op: '-', left, right });
export const plus = (left: Term, right: Term): Term => ({ op: '+', left, right });
export const over = (left: Term, right: Term): Term => ({ op: '/', left, right });
export const mean = (of: Term): Term => ({ summary: 'mean', of });
export const sum = (of: Term): Term => ({ summary: 'sum', of });
export const numbers = (values: readonly number[]): Term => ({ list: values });

/** Difference of two variants' validation losses. */
export function lossEffect(
  id: string,
  label: string,
  [variant, reference]: readonly [string, string],
  side: Side,
  margin: number = LOSS_MARGIN,
): Effect {
  return {
    id,
    label,
    side,
    unit: 'nats',
    margin,
    test: 'difference',
    variant: lossOf(variant),
    reference: lossOf(reference),
  };
}

/** Slots after the FFN experts, `count` of each kind. */
export function extra(
  count: Readonly<Partial<Record<'zero' | 'copy' | 'constant', number>>>,
): Slot[] {
  return (['zero', 'copy', 'constant'] as const).flatMap((kind) =>
    Array.from({ length: count[kind] ?? 0 }, (): Slot => ({ kind })),
  );
}
