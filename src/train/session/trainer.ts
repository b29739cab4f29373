import type { Change, Experiment } from '../../config/experiment.ts';
import type { PreparedText } from '../../data/types.ts';
import type { DeviceSource } from '../device/deviceSource.ts';
import { FaultGuard } from '../device/trainingDevice.ts';
import type { InspectionKind, Inspections } from '../engine/inspections.ts';
import type { SessionProfile } from '../profile/profileReport.ts';
import { decodeCheckpoint } from './checkpoint.ts';
import { switchyardError } from './errors.ts';
import type {
  AdapterReport,
  AdapterSpeed,
  CheckReport,
  Emit,
  OwnText,
  Sample,
  SampleRequest,
  SessionEvent,
  SessionReport,
} from './events.ts';
import { checkRun, type SessionDeps } from './openRun.ts';
import type { Opening, RunRecording } from './recording.ts';
import { createSession, type Session } from './session.ts';

type RunEvent = { runId: number } & SessionEvent;
type RunReport = { runId: number } & SessionReport;

/** A run to be opened: an experiment, and where it goes on. */
export type KeptRun = Omit<Opening, 'report'> & { experiment: Experiment };

export interface TrainerDeps {
  devices: DeviceSource;
  prepareText: (...parameters: Parameters<SessionDeps['prepareText']>) => Promise<PreparedText>;
  /** Who begins to keep a run that was opened; nothing is kept when absent, or null. */
  recorder?(): Promise<((opening: Opening, emit: Emit) => RunRecording) | null>;
  /** Hands an event to the listener; its arrays may be transferred. */
  deliver(listener: (event: RunEvent) => void, event: RunEvent): void;
}

/**
 * The commands of the worker: one session at a time, each with a run id of its own. Opening a run
 * closes the one before and cancels one that is still opening.
 */
export class Trainer {
  readonly #deps: TrainerDeps;
  #listener: ((event: RunEvent) => void) | null = null;
  #runId = 0;
  #session: Session | null = null;
  #recording: RunRecording | null = null;
  #opening: AbortController | null = null;
  #measuring: AbortController | null = null;
  /** The last text of the person, for a checkpoint that was made from it. */
  #own: OwnText | null = null;

  constructor(deps: TrainerDeps) {
    this.#deps = deps;
  }

  async probe(): Promise<AdapterReport> {
    return (await this.#deps.devices.get()).adapter;
  }

  /** What the adapter achieves. Opening or starting a run cuts a measurement short. */
  async measure(): Promise<AdapterSpeed> {
    if (this.#opening !== null || this.#session?.state === 'running')
      throw switchyardError(
        'Cancelled',
        'The adapter is measured only while nothing trains on it.',
      );
    const measuring = new AbortController();
    this.#measuring = measuring;
    const device = await this.#deps.devices.get();
    return new FaultGuard(device).watch(device.measure(measuring.signal));
  }

  async open(experiment: Experiment, own: OwnText | null): Promise<RunReport> {
    this.#own = own ?? this.#own;
    return this.#open({ experiment, own, state: null, resumes: null, parent: null });
  }

  /** Opens what a library holds: a run that goes on, or a fork. */
  async openKept(kept: KeptRun): Promise<RunReport> {
    this.#own = kept.own ?? this.#own;
    return this.#open(kept);
  }

  async restore(bytes: Uint8Array, own: OwnText | null): Promise<RunReport> {
    const { experiment, state, parent = null } = decodeCheckpoint(bytes);
    this.#own = own ?? this.#own;
    return this.#open({ experiment, own: this.#own, state, resumes: null, parent });
  }

  /** Whether `open` would open it; the run that is open trains on. */
  async check(experiment: Experiment, own: OwnText | null): Promise<CheckReport> {
    return checkRun(this.#sessionDeps(), experiment, { own });
  }

  /** Whether `restore` would take it; the run that is open trains on. */
  async checkCheckpoint(bytes: Uint8Array, own: OwnText | null): Promise<CheckReport> {
    const { experiment, state } = decodeCheckpoint(bytes);
    return checkRun(this.#sessionDeps(), experiment, { own: own ?? this.#own, state });
  }

  async start(): Promise<void> {
    this.#stopMeasuring();
    await this.#current().start();
  }

  async pause(): Promise<void> {
    await this.#current().pause();
  }

  async step(): Promise<void> {
    this.#stopMeasuring();
    await this.#current().step();
  }

  async profile(steps: number): Promise<SessionProfile> {
    this.#stopMeasuring();
    return this.#current().profile(steps);
  }

  async stopProfile(): Promise<void> {
    await this.#session?.stopProfile();
  }

  async reset(): Promise<void> {
    await this.#current().reset();
  }

  async change(change: Change): Promise<number> {
    return this.#current().change(change);
  }

  async experiment(): Promise<Experiment> {
    return this.#current().experiment;
  }

  async evaluate(): Promise<number> {
    return this.#current().evaluate();
  }

  async sample(request: SampleRequest): Promise<Sample> {
    return this.#current().sample(request);
  }

  async inspect<K extends InspectionKind>(
    kind: K,
    ask: Inspections[K]['ask'],
  ): Promise<Inspections[K]['answer']> {
    return this.#current().inspect(kind, ask);
  }

  async checkpoint(): Promise<Uint8Array> {
    return this.#current().checkpoint(this.#recording?.id);
  }

  /**
   * Stores a checkpoint in the record of the open run, whatever its size; returns its step.
   * @throws StorageError where the browser does not store it; ConfigInvalid where no run is kept
   */
  async keepCheckpoint(): Promise<number> {
    const session = this.#current();
    const recording = this.#recording;
    if (recording === null) throw switchyardError('ConfigInvalid', 'The run is not kept.');
    const state = await session.readState();
    await recording.keep(state);
    return state.step;
  }

  /** Id of the open run's record; null where none is open. */
  get recordId(): string | null {
    return this.#recording?.id ?? null;
  }

  async fork(change: Change): Promise<Uint8Array> {
    return this.#current().fork(change, this.#recording?.id);
  }

  /** One listener hears the events; another takes its place. */
  async subscribe(listener: (event: RunEvent) => void): Promise<void> {
    this.#listener = listener;
  }

  /** Closes the run that is open or opening; another can be opened. */
  async dispose(): Promise<void> {
    this.#opening?.abort();
    this.#opening = null;
    const [session, recording] = [this.#session, this.#recording];
    this.#session = null;
    this.#recording = null;
    // What is kept of the run ends where training does.
    if (recording !== null && session?.state === 'running') await session.pause();
    await session?.dispose();
    await recording?.close();
  }

  async #open(kept: KeptRun): Promise<RunReport> {
    this.#stopMeasuring();
    const runId = ++this.#runId;
    const closed = this.dispose();
    const opening = new AbortController();
    this.#opening = opening;
    try {
      await closed;
      return await this.#openRun(runId, opening.signal, kept);
    } finally {
      if (this.#opening === opening) this.#opening = null;
    }
  }

  async #openRun(
    runId: number,
    signal: AbortSignal,
    { experiment, ...kept }: KeptRun,
  ): Promise<RunReport> {
    const { own, state } = kept;
    const recorder = this.#deps.recorder?.();
    let recording: RunRecording | null = null;
    const deliver = (event: SessionEvent) => {
      if (this.#listener !== null) this.#deps.deliver(this.#listener, { runId, ...event });
    };
    const emit = (event: SessionEvent) => {
      recording?.hear(event);
      deliver(event);
    };
    const session = await createSession(this.#sessionDeps(), experiment, {
      emit,
      own,
      state,
      signal,
      recording: () => recording,
    });
    const record = await recorder;
    if (signal.aborted) {
      await session.dispose();
      throw switchyardError('Cancelled', 'Another run was opened meanwhile.');
    }
    recording = record?.({ ...kept, report: session.report }, deliver) ?? null;
    this.#session = session;
    this.#recording = recording;
    return { runId, ...session.report };
  }

  #sessionDeps(): SessionDeps {
    const { devices, prepareText } = this.#deps;
    return { requestDevice: () => devices.get(), prepareText };
  }

  #stopMeasuring(): void {
    this.#measuring?.abort(switchyardError('Cancelled', 'Training began while it was measured.'));
    this.#measuring = null;
  }

  #current(): Session {
    if (this.#session === null) throw switchyardError('ConfigInvalid', 'No run is open.');
    return this.#session;
  }
}
