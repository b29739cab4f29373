import { applyChange, experimentAtStep } from './edit.ts';
import type { EngineConfig, Experiment } from './experiment.ts';

/**
 * The model as it goes on with texts: `topk` in place of expert choice, with nothing dropped, and no
 * pools; without the losses that training adds (docs/balancing.md, "Expert choice", "Document pools").
 */
export function generationConfig(config: EngineConfig): EngineConfig {
  const { router } = config;
  const isChoice = router.selection === 'expertChoice';
  return {
    ...config,
    losses: {},
    router: {
      ...router,
      selection: isChoice ? 'topk' : router.selection,
      capacity: isChoice ? null : router.capacity,
      pool: null,
    },
  };
}

/** Whether evaluation looks at more than a token's past: later tokens, and other sequences. */
export function isNotCausal({ selection, pool }: EngineConfig['router']): boolean {
  return selection === 'expertChoice' || (pool !== null && pool.evaluation !== null);
}

type Known = Experiment | null | undefined;

/** What stands behind the name of a validation loss after a step: `, not causal`, or nothing. */
export function causalNoteAt(experiment: Known, step: number): string {
  const isNot = experiment && isNotCausal(experimentAtStep(experiment, step).router);
  return isNot ? ', not causal' : '';
}

/** The same of all losses of a run, whose settings may have changed while it ran. */
export function causalNote(experiment: Known): string {
  if (!experiment) return '';
  let now = experiment;
  const all = [now, ...experiment.events.map(([, change]) => (now = applyChange(now, change)))];
  const count = all.filter(({ router }) => isNotCausal(router)).length;
  if (count === 0) return '';
  return count === all.length ? ', not causal' : ', in part not causal';
}
