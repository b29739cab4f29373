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
}

/** What is known of a run from its settings alone. */
export interface RunAccounting {
  stretches: readonly [Stretch, ...Stretch[]];
  parameters: number;
  paper: PaperCounts;
}

function stretchAt(experiment: Experiment, firstStep: number, vocabulary: number): Stretch {
  const now = experimentAtStep(experiment, firstStep);
  const config = engineConfig(now, vocabulary);
  return { firstStep, experiment: now, config, flopsPerStep: stepCosts(config).total.flops };
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
      paper: paperCounts(first.config),
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

/** FLOPs of all steps up to one, over nominal routing. */
export function flopsAt({ stretches }: RunAccounting, step: number): number {
  return stretches.reduce((sum, { firstStep, flopsPerStep }, i) => {
    const end = Math.min(step, (stretches[i + 1]?.firstStep ?? Number.POSITIVE_INFINITY) - 1);
    return sum + Math.max(0, end - firstStep + 1) * flopsPerStep;
  }, 0);
}

/** Training compute C = 3·M·tokens of the steps taken; M is that of the first settings. */
export function computeOf({ paper }: RunAccounting, { steps, tokensPerStep }: RunRow): number {
  return tokensPerStep === null ? Number.NaN : trainingCompute(paper.M, steps * tokensPerStep);
}
