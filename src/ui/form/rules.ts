import { type ConstraintProblem, checkConstraints } from '../../config/constraints.ts';
import type { Experiment } from '../../config/experiment.ts';

const known = new WeakMap<Experiment, readonly ConstraintProblem[]>();

/** Rules that an experiment breaks; looked at once for all fields of the form. */
export function brokenRules(experiment: Experiment): readonly ConstraintProblem[] {
  const found = known.get(experiment) ?? checkConstraints(experiment);
  known.set(experiment, found);
  return found;
}

/** What keeps an experiment from running because of a setting, alone or with others. */
export function errorsAt(path: string, experiment: Experiment): string[] {
  return brokenRules(experiment)
    .filter(({ severity }) => severity === 'error')
    .filter((problem) => problem.path === path || problem.also?.includes(path))
    .map(({ message }) => message);
}
