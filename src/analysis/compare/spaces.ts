/** The stretches of a run between its live changes, and what the accounting says of each. */
import { stepCosts } from '../../accounting/costs.ts';
import {
  countParameters,
  type PaperCounts,
  paperCounts,
  trainingCompute,
} from '../../accounting/parameters.ts';
import { engineConfig, experimentAtStep } from '../../config/edit.ts';
import type { EngineConfig, Experiment } from '../../config/experiment.ts';
import type { RunRow } from '../../runs/record.ts';

/** Steps from the first on that were taken under the same settings. */
export interface Stretch {
  firstStep: number;
  experiment: Experiment;
  config: EngineConfig;
  /** FLOPs of one step over nominal routing. */
  flopsPerStep: number;
  paper: PaperCounts;
}

/** What is known of a run from its settings alone. */
export interface RunAccounting {
  stretches: readonly [Stretch, ...Stretch[]];
  /** Parameters, and the papers' counts, at the start. */
  parameters: number;
  paper: PaperCounts;
}

function stretchAt(experiment: Experiment, firstStep: number, vocabulary: number): Stretch {
  const now = experimentAtStep(experiment, firstStep);
  const config = engineConfig(now, vocabulary);
  const flopsPerStep = stepCosts(config).total.flops;
  return { firstStep, experiment: now, config, flopsPerStep, paper: paperCounts(config) };
}

const known = new WeakMap<Experiment, { vocabulary: number; figures: RunAccounting | null }>();

function computed(experiment: Experiment, vocabulary: number): RunAccounting | null {
  try {
    const steps = [...new Set(experiment.events.map(([step]) => step))].filter((step) => step > 1);
    const first = stretchAt(experiment, 1, vocabulary);
    const later = steps.map((step) => stretchAt(experiment, step, vocabulary));
    return {
      stretches: [first, ...later],
      parameters: countParameters(first.config).total,
      paper: first.paper,
    };
  } catch {
    // Settings that contradict each other have no figures.
    return null;
  }
}

/** Figures of a run's settings; null for curves of other programs and a vocabulary nobody knows. */
export function accountingOf({ experiment, text }: RunRow): RunAccounting | null {
  const vocabulary = text?.vocabulary ?? experiment?.model.V ?? null;
  if (experiment === null || vocabulary === null) return null;
  const before = known.get(experiment);
  if (before?.vocabulary === vocabulary) return before.figures;
  const figures = computed(experiment, vocabulary);
  known.set(experiment, { vocabulary, figures });
  return figures;
}

/** The settings of a step; a run that follows a link may have changes behind it. */
export function stretchOf({ stretches }: RunAccounting, step: number): Stretch {
  return stretches.findLast(({ firstStep }) => firstStep <= step) ?? stretches[0];
}

/** Sum over all steps up to one of what a step under its settings takes. */
function sumOver(
  { stretches }: RunAccounting,
  step: number,
  perStep: (stretch: Stretch) => number,
): number {
  return stretches.reduce((sum, stretch, i) => {
    const end = Math.min(step, (stretches[i + 1]?.firstStep ?? Number.POSITIVE_INFINITY) - 1);
    return sum + Math.max(0, end - stretch.firstStep + 1) * perStep(stretch);
  }, 0);
}

/** FLOPs of all steps up to one, over nominal routing. */
export function flopsAt(accounting: RunAccounting, step: number): number {
  return sumOver(accounting, step, ({ flopsPerStep }) => flopsPerStep);
}

/** Training compute C = Σ 3·M·tokens of the steps taken, each with the M of its own settings. */
export function computeOf(accounting: RunAccounting, { steps, tokensPerStep }: RunRow): number {
  if (tokensPerStep === null) return Number.NaN;
  return sumOver(accounting, steps, ({ paper }) => trainingCompute(paper.M, tokensPerStep));
}
