/**
 * A run as a value: what of it is listed, and the parts that are appended while it trains and read
 * when it is opened. Structured-cloneable data only; `library.ts` alone knows where it is stored.
 */
import type { FiguresAt } from '../analysis/followed.ts';
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import type { Experiment } from '../config/experiment.ts';
import type { ScalarName, StepRecords } from '../config/telemetry.ts';

/** Raised when a reader of today could not read what was written; `migrate` knows the older ones. */
export const RECORD_FORMAT = 1;

/** What a run is compared by: its scalars, and the loss on held-out text. */
export type MetricName = ScalarName | 'validation';

/** A value and the step it was taken at. */
export interface AtStep {
  step: number;
  value: number;
}

export type RunStatus = 'open' | 'done' | 'failed';

/** Where a run came from: this lab's training, a file of this lab, a received link, a program's curves. */
export type RunOrigin = 'trained' | 'file' | 'link' | 'curves';

/** What was found when the text was read. */
export interface RecordedText {
  /** Hash of the text; null where nobody knows. */
  hash: string | null;
  /** Whether it is a person's own, kept once by its hash. */
  isOwn: boolean;
  vocabulary: number;
  /** Entropy of the training tokens, in nats. */
  unigramEntropy: number;
  charactersPerToken: number;
  domains: readonly string[];
}

/** Where a run was computed. */
export interface RecordedAdapter {
  description: string;
  isSoftware: boolean;
  /** Bytes of the largest buffer, of the largest binding, and of all GPU memory that the run needed. */
  needs: { buffer: number; binding: number; total: number };
}

/** A row of the index: small, listed without reading any part. */
export interface RunRow {
  format: typeof RECORD_FORMAT;
  id: string;
  name: string;
  note: string;
  tags: readonly string[];
  origin: RunOrigin;
  status: RunStatus;
  /** Milliseconds since 1970. */
  begunAt: number;
  changedAt: number;
  /** When it was last written to a file; null: never. */
  exportedAt: number | null;
  /** Version of the product that trained it. */
  version: string;
  /** With all events so far; null for curves of other programs. */
  experiment: Experiment | null;
  parent: { id: string; step: number } | null;
  text: RecordedText | null;
  adapter: RecordedAdapter | null;
  /** Steps taken. */
  steps: number;
  /** Seconds spent training. */
  seconds: number;
  tokensPerStep: number | null;
  last: Readonly<Partial<Record<MetricName, AtStep>>>;
  best: Readonly<Partial<Record<MetricName, AtStep>>>;
  /** Cross entropy at up to 48 steps, evenly spaced, the first and the last among them. */
  thumbnail: readonly AtStep[];
  /** Place in the palette of lines; stays with the run. */
  color: number;
  /** Whether its lines are drawn beside the live run. */
  isVisible: boolean;
  /** Steps whose checkpoints are stored, ascending, and those of them that are pinned. */
  checkpoints: readonly { step: number; bytes: number; isPinned: boolean; at: number }[];
  /** Bytes of all parts. */
  bytes: number;
}

/** What is changed of a row from outside of its training: by a person, or by writing it to a file. */
export type RowChange = Partial<
  Pick<RunRow, 'name' | 'note' | 'tags' | 'color' | 'isVisible' | 'exportedAt'>
>;

export interface ValidationRecord {
  step: number;
  ce: number;
  perDomain: Readonly<Record<string, number>>;
}

export interface SampleRecord {
  step: number;
  prompt: string;
  text: string;
  temperature: number;
}

/** What is reported at single steps, each in order of steps. */
export interface RunReports {
  validation: readonly ValidationRecord[];
  samples: readonly SampleRecord[];
  /** Figures over training time. */
  figures: readonly FiguresAt[];
  /** Answers to the probe tasks. */
  probes: readonly ProbesAt[];
}

export const NO_REPORTS: RunReports = { validation: [], samples: [], figures: [], probes: [] };

/** Appended in one transaction: everything that a trainer reported since the last append. */
export interface RunPiece extends RunReports {
  /** Consecutive steps with their loads; null where only reports are. */
  records: StepRecords | null;
}

/** Values of one quantity over steps; `steps` is null where they are consecutive. */
export interface Series {
  firstStep: number;
  steps: Float64Array | null;
  values: Float32Array;
}

/** The curves of a run, of any origin. */
export type RunCurves = Partial<Record<MetricName | 'tokens', Series>>;

/** Everything of a run but its checkpoints and its text. */
export interface RunParts extends RunReports {
  curves: RunCurves;
  /** Telemetry in order of steps; a surgery begins another one. */
  records: readonly StepRecords[];
}
