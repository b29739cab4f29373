/** The record of one run while it trains. */
import { ownStart } from '../analysis/seams.ts';
import type { Experiment } from '../config/experiment.ts';
import { encodeCheckpoint } from '../train/session/checkpoint.ts';
import { errorMessage } from '../train/session/errors.ts';
import type { Emit, RecordingReport, SessionEvent } from '../train/session/events.ts';
import { stateBytes } from '../train/session/modelState.ts';
import type { Moment, Opening, RunRecording } from '../train/session/recording.ts';
import type { Serial } from '../train/session/serial.ts';
import { CheckpointClock } from './checkpointClock.ts';
import type { HandedBack } from './handedBack.ts';
import { type Library, StorageError, type StorageFailure } from './library.ts';
import type { RunLocks } from './locks.ts';
import { lastStepIn, Pending } from './pending.ts';
import { NO_REPORTS, type RunParts, type RunPiece, type RunRow, type RunStatus } from './record.ts';
import { curvesUpTo, Summary } from './summary.ts';

/** Time that metrics wait at most before they are on their way into the library. */
export const APPEND_MS = 2000;
/** The same of edits. */
const EDIT_MS = 300;
/** Part of the allowed storage that a checkpoint may take by itself. */
const LARGE_PART = 0.05;

type EngineState = NonNullable<Opening['state']>;

export interface RecorderDeps {
  /** The library; with the reason, where the browser allows none and it is in memory. */
  library(): Promise<{ library: Library; denied: StorageFailure | null }>;
  locks: RunLocks;
  /** Rows are made one after the other: names and colours of two new runs differ. */
  inTurn: Serial;
  /** Milliseconds since 1970. */
  now(): number;
}

interface Kept {
  row: RunRow;
  summary: Summary;
  /** What was recorded before it was opened, until that is stored. */
  parts: RunParts;
  /** Whether the library has the row. */
  isStored: boolean;
}

function failureOf(error: unknown, bytes: number): StorageFailure {
  if (error instanceof StorageError)
    return { kind: error.kind, message: error.message, bytes: error.bytes ?? bytes };
  return { kind: 'error', message: errorMessage(error), bytes };
}

const STATUS: Readonly<Partial<Record<string, RunStatus>>> = {
  finished: 'done',
  failed: 'failed',
};

export class RunRecorder implements RunRecording {
  readonly id: string;
  readonly #deps: RecorderDeps;
  readonly #emit: Emit;
  #opening: Opening;
  #experiment: Experiment;
  #kept: Kept | null = null;
  readonly #pending = new Pending();
  readonly #clock: CheckpointClock;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #queue: Promise<void> = Promise.resolve();
  #status: RunStatus = 'open';
  #seconds = 0;
  #runningSince: number | null = null;
  #isClosed = false;
  #isSoon = false;
  #parameters: number;
  #report: RecordingReport;
  #failures: { metrics: StorageFailure | null; checkpoint: StorageFailure | null } = {
    metrics: null,
    checkpoint: null,
  };

  constructor(deps: RecorderDeps, opening: Opening, emit: Emit) {
    this.#deps = deps;
    this.#emit = emit;
    this.#opening = opening;
    this.#experiment = opening.report.experiment;
    this.#parameters = opening.report.parameters;
    this.id = opening.resumes ?? crypto.randomUUID();
    this.#clock = new CheckpointClock(deps.now(), opening.state?.step ?? 0);
    this.#report = {
      id: this.id,
      step: opening.state?.step ?? 0,
      checkpoint: null,
      failure: null,
      tooLarge: null,
    };
    if (opening.resumes !== null) this.#enqueue(async () => void (await this.#find()));
    // What was trained elsewhere is kept though no step is taken here.
    else if (opening.elsewhere) this.#enqueue(() => this.#begin());
  }

  hear(event: SessionEvent): void {
    switch (event.type) {
      case 'steps':
        this.#pending.addRecords(event.records);
        this.#clock.step(event.records.firstStep + event.records.n - 1);
        break;
      case 'changed':
        this.#experiment = event.experiment;
        this.#clock.edited();
        this.#flushSoon();
        return;
      case 'model':
        this.#parameters = event.model.parameters;
        return;
      case 'state':
        this.#hearState(event.state);
        return;
      default:
        if (!this.#pending.addReport(event)) return;
    }
    // The first step makes the record, so that a page that dies early leaves one.
    const wait = this.#kept === null && this.#pending.hasRecords ? 0 : APPEND_MS;
    this.#timer ??= setTimeout(() => this.flush(), wait);
  }

  wants(moment: Moment): boolean {
    return this.#report.tooLarge === null && this.#clock.wants(moment, this.#deps.now());
  }

  take(state: EngineState, readMs: number): void {
    if (this.#report.tooLarge !== null || !this.#clock.take(state.step, this.#deps.now())) return;
    this.flush();
    const experiment = this.#experiment;
    this.#enqueue(async () => {
      const begun = this.#deps.now();
      await this.#storeCheckpoint(state, experiment, true);
      this.#clock.took(readMs + this.#deps.now() - begun);
    });
  }

  async keep(state: EngineState): Promise<void> {
    this.flush();
    const experiment = this.#experiment;
    this.#enqueue(() => this.#storeCheckpoint(state, experiment, false));
    await this.#queue;
    const { metrics, checkpoint } = this.#failures;
    const isStored = checkpoint === null && this.#report.checkpoint === state.step;
    // What was lost before stays said, and is none of this one.
    if (isStored && (metrics === null || metrics.kind === 'wiped')) return;
    const message = 'A run has a record once it has taken a step.';
    throw new StorageError(checkpoint ?? metrics ?? { kind: 'error', message, bytes: null });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopClock();
    this.flush();
    await this.#queue;
    this.#deps.locks.release(this.id);
  }

  #hearState(state: string): void {
    if (state === 'running') this.#runningSince ??= this.#deps.now();
    else this.#stopClock();
    const status = STATUS[state] ?? 'open';
    const isOther = status !== this.#status;
    this.#status = status;
    if (state !== 'running' || isOther) this.flush();
  }

  #stopClock(): void {
    if (this.#runningSince === null) return;
    this.#seconds += (this.#deps.now() - this.#runningSince) / 1000;
    this.#runningSince = null;
  }

  /** Does something in its turn; what goes wrong is said in the report. */
  #enqueue(task: () => Promise<void>): void {
    this.#queue = this.#queue.then(task).catch((error: unknown) => {
      this.#failures.metrics = failureOf(error, this.#pending.bytes);
      this.#say({});
    });
  }

  /** Edits are stored at once, but those of a slider that is dragged together. */
  #flushSoon(): void {
    if (this.#isSoon) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), EDIT_MS);
    this.#isSoon = true;
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isSoon = false;
    this.#enqueue(() => this.#append());
  }

  /** The record of the run, from the library where it has it. */
  async #find(): Promise<Kept> {
    if (this.#kept !== null) return this.#kept;
    const { library } = await this.#deps.library();
    const { resumes, report, parent, state } = this.#opening;
    await this.#deps.locks.hold(this.id);
    const step = state?.step ?? 0;
    const rows = await library.rows();
    const known = rows.find(({ id }) => id === resumes);
    const { newRow } = await import('./newRow.ts');
    const back = known === undefined ? await this.#handedBack(library) : null;
    const made = () => newRow(this.id, report, { parent, rows, step, now: this.#deps.now() });
    const row = known ?? { ...made(), ...back?.row };
    const curves = known === undefined ? {} : await library.curves(row.id);
    // Of a stretch that is trained again, the time counts once.
    const own = row.steps - ownStart(row);
    this.#seconds += own <= 0 ? 0 : row.seconds * Math.min(1, (step - ownStart(row)) / own);
    const summary = back?.summary ?? Summary.from(curvesUpTo(curves, step));
    const parts = back?.parts ?? { curves: {}, records: [], ...NO_REPORTS };
    this.#kept = { row, summary, parts, isStored: known !== undefined };
    if (known !== undefined) {
      // The library has it, or one before it.
      this.#opening = { ...this.#opening, state: null };
      this.#say({ checkpoint: known.checkpoints.at(-1)?.step ?? null, step });
    }
    return this.#kept;
  }

  /** What a new run begins with that comes back from another program. */
  async #handedBack(library: Library): Promise<HandedBack | null> {
    const { elsewhere = null, parent, report } = this.#opening;
    if (elsewhere === null) return null;
    const { handedBack } = await import('./handedBack.ts');
    return handedBack(library, elsewhere, parent, report.domains.length);
  }

  /** Stores a run that has a record before it takes a step. */
  async #begin(): Promise<void> {
    const { library } = await this.#deps.library();
    const { row } = await this.#deps.inTurn(() => this.#made(library));
    this.#say({ step: row.steps });
  }

  /** The record of the run, whose row the library has then. */
  async #made(library: Library): Promise<Kept> {
    const kept = await this.#find();
    if (!kept.isStored && (await library.row(kept.row.id)) !== null) {
      // The connection was closed, and the database has what it had.
      kept.isStored = true;
      this.#failures.metrics = null;
    }
    if (!kept.isStored) await this.#storeRow(library, kept);
    return kept;
  }

  /** Writes the row of a new run, its own text, and the state that a fork begins with. */
  async #storeRow(library: Library, kept: Kept): Promise<void> {
    const { own, state } = this.#opening;
    await library.put(kept.row, kept.parts, kept.row.text?.isOwn ? own : null);
    kept.isStored = true;
    kept.parts = { curves: {}, records: [], ...NO_REPORTS };
    await this.#checkSize(library);
    if (state !== null && this.#report.tooLarge === null)
      await this.#storeCheckpoint(state, this.#opening.report.experiment, true);
    this.#opening = { ...this.#opening, state: null };
  }

  async #append(): Promise<void> {
    // A run that takes no step leaves nothing behind.
    if (this.#kept === null && !this.#pending.hasRecords) return;
    let pieces: RunPiece[] = [];
    try {
      const { library, denied } = await this.#deps.library();
      const kept = this.#kept?.isStored
        ? this.#kept
        : await this.#deps.inTurn(() => this.#made(library));
      pieces = this.#pending.take();
      await this.#appendPieces(library, kept, pieces);
      // That something was lost stays said.
      const { metrics } = this.#failures;
      this.#failures.metrics = metrics?.kind === 'wiped' ? metrics : denied;
      this.#say({ step: kept.row.steps });
    } catch (error) {
      this.#pending.giveBack(pieces);
      this.#failures.metrics = failureOf(error, this.#pending.bytes);
      if (this.#failures.metrics.kind === 'wiped') this.#lost();
      this.#say({});
      if (!this.#isClosed) this.#timer ??= setTimeout(() => this.flush(), APPEND_MS);
    }
  }

  /** The library has nothing of the run any more: what comes is stored as that of a new one. */
  #lost(): void {
    if (this.#kept !== null) this.#kept.isStored = false;
    this.#clock.edited();
    this.#say({ checkpoint: null });
  }

  async #appendPieces(library: Library, kept: Kept, pieces: RunPiece[]): Promise<void> {
    for (let piece = pieces[0]; piece !== undefined; piece = pieces[0]) {
      if (piece.records !== null) kept.summary.addRecords(piece.records);
      for (const { step, ce } of piece.validation) kept.summary.add('validation', step, ce);
      kept.row = {
        ...kept.row,
        ...kept.summary.row(),
        status: this.#status,
        experiment: this.#experiment,
        changedAt: this.#deps.now(),
        steps: lastStepIn([piece]) ?? kept.row.steps,
        seconds: this.#secondsNow(),
      };
      await library.append(kept.row, piece);
      pieces.shift();
    }
  }

  #secondsNow(): number {
    const since = this.#runningSince;
    return this.#seconds + (since === null ? 0 : (this.#deps.now() - since) / 1000);
  }

  /** Notes whether a checkpoint would be too large a part of what may be stored. */
  async #checkSize(library: Library): Promise<void> {
    const { allowed } = await library.use();
    const bytes = 3 * Float32Array.BYTES_PER_ELEMENT * this.#parameters;
    const isTooLarge = allowed !== null && bytes > LARGE_PART * allowed;
    this.#say({ tooLarge: isTooLarge ? { bytes, allowed } : null });
  }

  async #storeCheckpoint(
    state: EngineState,
    experiment: Experiment,
    isByItself: boolean,
  ): Promise<void> {
    const kept = this.#kept;
    if (kept === null || !kept.isStored) return;
    const { library } = await this.#deps.library();
    if (isByItself) await this.#checkSize(library);
    if (isByItself && this.#report.tooLarge !== null) return;
    try {
      await library.putCheckpoint(kept.row.id, state.step, encodeCheckpoint({ experiment, state }));
      this.#failures.checkpoint = null;
      this.#say({ checkpoint: state.step });
    } catch (error) {
      this.#failures.checkpoint = failureOf(error, stateBytes(state));
      this.#say({});
    }
  }

  #say(part: Partial<RecordingReport>): void {
    const { metrics, checkpoint } = this.#failures;
    const next = { ...this.#report, ...part, failure: metrics ?? checkpoint };
    const isSame = JSON.stringify(next) === JSON.stringify(this.#report);
    this.#report = next;
    if (!isSame) this.#emit({ type: 'recording', recording: next });
  }
}
