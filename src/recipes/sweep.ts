/** A person's own sweep: settings of an experiment over values, seeds and a budget, as JSON. */
import type { Experiment, JsonValue } from '../config/experiment.ts';
import type { RunResult, UnitTimes } from './result.ts';

/** Most runs of one sweep. */
export const MAX_SWEEP_RUNS = 1000;

export type SweepAxis =
  /** Exactly these. */
  | { path: string; values: readonly JsonValue[] }
  /**
   * `count` numbers from `min` to `max`, both included; with `draws` they are drawn at random between
   * them. All drawn axes are drawn together: they have the same count.
   */
  | {
      path: string;
      min: number;
      max: number;
      count: number;
      scale: 'linear' | 'log';
      draws?: boolean;
    };

/** Length of every run: steps, tokens, or training compute C in FLOPs. */
export interface SweepBudget {
  of: 'steps' | 'tokens' | 'compute';
  amount: number;
}

export interface Sweep {
  format: 1;
  name?: string;
  base: Experiment;
  axes: readonly SweepAxis[];
  seeds: readonly number[];
  budget: SweepBudget;
}

/** One point of a sweep, before its seeds: the settings' values in order of the axes. */
export interface SweepPoint {
  values: readonly JsonValue[];
  experiment: Experiment;
}

/** One run of a sweep. */
export interface SweepRun {
  format: 1;
  kind: 'sweepRun';
  version: string;
  adapter: string;
  /** Digest of the sweep. */
  digest: string;
  /** Place of the point in `sweepPoints`. */
  point: number;
  seed: number;
  run: Omit<RunResult, 'variant'>;
  /** Metrics at the end by name: `ce`, `bitsPerCharacter`, `computing`, `maxVio`, …; null: undefined. */
  metrics: Readonly<Record<string, number | null>>;
  times: UnitTimes;
}

export interface SweepResult {
  format: 1;
  kind: 'sweep';
  sweep: Sweep;
  version: string;
  adapter: string;
  digest: string;
  /** By point, then by seed. */
  runs: readonly SweepRun[];
}
