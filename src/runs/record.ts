/**
 * A run as a value: what of it is listed, and the parts that are appended while it trains and read
 * when it is opened. Structured-cloneable data only; `library.ts` alone knows where it is stored.
 */

import * as v from 'valibot';
import type { FiguresAt } from '../analysis/followed.ts';
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import type { Seam } from '../analysis/seams.ts';
import type { Experiment } from '../config/experiment.ts';
import type { StudentChoice } from '../config/ladimo.ts';
import { parseExperiment } from '../config/parse.ts';
import { isRecord } from '../config/paths.ts';
import { MAX_LAYERS, MAX_RUN_NAME, MAX_STEPS } from '../config/settings.ts';
import { studentShape } from '../config/studentShape.ts';
import { SCALARS, type ScalarName, type StepRecords } from '../config/telemetry.ts';
import { numberSchema, refused, show } from '../config/values.ts';
import type { Parent } from '../train/session/recording.ts';
import {
  aStep,
  atStep,
  checked,
  choice,
  domainName,
  flag,
  hash,
  list,
  object,
  text,
  whole,
} from './schemas.ts';

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
  parent: Parent | null;
  /** Where it went to another program and came back. */
  seams?: readonly Seam[] | undefined;
  /** The conversion that made its first model, of which teacher in the library, and which layers. */
  conversion?:
    | {
        id: string;
        teacher: string | null;
        layers: readonly number[];
        /** Which of its students, as a link names it; absent where that was not written down. */
        student?: StudentChoice | undefined;
      }
    | undefined;
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

/** An id names a folder in files. */
export const RUN_ID = /^[\w-]{1,64}$/;

const runId = v.pipe(text(64), v.regex(RUN_ID));
const MAX_TIME = 8.64e15;
const MAX_BYTES = Number.MAX_SAFE_INTEGER;
const MAX_CHECKPOINTS = 10_000;
const MAX_SEAMS = 1000;

const metrics = object(
  Object.fromEntries([...SCALARS, 'validation'].map((name) => [name, v.optional(atStep)])),
);
const isRising = (rows: readonly { step: number }[]) =>
  rows.every(({ step }, i) => i === 0 || step > (rows[i - 1]?.step ?? 0));

/** What a row consists of. @param most how much of something that a person writes is taken */
const rowEntries = (most: (limit: number) => number) => ({
  format: v.literal(
    RECORD_FORMAT,
    ({ input }) => `${show(input)} cannot be read; this program reads format ${RECORD_FORMAT}`,
  ),
  id: v.pipe(v.string(), v.regex(RUN_ID, refused('1 to 64 letters, digits, _ and -'))),
  name: text(most(MAX_RUN_NAME)),
  note: text(most(100_000)),
  tags: list(text(most(100)), most(100)),
  origin: choice(['trained', 'file', 'link', 'curves']),
  status: choice(['open', 'done', 'failed']),
  begunAt: whole(0, MAX_TIME),
  changedAt: whole(0, MAX_TIME),
  exportedAt: v.nullable(whole(0, MAX_TIME)),
  version: text(100),
  experiment: v.unknown(),
  parent: v.nullable(
    object({ id: runId, step: whole(0, MAX_STEPS), name: v.optional(text(most(MAX_RUN_NAME))) }),
  ),
  seams: v.optional(
    list(object({ step: whole(0, MAX_STEPS), by: choice(['here', 'pytorch']) }), MAX_SEAMS),
  ),
  conversion: v.optional(
    object({
      id: runId,
      teacher: v.nullable(runId),
      layers: list(whole(0, MAX_LAYERS - 1), MAX_LAYERS),
      student: v.optional(studentShape),
    }),
  ),
  text: v.nullable(
    object({
      hash: v.nullable(hash),
      isOwn: flag,
      vocabulary: whole(1, 2 ** 24),
      unigramEntropy: numberSchema(0, 100, false),
      charactersPerToken: numberSchema(0, 1e6, false),
      domains: list(domainName, 64),
    }),
  ),
  adapter: v.nullable(
    object({
      description: text(1000),
      isSoftware: flag,
      needs: object({
        buffer: whole(0, MAX_BYTES),
        binding: whole(0, MAX_BYTES),
        total: whole(0, MAX_BYTES),
      }),
    }),
  ),
  steps: aStep,
  seconds: numberSchema(0, MAX_TIME, false),
  tokensPerStep: v.nullable(numberSchema(0, MAX_BYTES, false)),
  last: metrics,
  best: metrics,
  thumbnail: list(atStep, 1000),
  color: whole(0, most(1000)),
  isVisible: flag,
  checkpoints: v.pipe(
    list(
      object({
        step: whole(0, MAX_STEPS),
        bytes: whole(0, MAX_BYTES),
        isPinned: flag,
        at: whole(0, MAX_TIME),
      }),
      MAX_CHECKPOINTS,
    ),
    v.check((rows) => isRising(rows), 'the steps do not rise'),
  ),
  bytes: whole(0, MAX_BYTES),
});

/** In a file, which anybody may have written. */
export const ROW_IN_FILES = rowEntries((limit) => limit);

/** As it is stored: a later version may have added to it. */
const storedRow = v.looseObject(
  rowEntries(() => MAX_BYTES),
  ({ expected, input }) =>
    expected === 'Object' ? `${show(input)} is no object` : `${show(input)} is missing`,
);

type Migration = (row: Record<string, unknown>) => Record<string, unknown>;

/** What makes a row of one format one of the next. There is no older format than the first yet. */
const MIGRATIONS: Readonly<Record<number, Migration>> = {};

/**
 * A row of an older format in today's.
 * @throws RangeError for a format that nothing leads on from
 */
export function migrate(
  row: Record<string, unknown>,
  migrations = MIGRATIONS,
  format: number = RECORD_FORMAT,
): Record<string, unknown> {
  let now = row;
  while (now.format !== format) {
    const next = typeof now.format === 'number' ? migrations[now.format] : undefined;
    if (next === undefined)
      throw new RangeError(
        `format: ${show(now.format)} cannot be read; this program reads formats up to ${format}`,
      );
    now = next(now);
  }
  return now;
}

/** Settings that came later have their defaults, which mean what was before. */
function storedExperiment(raw: unknown): Experiment | null {
  if (raw === null) return null;
  const { experiment, problems } = parseExperiment(raw);
  const wrong = problems.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) throw new RangeError(`experiment: ${wrong.message}`);
  return experiment;
}

/**
 * Reads what is stored as a row.
 * @throws RangeError with the place of the first value that is none of a row, and what it must be
 */
export function readRow(id: string, stored: unknown): RunRow {
  if (!isRecord(stored)) throw new RangeError(`${show(stored)} is no object`);
  const { experiment, last, best, ...rest } = checked(storedRow, migrate(stored));
  if (rest.id !== id) throw new RangeError(`id: ${show(rest.id)} is stored under ${show(id)}`);
  return {
    ...rest,
    experiment: storedExperiment(experiment),
    // Strict objects of optional entries: no other names, and none that is undefined.
    last: last as RunRow['last'],
    best: best as RunRow['best'],
  };
}

/** A row that cannot be read: what is known of it, and why. */
export interface DamagedRun {
  id: string;
  /** As it is stored, where that is a name; else the id. */
  name: string;
  reason: string;
}

/** What a run is called, whatever is stored as its row. */
export function storedName(id: string, stored: unknown): string {
  const name = isRecord(stored) ? stored.name : undefined;
  return typeof name === 'string' && name !== '' ? name : id;
}

/** What is changed of a row from outside of its training: by a person, or by writing it to a file. */
export type RowChange = Partial<
  Pick<RunRow, 'name' | 'note' | 'tags' | 'color' | 'isVisible' | 'exportedAt'>
>;

export interface ValidationRecord {
  step: number;
  ce: number;
  perDomain: Readonly<Record<string, number>>;
  /** By the rule that texts are gone on with, where `ce` looks at later tokens. */
  generated?: number;
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
