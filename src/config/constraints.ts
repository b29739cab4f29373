/**
 * Rules across fields, by name, each with a message that has the numbers and, where there is an
 * obvious one, a suggested fix. Ranges of single values are `parse.ts`.
 */
import { balancingConstraints } from './checks/balancing.ts';
import { routingConstraints } from './checks/routing.ts';
import { eventConstraints, scheduleConstraints } from './checks/run.ts';
import { shapeConstraints } from './checks/shape.ts';
import type { Constraint, ConstraintProblem } from './checks/types.ts';
import { applyChange } from './edit.ts';
import type { Change, Experiment } from './experiment.ts';

export type { ConstraintProblem, Fix } from './checks/types.ts';

const settingsConstraints: readonly Constraint[] = [
  ...shapeConstraints,
  ...routingConstraints,
  ...balancingConstraints,
  ...scheduleConstraints,
];

/** All rules, in the order in which they are checked. */
export const CONSTRAINTS: readonly Constraint[] = [...settingsConstraints, ...eventConstraints];

function broken(rules: readonly Constraint[], experiment: Experiment): ConstraintProblem[] {
  return rules.flatMap(({ name, check }) =>
    check(experiment).map((finding) => ({ ...finding, rule: name })),
  );
}

/** Rules that an event breaks and that held before it. */
function brokenByEvents(experiment: Experiment): ConstraintProblem[] {
  const told = new Set(broken(settingsConstraints, experiment).map(({ message }) => message));
  let now = experiment;
  return experiment.events.flatMap(([step, change]) => {
    now = applyChange(now, change);
    const fresh = broken(settingsConstraints, now).filter(({ message }) => !told.has(message));
    return fresh.map(({ rule, message, severity }) => {
      told.add(message);
      return { rule, path: 'events', message: `from step ${step} on: ${message}`, severity };
    });
  });
}

/**
 * Checks an experiment whose single values are sound (`parseExperiment`). A run starts only when
 * there is no error; warnings are legal but to be told.
 */
export function checkConstraints(experiment: Experiment): ConstraintProblem[] {
  const problems = broken(CONSTRAINTS, experiment);
  const hasForeignPath = problems.some(({ rule }) => rule === 'eventPaths');
  return hasForeignPath ? problems : [...problems, ...brokenByEvents(experiment)];
}

/** Errors that the first list does not have. */
function newErrors(
  before: readonly ConstraintProblem[],
  after: readonly ConstraintProblem[],
): ConstraintProblem[] {
  const known = new Set(before.map(({ message }) => message));
  return after.filter(({ severity, message }) => severity === 'error' && !known.has(message));
}

/** Errors that a change would newly bring about: it is refused when there is one. */
export function checkChange(experiment: Experiment, change: Change): ConstraintProblem[] {
  const after = applyChange(experiment, change);
  return newErrors(broken(settingsConstraints, experiment), broken(settingsConstraints, after));
}

/** Errors of an experiment with its events that it did not have before one was recorded: of those still to come, too. */
export function checkRecorded(before: Experiment, after: Experiment): ConstraintProblem[] {
  return newErrors(checkConstraints(before), checkConstraints(after));
}
