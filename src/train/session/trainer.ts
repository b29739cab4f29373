import type { ProbesAt } from '../../analysis/probes/probesAt.ts';
import type { Change, Experiment } from '../../config/experiment.ts';
import type { PreparedText } from '../../data/types.ts';
import type { DeviceSource } from '../device/deviceSource.ts';
import { FaultGuard } from '../device/trainingDevice.ts';
import type { EngineState } from '../engine/engine.ts';
import type { InspectionKind, Inspections } from '../engine/inspections.ts';
import type { SessionProfile } from '../profile/profileReport.ts';
import { BesideRun, pauseTogether, stepTogether } from './besideRun.ts';
import { switchyardError } from './errors.ts';
import type {
  AdapterReport,
  AdapterSpeed,
  CheckReport,
  GenerateRequest,
  Generation,
  OwnText,
  ProbeAsk,
  Sample,
  SampleRequest,
  SessionEvent,
  SessionReport,
  TokenListener,
} from './events.ts';
import { checkRun, type SessionDeps } from './openRun.ts';
import {
  closeRecorded,
  type KeptRun,
  openRecorded,
  type RecordedRun,
  type RecordingDeps,
} from './recordedRun.ts';
import type { Session } from './session.ts';

type RunEvent = { runId: number } & SessionEvent;
type RunReport = { runId: number } & SessionReport;
type HandedBack = Required<Pick<KeptRun, 'parent' | 'elsewhere'>>;

export interface TrainerDeps {
  devices: DeviceSource;
  prepareText: (...parameters: Parameters<SessionDeps['prepareText']>) => Promise<PreparedText>;
  readDocuments?: NonNullable<SessionDeps['readDocuments']>;
  recorder?: RecordingDeps['recorder'];
  /** Hands an event to the listener; its arrays may be transferred. */
  deliver(listener: (event: RunEvent) => void, event: RunEvent): void;
}

type Listener = (event: RunEvent) => void;

/**
 * The commands of the worker: one run at a time, each with a run id of its own, and a second one
 * beside it that takes turns with it. Opening a run closes both and cancels one that is still opening.
 */
export class Trainer {
  readonly #deps: TrainerDeps;
  #listener: Listener | null = null;
  #besideListener: Listener | null = null;
  #runId = 0;
  #run: RecordedRun | null = null;
  readonly #beside = new BesideRun();
  #opening: AbortController | null = null;
  #measuring: AbortController | null = null;
  #closing: Promise<void> = Promise.resolve();
  /** The last text of the person, for a checkpoint that was made from it. */
  #own: OwnText | null = null;
  /** Steps between two times that probe tasks are asked, and which ones. */
  #probeEvery: Parameters<Session['probeEvery']> | null = null;

  constructor(deps: TrainerDeps) {
    this.#deps = deps;
  }

  async probe(): Promise<AdapterReport> {
    return (await this.#deps.devices.get()).adapter;
  }

  /** What the adapter achieves. Opening or starting a run cuts a measurement short. */
  async measure(): Promise<AdapterSpeed> {
    if (this.isBusy)
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

  async restore(bytes: Uint8Array, own: OwnText | null): Promise<RunReport & HandedBack> {
    const { decodeCheckpoint } = await import('./checkpoint.ts');
    const { experiment, state, parent = null, elsewhere = null } = decodeCheckpoint(bytes);
    this.#own = own ?? this.#own;
    const kept = { experiment, own: this.#own, state, resumes: null, parent, elsewhere };
    return { ...(await this.#open(kept)), parent, elsewhere };
  }

  /** Whether `open` would open it; the run that is open trains on. */
  async check(experiment: Experiment, own: OwnText | null): Promise<CheckReport> {
    return checkRun(this.#recordingDeps(), experiment, { own });
  }

  /** Whether `restore` would take it; the run that is open trains on. */
  async checkCheckpoint(bytes: Uint8Array, own: OwnText | null): Promise<CheckReport> {
    const { decodeCheckpoint } = await import('./checkpoint.ts');
    const { experiment, state } = decodeCheckpoint(bytes);
    return checkRun(this.#recordingDeps(), experiment, { own: own ?? this.#own, state });
  }

  /**
   * Opens a second run that takes turns with the open one on the same batches. The open run pauses,
   * and start, pause, step and reset concern both from then on.
   * @throws ConfigInvalid where the batches are not the same, with the settings in which they part;
   *   ModelTooLarge where both together find no memory; as `open`
   */
  async openBeside(experiment: Experiment, own: OwnText | null): Promise<RunReport> {
    const first = this.#current();
    this.#stopMeasuring();
    const runId = ++this.#runId;
    const kept = { experiment, own: own ?? this.#own, state: null, resumes: null, parent: null };
    const second = await this.#beside.open(first, kept, this.#recordingDeps(), (event) =>
      this.#deliver(this.#besideListener, { runId, ...event }),
    );
    await this.#probeAgain(second);
    return { runId, ...second.report };
  }

  /** Closes the second run that is open or opening; the first waits for nobody any more. */
  closeBeside(): Promise<void> {
    return this.#givenUp(this.#beside.close());
  }

  /** Ends once what is kept of all runs that were given up is whole, and others may go on with it. */
  closed(): Promise<void> {
    return this.#closing;
  }

  async start(): Promise<void> {
    this.#stopMeasuring();
    this.#current();
    await Promise.all(this.#sessions().map((session) => session.start()));
  }

  /** Resolves when no step is unfinished; of two runs that took turns, both have the same steps then. */
  async pause(): Promise<void> {
    this.#current();
    await pauseTogether(this.#sessions());
  }

  /** Trains exactly one step; of two runs both, or the one that is behind. */
  async step(): Promise<void> {
    this.#stopMeasuring();
    this.#current();
    await stepTogether(this.#sessions());
  }

  async profile(steps: number): Promise<SessionProfile> {
    if (this.#beside.run !== null)
      throw switchyardError('ConfigInvalid', 'Steps are timed while one run alone is open.');
    this.#stopMeasuring();
    return this.#current().profile(steps);
  }

  async stopProfile(): Promise<void> {
    await this.#run?.session.stopProfile();
  }

  async reset(): Promise<void> {
    this.#current();
    await Promise.all(this.#sessions().map((session) => session.reset()));
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

  async generate(request: GenerateRequest, onTokens: TokenListener): Promise<Generation> {
    return this.#current().generate(request, onTokens);
  }

  async stopGenerating(): Promise<void> {
    this.#run?.session.stopGenerating();
  }

  async inspect<K extends InspectionKind>(
    kind: K,
    ask: Inspections[K]['ask'],
    subject: 'live' | 'beside' = 'live',
  ): Promise<Inspections[K]['answer']> {
    if (subject === 'live') return this.#current().inspect(kind, ask);
    const beside = this.#beside.run;
    if (beside === null) throw switchyardError('ConfigInvalid', 'Side B is not open.');
    return beside.session.inspect(kind, ask);
  }

  /** The open run as it stands between two steps, to be asked while it trains on. */
  async copy(): Promise<Omit<KeptRun, 'state'> & { state: EngineState }> {
    const session = this.#current();
    const state = await session.readState();
    const { experiment } = session;
    return { experiment, own: this.#own, state, resumes: null, parent: null };
  }

  /** Puts probe tasks to the model; of two runs to both, and gives the answers of the first. */
  async probeTasks(ask: ProbeAsk): Promise<ProbesAt> {
    const first = this.#current();
    const others = this.#sessions().filter((session) => session !== first);
    const asked = [first, ...others].map((session) => session.probeTasks(ask));
    return (await Promise.all(asked))[0]!;
  }

  /** Does so every so many steps, of the runs that are open and of those to come; never for 0. */
  async probeEvery(steps: number, ask: ProbeAsk): Promise<void> {
    await Promise.all(this.#sessions().map((session) => session.probeEvery(steps, ask)));
    this.#probeEvery = [steps, ask];
  }

  async cancelProbes(): Promise<void> {
    await Promise.all(this.#sessions().map((session) => session.cancelProbes()));
  }

  async checkpoint(): Promise<Uint8Array> {
    return this.#current().checkpoint(this.#run?.recording?.id);
  }

  /**
   * Stores a checkpoint in the record of the open run, whatever its size; returns its step.
   * @throws StorageError where the browser does not store it; ConfigInvalid where no run is kept
   */
  async keepCheckpoint(): Promise<number> {
    const session = this.#current();
    const recording = this.#run?.recording ?? null;
    if (recording === null) throw switchyardError('ConfigInvalid', 'The run is not kept.');
    const state = await session.readState();
    await recording.keep(state);
    return state.step;
  }

  /** Id of the open run's record; null where none is open. */
  get recordId(): string | null {
    return this.#run?.recording?.id ?? null;
  }

  /** Whether a run opens or trains, so that nothing can be timed. */
  get isBusy(): boolean {
    return this.#opening !== null || this.#sessions().some(({ state }) => state === 'running');
  }

  /** Whether a record is the open run's, or that of the one beside it. */
  isRecording(id: string): boolean {
    return [this.#run, this.#beside.run].some((run) => run?.recording?.id === id);
  }

  /** Has what was recorded stored at once. */
  async flush(): Promise<void> {
    for (const run of [this.#run, this.#beside.run]) run?.recording?.flush();
  }

  async fork(change: Change): Promise<Uint8Array> {
    return this.#current().fork(change, this.#run?.recording?.id);
  }

  /** One listener hears the events; another takes its place. */
  async subscribe(listener: Listener): Promise<void> {
    this.#listener = listener;
  }

  /** The same for the events of the second run. */
  async subscribeBeside(listener: Listener): Promise<void> {
    this.#besideListener = listener;
  }

  /** Closes the run that is open or opening, and the one beside it; another can be opened. */
  dispose(): Promise<void> {
    this.#opening?.abort();
    this.#opening = null;
    const beside = this.closeBeside();
    const run = this.#run;
    this.#run = null;
    return this.#givenUp(beside.then(() => (run === null ? undefined : closeRecorded(run))));
  }

  #givenUp(closed: Promise<void>): Promise<void> {
    const both = Promise.allSettled([this.#closing, closed]);
    this.#closing = both.then(() => undefined);
    return closed;
  }

  async #open(kept: KeptRun): Promise<RunReport> {
    this.#stopMeasuring();
    const runId = ++this.#runId;
    const closed = this.dispose();
    const opening = new AbortController();
    this.#opening = opening;
    try {
      await closed;
      const session = await openRecorded(this.#recordingDeps(), kept, opening.signal, {
        deliver: (event) => this.#deliver(this.#listener, { runId, ...event }),
        take: (run) => {
          this.#run = run;
        },
      });
      await this.#probeAgain(session);
      return { runId, ...session.report };
    } finally {
      if (this.#opening === opening) this.#opening = null;
    }
  }

  async #probeAgain(session: Session): Promise<void> {
    if (this.#probeEvery !== null) await session.probeEvery(...this.#probeEvery);
  }

  #deliver(listener: Listener | null, event: RunEvent): void {
    if (listener !== null) this.#deps.deliver(listener, event);
  }

  #recordingDeps(): RecordingDeps {
    const { devices, deliver: _, ...deps } = this.#deps;
    return { ...deps, requestDevice: () => devices.get() };
  }

  #stopMeasuring(): void {
    this.#measuring?.abort(switchyardError('Cancelled', 'Training began while it was measured.'));
    this.#measuring = null;
  }

  #current(): Session {
    if (this.#run === null) throw switchyardError('ConfigInvalid', 'No run is open.');
    return this.#run.session;
  }

  /** The open run's and that of the one beside it. */
  #sessions(): Session[] {
    return [this.#run, this.#beside.run].flatMap((run) => run?.session ?? []);
  }
}
