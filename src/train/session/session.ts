import type { ProbesAt } from '../../analysis/probes/probesAt.ts';
import type { Change, Experiment } from '../../config/experiment.ts';
import type { EngineState } from '../engine/engine.ts';
import type { InspectionKind, Inspections } from '../engine/inspections.ts';
import type { SessionProfile } from '../profile/profileReport.ts';
import { Copies } from './copies.ts';
import { switchyardError } from './errors.ts';
import type {
  Emit,
  GenerateRequest,
  Generation,
  ProbeAsk,
  RunState,
  Sample,
  SampleRequest,
  SessionReport,
  TokenListener,
} from './events.ts';
import type { Followed } from './following.ts';
import { type OpenedRun, type OpenOptions, openRun, type SessionDeps } from './openRun.ts';
import type { Probing, ReadDocuments } from './probing.ts';
import type { RunRecording } from './recording.ts';
import { Recovery } from './recovery.ts';
import { Texts } from './texts.ts';
import { type SnapshotOptions, TrainingLoop } from './trainingLoop.ts';
import { validationLoss } from './validation.ts';

export interface SessionOptions extends OpenOptions {
  /** Steps between two snapshots, from which a run goes on after a lost device; 0 = none. */
  snapshotEvery?: number;
  /** What the last row of figures saw of a run that goes on: the next one is compared with it. */
  followed?: Followed | null;
  /** Who keeps the run; none of its states is read for it when absent. */
  recording?: () => Pick<RunRecording, 'wants' | 'take'> | null;
}

const SNAPSHOT_EVERY = 200;

const changes = () => import('./acceptedChange.ts');

/**
 * Prepares an experiment and waits for commands. The same session runs in the worker and in Node;
 * what it computes depends on the experiment and the adapter only.
 *
 * @throws as `openRun`
 */
export async function createSession(
  deps: SessionDeps,
  experiment: Experiment,
  options: SessionOptions,
): Promise<Session> {
  const opened = await openRun(deps, experiment, options);
  const { emit, state = null, snapshotEvery = SNAPSHOT_EVERY, followed, recording } = options;
  const recovery = new Recovery(deps, opened, state, emit);
  const { own = null } = options;
  const read = deps.readDocuments?.bind(deps);
  const snapshots: SnapshotOptions = {
    snapshotEvery,
    followed,
    keep(kept, readMs) {
      recovery.keep(kept);
      recording?.()?.take(kept, readMs);
    },
    wantsState: (moment) => recording?.()?.wants(moment) ?? false,
  };
  const documents = read ? () => read(opened.report.experiment, own) : null;
  const session = new Session(opened, recovery, emit, snapshots, documents);
  emit({ type: 'state', state: session.state, step: state?.step ?? 0 });
  return session;
}

/**
 * One run of an experiment: takes steps, applies and records live changes at step boundaries, and
 * reports through events. Commands take turns with training at step boundaries.
 */
export class Session {
  readonly report: SessionReport;
  readonly #opened: OpenedRun;
  readonly #emit: Emit;
  readonly #loop: TrainingLoop;
  readonly #copies: Copies;
  readonly #texts: Texts;
  readonly #documents: ReadDocuments | null;
  /** Comes with the first probe tasks that are wanted. */
  #probing: Promise<Probing> | null = null;

  constructor(
    opened: OpenedRun,
    recovery: Recovery,
    emit: Emit,
    snapshots: SnapshotOptions,
    documents: ReadDocuments | null,
  ) {
    this.#opened = opened;
    this.#emit = emit;
    this.#loop = new TrainingLoop(opened, recovery, emit, snapshots);
    this.#copies = new Copies(opened, recovery, this.#loop);
    this.#texts = new Texts(opened, this.#loop, emit);
    this.#documents = documents;
    this.report = opened.report;
  }

  get state(): RunState {
    return this.#loop.state;
  }

  /** Steps submitted so far. */
  get stepsTaken(): number {
    return this.#loop.stepsTaken;
  }

  /** The start's settings with all events so far: what a link holds. */
  get experiment(): Experiment {
    return this.#opened.settings.experiment;
  }

  /** Trains on until the run's last step, or `pause`. Resolves when training has begun. */
  async start(): Promise<void> {
    this.#loop.launch(null);
    // The first change is not to wait for it; one that still has to tells what fails.
    changes().catch(() => undefined);
  }

  /**
   * Trains until `step` steps are taken, also beyond `optimizer.totalSteps`; resolves then.
   * @throws ConfigInvalid for a step that the data's epochs do not reach
   */
  async runTo(step: number): Promise<void> {
    const last = this.#opened.text.lastStep;
    if (last !== null && step > last)
      throw switchyardError('ConfigInvalid', `Step ${step}: data.epochs end at step ${last}.`);
    await this.pause();
    this.#loop.launch(step);
    await this.#loop.trained();
  }

  /** While both train, neither is more than one step ahead of the other; null: nobody is waited for. */
  takeTurnsWith(other: Session | null): void {
    this.#loop.takeTurnsWith(other === null ? null : other.#loop);
  }

  /** Trains exactly one step. */
  async step(): Promise<void> {
    await this.pause();
    this.#loop.checkedLastStep();
    await this.runTo(this.stepsTaken + 1);
  }

  /**
   * Measures the adapter, then times steps of training and takes as many ordinary ones between
   * them; trains as without. Takes the steps itself where nothing trains. Ends early, with what was
   * timed, when training does.
   * @throws ConfigInvalid where no step is left to take; Cancelled where none was timed
   */
  profile(steps: number): Promise<SessionProfile> {
    return this.#loop.profile(steps);
  }

  /** Ends a profile with what was timed; training goes on where it was asked for. */
  stopProfile(): Promise<void> {
    return this.#loop.stopProfile();
  }

  /** Resolves when no step is unfinished and all telemetry is reported. */
  pause(): Promise<void> {
    return this.#loop.pause();
  }

  /** Back to step 0 with the same seeds; the events are cleared. */
  async reset(): Promise<void> {
    await this.cancelProbes();
    await this.pause();
    await this.#loop.restart();
  }

  /**
   * Makes a change before the next step and records it as an event; returns that step.
   * @throws ConfigInvalid for a path that is not live, a value out of range, a broken rule, or a
   *   change of training alone where no step is left to train
   */
  change(change: Change): Promise<number> {
    return this.#loop.onEngine(async (run) => {
      const { takeChange } = await changes();
      return takeChange(
        { run, settings: this.#opened.settings, loop: this.#loop },
        change,
        this.#emit,
      );
    });
  }

  /** Validation loss at the current parameters, in nats. */
  evaluate(): Promise<number> {
    return this.#loop.onEngine(async (run) => {
      const { step } = run.engine;
      const { evaluation } = this.#opened.settings.at(step + 1);
      const loss = await run.watch(validationLoss(run.engine, this.#opened.text, evaluation));
      this.#emit({ type: 'validation', step, ...loss });
      return loss.ce;
    });
  }

  sample(request: SampleRequest): Promise<Sample> {
    return this.#texts.sample(request);
  }

  /**
   * Writes several texts at once, at the parameters as they are: training waits meanwhile. `onTokens` hears
   * of the tokens a few at a time; after a lost device it hears of them again.
   * @throws ConfigInvalid for what cannot be written
   */
  generate(request: GenerateRequest, onTokens: TokenListener): Promise<Generation> {
    return this.#texts.generate(request, onTokens);
  }

  /** Ends the texts that are being written where they are. */
  stopGenerating(): void {
    this.#texts.stop();
  }

  /** Answers a question to the model (inspections.ts). */
  inspect<K extends InspectionKind>(
    kind: K,
    ask: Inspections[K]['ask'],
  ): Promise<Inspections[K]['answer']> {
    return this.#loop.onEngine(async (run) => {
      const step = run.engine.step + 1;
      const { text, settings } = this.#opened;
      const now = settings.at(step);
      await run.use(now, step);
      const { evaluation } = now;
      const { ANSWERS } = await import('../engine/inspections.ts');
      return run.watch(ANSWERS[kind]({ engine: run.engine, text, step, evaluation }, ask));
    });
  }

  /**
   * Puts the probe tasks to the model, one item between two steps.
   * @throws ConfigInvalid for what cannot be asked, or while others are asked; Cancelled
   */
  async probeTasks(ask: ProbeAsk): Promise<ProbesAt> {
    return (await this.#probes()).ask(ask);
  }

  /** Does so by itself at each multiple of so many steps; never for 0. @throws ConfigInvalid */
  async probeEvery(steps: number, ask: ProbeAsk): Promise<void> {
    (await this.#probes()).every(steps, ask);
  }

  /** Ends probe tasks that are being asked. */
  async cancelProbes(): Promise<void> {
    (await this.#probing)?.cancel();
  }

  #probes(): Promise<Probing> {
    this.#probing ??= import('./probing.ts').then(({ Probing }) => {
      const probing = new Probing(this.#opened, this.#loop, this.#emit, this.#documents);
      this.#loop.onStep = (step) => probing.stepTaken(step);
      return probing;
    });
    return this.#probing;
  }

  /**
   * The run as safetensors; the last snapshot where the device is lost for good.
   * @param id of its record, which a run that goes on from it has as its parent; none when absent
   */
  checkpoint(id?: string): Promise<Uint8Array> {
    return this.#copies.checkpoint(id);
  }

  /**
   * The state between two steps.
   * @param isKept whether a run whose device is lost goes on from it; nobody may change it then
   */
  readState(isKept = false): Promise<EngineState> {
    return this.#copies.state(isKept);
  }

  /** What the last row of figures saw; null before the first. */
  get followed(): Followed | null {
    return this.#loop.followed;
  }

  /**
   * A checkpoint of a run of its own that starts here with a change that a running model cannot
   * take. The model goes on where the change leaves its parameters as they are; else it starts anew.
   * @param id of this run's record; none when absent
   * @throws ConfigInvalid for a value out of range, or a broken rule
   */
  fork(change: Change, id?: string): Promise<Uint8Array> {
    return this.#copies.fork(change, id);
  }

  /** Ends the run and frees the GPU's memory; every later command is refused. */
  dispose(): Promise<void> {
    return this.#loop.dispose();
  }
}
