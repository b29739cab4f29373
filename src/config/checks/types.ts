import type { Change, Experiment, Problem } from '../experiment.ts';

/** What a person can do about a problem, with one click. */
export interface Fix {
  label: string;
  change: Change;
}

/** A broken rule across fields. Errors keep a run from starting; warnings are told. */
export interface ConstraintProblem extends Problem {
  /** Name of the rule. */
  rule: string;
  fix?: Fix;
}

export interface Finding {
  path: string;
  message: string;
  severity: Problem['severity'];
  fix?: Fix;
}

/** One named rule. */
export interface Constraint {
  name: string;
  check: (experiment: Experiment) => readonly Finding[];
}
