/** Every figure of docs/analysis.md, by its name there. */
import { bits } from './figures/bits.ts';
import { classes } from './figures/classes.ts';
import { coactivation } from './figures/coactivation.ts';
import { type ContributionArgs, contribution } from './figures/contribution.ts';
import { deciles } from './figures/deciles.ts';
import { type DifficultArgs, difficult } from './figures/difficult.ts';
import { domains } from './figures/domains.ts';
import { drops } from './figures/drops.ts';
import type { FigureInputs, FigureValue } from './figures/figure.ts';
import { flow } from './figures/flow.ts';
import { type InterventionsArgs, interventions } from './figures/interventions.ts';
import { kinds } from './figures/kinds.ts';
import { type LoadArgs, load } from './figures/load.ts';
import { type MaxWeightsArgs, maxWeights } from './figures/maxWeights.ts';
import { type PolicyArgs, policy } from './figures/policy.ts';
import { positions } from './figures/positions.ts';
import { type PruningArgs, pruning, removal } from './figures/pruning.ts';
import { saturation } from './figures/saturation.ts';
import { scores } from './figures/scores.ts';
import { sequences } from './figures/sequences.ts';
import { tokens } from './figures/tokens.ts';
import { type VocabularyArgs, vocabulary } from './figures/vocabulary.ts';
import { workload } from './figures/workload.ts';
import type { Intervention } from './inspection.ts';

export const FIGURES = {
  load,
  workload,
  kinds,
  domains,
  classes,
  deciles,
  coactivation,
  flow,
  scores,
  saturation,
  vocabulary,
  difficult,
  contribution,
  interventions,
  pruning,
  removal,
  maxWeights,
  policy,
  drops,
  positions,
  sequences,
  bits,
  tokens,
} as const;

export type FigureId = keyof typeof FIGURES;

/** Arguments of the figures that have some. */
interface Arguments {
  load: LoadArgs;
  vocabulary: VocabularyArgs;
  difficult: DifficultArgs;
  contribution: ContributionArgs;
  interventions: InterventionsArgs;
  pruning: PruningArgs;
  maxWeights: MaxWeightsArgs;
  policy: PolicyArgs;
}

/** A figure that is asked for, with its arguments. */
export type FigureRequest = {
  [K in FigureId]: { figure: K } & (K extends keyof Arguments ? Arguments[K] : object);
}[FigureId];

/** The values of any figure by their names. */
export interface FigureValues {
  values: Readonly<Record<string, FigureValue>>;
  layers: readonly { layer: number; values: Readonly<Record<string, FigureValue>> }[];
}

interface AnyFigure {
  passes?: (inputs: FigureInputs, args: never) => readonly (readonly Intervention[])[];
  compute(inputs: FigureInputs, args: never): FigureValues;
}

/** Passes with interventions whose losses the request needs, in order. */
export function passesOf(
  request: FigureRequest,
  inputs: FigureInputs,
): readonly (readonly Intervention[])[] {
  const asked: AnyFigure = FIGURES[request.figure];
  return asked.passes?.(inputs, request as never) ?? [];
}

/** The values of a request; `inputs.losses` are those of its passes. */
export function figureValues(request: FigureRequest, inputs: FigureInputs): FigureValues {
  const asked: AnyFigure = FIGURES[request.figure];
  return asked.compute(inputs, request as never);
}

/** ce [U] of a pass of the inspection with interventions. */
export type Losses = (items: readonly Intervention[]) => Promise<Float32Array>;

/** The values of a request, its passes made one after the other. */
export async function askFigure(
  request: FigureRequest,
  inputs: FigureInputs,
  lossesOf: Losses,
): Promise<FigureValues> {
  const losses: Float32Array[] = [];
  for (const items of passesOf(request, inputs)) losses.push(await lossesOf(items));
  return figureValues(request, { ...inputs, losses });
}
