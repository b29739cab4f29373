/** What a request comes to: units of runs, each with a result. */
import type { Experiment } from '../config/experiment.ts';
import type { UnitResult } from '../recipes/result.ts';
import type { SweepRun } from '../recipes/sweep.ts';
import type { MeasureDeps } from '../train/recipes/measures.ts';
import type { WorkOptions } from '../train/recipes/unit.ts';
import type { AdapterSpeed } from '../train/session/events.ts';

export interface JobRun {
  variant: string;
  label: string;
  /** A derived variant's as its recipe writes it. */
  experiment: Experiment;
}

export interface JobUnit {
  group: string;
  seed: number;
  /** In the order in which they are trained. */
  runs: readonly JobRun[];
  /** Steps that its models are trained on where they are measured. */
  onward: number;
  /** Names of what is kept of its runs. */
  runKeys: readonly string[];
  /** Estimated, measurements too; runs whose names are counted are trained before, and its own are added. */
  seconds(speed: AdapterSpeed, counted?: Set<string>): number;
  run(deps: MeasureDeps, options: WorkOptions): Promise<UnitResult | SweepRun>;
}

export interface Job {
  title: string;
  /** Tag of its runs in the library. */
  tag: string;
  /** Under which its results are stored: equal for requests whose results go together. */
  key: readonly string[];
  units: readonly JobUnit[];
}
