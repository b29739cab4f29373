/**
 * The boundary between page and worker: types only, structured-cloneable data only.
 * The worker's object is declared `satisfies TrainerApi` before it is exposed; the client wraps
 * the same type.
 */
import type { Change, Experiment } from '../config/experiment.ts';
import type { LadimoSettings } from '../config/ladimoSettings.ts';
import type { StepRecords } from '../config/telemetry.ts';
import type { QueueApi } from '../queue/items.ts';
import type { RemoteLibrary } from '../runs/remoteLibrary.ts';
import type { InspectionKind, Inspections } from '../train/engine/inspections.ts';
import type {
  ConversionListener,
  ConversionPlan,
  ConversionRow,
  DomainResult,
  MeasuredStudent,
  OpenConversion,
  PolicyResult,
  PolicyShares,
  StudentChoice,
  TeacherChoice,
  Throughput,
} from '../train/ladimo/conversion.ts';
import type { SessionProfile } from '../train/profile/profileReport.ts';
import type {
  AdapterReport,
  AdapterSpeed,
  CheckReport,
  GeneratedToken,
  GenerateRequest,
  Generation,
  ItemsListener,
  OwnText,
  ProbeAsk,
  ProbesAt,
  Sample,
  SampleRequest,
  SessionEvent,
  SessionReport,
  TokenListener,
} from '../train/session/events.ts';
import type { Parent } from '../train/session/recording.ts';
import type { StoredSubject, Subject } from '../train/session/subject.ts';

export type { ErrorCode } from '../config/errorCodes.ts';
export type { LadimoSettings } from '../config/ladimoSettings.ts';
export type {
  QueueApi,
  QueueEstimate,
  QueueEvent,
  QueueItem,
  QueueItemState,
  QueueProgress,
  QueueRequest,
  QueueRun,
  QueueState,
  QueueWork,
} from '../queue/items.ts';
export type {
  BatchRouting,
  BatchTensors,
  InspectionKind,
  Inspections,
  LayerRouting,
  LossesAnswer,
  PassAnswer,
} from '../train/engine/inspections.ts';
export type { LossesAsk, PassAsk, PassText } from '../train/engine/passAsk.ts';
export type * from '../train/ladimo/conversion.ts';
export type {
  ExpertTime,
  ProfileReport,
  ProfileRow,
  SessionProfile,
  StepPhase,
} from '../train/profile/profileReport.ts';
export type {
  AdapterReport,
  AdapterSpeed,
  Candidate,
  CheckReport,
  GeneratedText,
  GeneratedToken,
  GenerateRequest,
  Generation,
  ItemsAnswered,
  OwnText,
  ProbeAsk,
  RecordingReport,
  RunState,
  Sample,
  SampleRequest,
  StopReason,
  TokenListener,
} from '../train/session/events.ts';
export type { StoredSubject, Subject } from '../train/session/subject.ts';

export interface OpenReport extends SessionReport {
  runId: number;
}

/** A run opened from a checkpoint: where it came from, and the steps that another program took. */
export interface RestoreReport extends OpenReport {
  parent: Parent | null;
  elsewhere: StepRecords | null;
}

/** Every event carries the run it belongs to; the client drops those of older runs. */
export type TrainerEvent = { runId: number } & SessionEvent;

/** Commands. All reject with an error whose `name` is an `ErrorCode`. */
export interface TrainerApi {
  /** What adapter there is; rejects with NoWebGPU where there is none. */
  probe(): Promise<AdapterReport>;
  /**
   * What the adapter achieves, within a second; rejects with Cancelled while a run opens or trains,
   * and when one begins meanwhile.
   */
  measure(): Promise<AdapterSpeed>;
  /** Prepares data, device, kernels and parameters; replaces the run that was open. */
  open(experiment: Experiment, own: OwnText | null): Promise<OpenReport>;
  start(): Promise<void>;
  pause(): Promise<void>;
  /** Trains exactly one step, then pauses. */
  step(): Promise<void>;
  /**
   * Measures the adapter, then times so many steps and takes as many ordinary ones between them, bit for bit as without; trains
   * on after them where it trained, else pauses. Ends early, with what was timed, when training
   * does; rejects with Cancelled where that is nothing.
   */
  profile(steps: number): Promise<SessionProfile>;
  /** Ends a profile early. */
  stopProfile(): Promise<void>;
  /** Back to step 0 with the same seeds and the experiment's events cleared. */
  reset(): Promise<void>;
  /** Records a live change as an event before the next step; returns that step. */
  change(change: Change): Promise<number>;
  /** The experiment with all events so far: what a link holds. */
  experiment(): Promise<Experiment>;
  evaluate(): Promise<number>;
  sample(request: SampleRequest): Promise<Sample>;
  /**
   * Writes several texts at once between two steps. The listener hears of all tokens before the answer comes;
   * `stopGenerating` ends the texts where they are.
   */
  generate(request: GenerateRequest, onTokens: TokenListener): Promise<Generation>;
  stopGenerating(): Promise<void>;
  /**
   * Answers a question to a model, the open run's where none is named, between two of its steps;
   * changes nothing of any training. Rejects with ConfigInvalid where there is no such model, and as
   * `openStored` where a stored one cannot be opened.
   */
  inspect<K extends InspectionKind>(
    kind: K,
    ask: Inspections[K]['ask'],
    subject?: Subject,
  ): Promise<Inspections[K]['answer']>;
  /**
   * Puts probe tasks to the model, one item between two steps; rejects with ConfigInvalid while
   * others are asked, and with Cancelled after `cancelProbes`. Of two runs both are asked.
   */
  probeTasks(ask: ProbeAsk): Promise<ProbesAt>;
  /** Does so every so many steps, of every run from now on; never for 0. */
  probeEvery(steps: number, ask: ProbeAsk): Promise<void>;
  cancelProbes(): Promise<void>;
  /** Parameters, moments, step and data cursor as safetensors with the spec's names. */
  checkpoint(): Promise<Uint8Array>;
  restore(bytes: Uint8Array, own: OwnText | null): Promise<RestoreReport>;
  /** Rejects as `open` would, while the run that is open trains on. */
  check(experiment: Experiment, own: OwnText | null): Promise<CheckReport>;
  /** Rejects as `restore` would, while the run that is open trains on. */
  checkCheckpoint(bytes: Uint8Array, own: OwnText | null): Promise<CheckReport>;
  /**
   * A checkpoint for `restore` of a run of its own that starts here with a change that a running
   * model cannot take; it goes on where the parameters stay as they are, else it starts anew.
   */
  fork(change: Change): Promise<Uint8Array>;
  subscribe(listener: (event: TrainerEvent) => void): Promise<void>;
  dispose(): Promise<void>;
}

/** Commands that concern the library of runs, in which the worker keeps the open run's record. */
export interface StoredApi {
  /**
   * Opens a stored run: where it stopped; with a step or a change, as a fork that begins with the
   * checkpoint of that step, null being the last.
   */
  openStored(id: string, step: number | null, change: Change | null): Promise<OpenReport>;
  /** Stores a checkpoint of the open run, whatever its size; returns its step. */
  keepCheckpoint(): Promise<number>;
  /** Takes a copy of the open run's model, to be asked while it trains on; returns its number. */
  takeCopy(): Promise<number>;
  letCopyGo(copy: number): Promise<void>;
  /**
   * Puts probe tasks to a stored run at a checkpoint, beside the open run's training; stores nothing. Rejects
   * as `probeTasks`, with Cancelled after `cancelStored`, and as `openStored` where it cannot be opened.
   */
  probeStored(run: StoredSubject, ask: ProbeAsk, onItems: ItemsListener): Promise<ProbesAt>;
  cancelStored(): Promise<void>;
  /** Has what was recorded of the open runs stored at once: the page may be about to go. */
  flush(): Promise<void>;
}

/** Commands of a second run, which takes turns with the open one on the same batches. */
export interface BesideApi {
  /**
   * Opens a second run on the open one's device. That one pauses; start, pause, step and reset
   * concern both from then on, and opening another run closes both. Rejects as `open`, with
   * ConfigInvalid where the batches are not the same, and with ModelTooLarge where both together
   * find no memory.
   */
  openBeside(experiment: Experiment, own: OwnText | null): Promise<OpenReport>;
  closeBeside(): Promise<void>;
  subscribeBeside(listener: (event: TrainerEvent) => void): Promise<void>;
}

/** Texts that teacher and student wrote from the same prompts. */
export interface BothGenerations {
  teacher: Generation;
  student: Generation;
}

/**
 * Commands of conversions, which are stored beside the library's runs and share the device with an
 * open run. One works at a time: a command that computes waits for the one before it; `stop` ends
 * it between two steps. All that is measured is stored, and told as an event of type `state`.
 * All reject with RangeError for an unknown conversion and for settings, layers or seeds that do
 * not fit, and with the errors of `open`.
 */
export interface ConversionApi {
  /** Latest first. */
  list(): Promise<readonly ConversionRow[]>;
  open(id: string): Promise<OpenConversion>;
  /** What to expect; stores nothing. Settings that are absent have their defaults. */
  plan(teacher: TeacherChoice, settings: Partial<LadimoSettings>): Promise<ConversionPlan>;
  /**
   * Stores a conversion with its teacher, and begins to record and train; returns when it is stored.
   * @param own text of a teacher from a file or a link, where its experiment has one
   */
  begin(
    teacher: TeacherChoice,
    settings: Partial<LadimoSettings>,
    own?: OwnText | null,
  ): Promise<OpenConversion>;
  /** The same of a conversion link (whole URL or fragment). ConfigInvalid for one that names none. */
  replay(link: string, own?: OwnText | null): Promise<OpenConversion>;
  /** Ends what computes, of any conversion; resolves when its state is stored. */
  stop(): Promise<void>;
  /** Trains all layers that are not converted yet, in turn; resolves when they are, or stopped. */
  goOn(id: string): Promise<OpenConversion>;
  /** Trains one layer from its start again: every seed. What was measured with it is dropped. */
  redo(id: string, layer: number): Promise<OpenConversion>;
  /**
   * Measures each of the students; without a list the teacher, the assembly from the last layer
   * upward and each layer alone. With `probes` each answers the probe tasks too.
   */
  measure(
    id: string,
    students?: readonly StudentChoice[] | null,
    probes?: ProbeAsk | null,
  ): Promise<readonly MeasuredStudent[]>;
  /** Rejects with Cancelled while a run trains. `rounds`: 1 to 50. */
  throughput(id: string, shape: Throughput['shape'], rounds: number): Promise<Throughput>;
  /** Trains the converted layers on, on the text of a domain alone, and measures before and after. */
  domains(id: string, domain: string, steps: number): Promise<DomainResult>;
  /** Records maximal routing weights; `policyEditor` (config/ladimo.ts) needs no more. */
  profile(id: string): Promise<OpenConversion>;
  /** A policy measured against top-1, top-2 and top-3. */
  policy(id: string, shares: PolicyShares): Promise<PolicyResult>;
  /** Makes a run of the library of a student; returns its id, for `openStored`. */
  assemble(id: string, student: StudentChoice, name?: string): Promise<string>;
  /** Teacher and student write from the same prompts; resolves when both are done. */
  write(
    id: string,
    student: StudentChoice,
    request: GenerateRequest,
    onTokens: (side: 'teacher' | 'student', tokens: GeneratedToken[]) => void,
  ): Promise<BothGenerations>;
  /**
   * Link (fragment) that replays the conversion; with a student, one that asks for it to be assembled:
   * `state.student` where it is replayed. ConfigInvalid where its teacher cannot be replayed.
   */
  link(id: string, student?: StudentChoice | null): Promise<string>;
  /** One zip file with everything (docs/files.md). */
  toFile(id: string): Promise<Uint8Array>;
  /** Stores what a file holds. RangeError naming what is wrong in it. */
  fromFile(bytes: Uint8Array): Promise<OpenConversion>;
  rename(id: string, name: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Hears of states at once, of steps ten times a second at most. */
  subscribe(listener: ConversionListener): Promise<void>;
}

/** What the worker exposes: the commands, where the page is, and what it is likely to ask for. */
export interface WorkerApi extends TrainerApi, StoredApi, BesideApi {
  /** Absolute URL of the page's folder, to which the corpora are relative; call it first. */
  setBase(url: string): Promise<void>;
  /** Reads an experiment's text ahead of `open`. */
  prepare(experiment: Experiment): Promise<void>;
  /** The library that the worker fills, where the browser stores nothing. */
  memory(): Promise<RemoteLibrary>;
  /** Commands of conversions, loaded with the first. */
  conversion(): Promise<ConversionApi>;
  /** The queue of recipes and sweeps, whose code comes with the first call. */
  queue(): Promise<QueueApi>;
}
