import type { Change, Experiment, Problem } from '../experiment.ts';

/** What a person can do about a problem, with one click. */
export interface Fix {
  label: string;
  change: Change;
}

/** A broken rule across fields. Errors keep a run from starting; warnings are told. */
export interface ConstraintProblem extends Finding {
  /** Name of the rule. */
  rule: string;
}

export interface Finding {
  path: string;
  /** The other settings that the rule holds against `path`. */
  also?: readonly string[];
  message: string;
  severity: Problem['severity'];
  fix?: Fix;
}

/** One named rule. */
export interface Constraint {
  name: string;
  check: (experiment: Experiment) => readonly Finding[];
}

/** "there is layer 0 only" or "the layers are 0 to 3". */
export function layersOf(L: number): string {
  return L === 1 ? 'there is layer 0 only' : `the ${L} layers are 0 to ${L - 1}`;
}

/** "a", "a or b", "a, b or c". */
export function listOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
}
