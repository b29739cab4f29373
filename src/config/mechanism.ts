import type { Experiment } from './experiment.ts';
import type { Paper } from './presets/build.ts';
import type { TelemetryName } from './telemetry.ts';

/** The card of a mechanism (mechanisms.ts). */
export interface Mechanism {
  id: string;
  /** Null for what is older than the five papers. */
  paper: Paper | null;
  title: string;
  /** Paper and equations. */
  source: string;
  /** Settings that turn it on or shape it. */
  paths: readonly string[];
  /** Files of `src/reference` that define it. */
  operations: readonly string[];
  /** Folders of `tests/fixtures/goldens`. */
  goldens: readonly string[];
  /** Recorded fields in which it shows most. */
  fields: readonly TelemetryName[];
  /** Whether an experiment uses it; for a conversion, whether it is one that converts. */
  isOn(e: Experiment): boolean;
}
