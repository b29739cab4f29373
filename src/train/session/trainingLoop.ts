import type { Experiment } from '../../config/experiment.ts';
import type { SessionProfile } from '../profile/profileReport.ts';
import { Profiling } from '../profile/profiling.ts';
import type { EngineRun } from './engineRun.ts';
import { errorCode, errorMessage, switchyardError } from './errors.ts';
import type { Emit, RunState, StopReason } from './events.ts';
import type { Followed } from './following.ts';
import { giveWay } from './giveWay.ts';
import { type IntervalOptions, IntervalWork } from './intervalWork.ts';
import type { OpenedRun } from './openRun.ts';
import type { Recovery } from './recovery.ts';
import { createSerial } from './serial.ts';

/** How a stretch of training ended. */
type Outcome = 'more' | 'finished' | 'limit' | 'stopped';

/** Who reads states. */
export type SnapshotOptions = Omit<IntervalOptions, 'isHalting'>;

/**
 * Takes the steps of an opened run, one after the other, and what is due after them. Tasks take
 * turns with the steps; every change of its state is an event.
 */
export class TrainingLoop {
  readonly #opened: OpenedRun;
  readonly #recovery: Recovery;
  readonly #emit: Emit;
  readonly #interval: IntervalWork;
  readonly #takeTurn = createSerial();
  #state: RunState;
  #training: Promise<void> | null = null;
  #profiling: Profiling | null = null;
  /** Whether training began for the profile alone. */
  #trainsForProfile = false;
  #isHalting = false;
  #isDisposed = false;
  /** Whom it takes turns with. */
  #other: TrainingLoop | null = null;
  #wake: () => void = () => undefined;
  /** Hears of every step that was taken. */
  onStep: (step: number) => void = () => undefined;

  constructor(opened: OpenedRun, recovery: Recovery, emit: Emit, snapshots: SnapshotOptions) {
    this.#opened = opened;
    this.#recovery = recovery;
    this.#emit = emit;
    const { step } = recovery.run.engine;
    this.#state = step === 0 ? 'ready' : step < this.lastStep(step + 1) ? 'paused' : 'finished';
    this.#interval = new IntervalWork(opened.text, emit, {
      ...snapshots,
      isHalting: () => this.#isHalting,
    });
  }

  get state(): RunState {
    return this.#state;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** What the last row of figures saw; null before the first. */
  get followed(): Followed | null {
    return this.#interval.followed;
  }

  /** Steps submitted so far. */
  get stepsTaken(): number {
    return this.#recovery.run.engine.step;
  }

  /** Trains on until `step` steps are taken, or until the run's last step for null. */
  launch(limit: number | null): void {
    if (this.#isDisposed) throw switchyardError('Cancelled', 'The run was closed.');
    if (this.#training !== null) return;
    if (this.#state === 'failed') this.#recovery.forgive();
    this.setState('running');
    this.#training = this.#train(limit).finally(() => {
      this.#training = null;
      this.#profiling?.stop();
      this.#trainsForProfile = false;
      this.#other?.lookAgain();
    });
  }

  /** While both train, neither is more than one step ahead of the other; null: nobody is waited for. */
  takeTurnsWith(other: TrainingLoop | null): void {
    this.#other = other;
    this.lookAgain();
  }

  /** Looks again whether it is its turn, where it waits for it. */
  lookAgain(): void {
    this.#wake();
  }

  /** Resolves when training is at an end. */
  async trained(): Promise<void> {
    await this.#training;
  }

  /**
   * Measures the adapter, then times steps of training and takes as many ordinary ones between
   * them; trains as without. Takes the steps itself where nothing trains. Ends early, with what was
   * timed, when training does.
   * @throws ConfigInvalid where no step is left to take; Cancelled where none was timed
   */
  async profile(steps: number): Promise<SessionProfile> {
    if (this.#profiling !== null)
      throw switchyardError('ConfigInvalid', 'Steps are being profiled already.');
    const profiling = new Profiling(steps);
    if (this.#training === null) this.checkedLastStep();
    this.#profiling = profiling;
    try {
      const speed = await this.onEngine(async (run) => {
        await run.drain();
        return run.watch(run.device.measure(profiling.signal));
      });
      if (this.#training === null && !profiling.isOver) this.#trainFor(profiling);
      return { ...(await profiling.result), speed };
    } finally {
      profiling.stop();
      if (this.#profiling === profiling) this.#profiling = null;
    }
  }

  /** Trains until a profile has its steps. */
  #trainFor({ stepsToTake }: Profiling): void {
    this.#trainsForProfile = true;
    this.launch(Math.min(this.checkedLastStep(), this.stepsTaken + stepsToTake));
  }

  /** Ends a profile with what was timed; training goes on where it was asked for. */
  async stopProfile(): Promise<void> {
    this.#profiling?.stop();
    if (this.#trainsForProfile) await this.pause();
  }

  /** Resolves when no step is unfinished and all telemetry is reported. */
  async pause(): Promise<void> {
    this.#isHalting = true;
    this.lookAgain();
    await this.#training;
    this.#isHalting = this.#isDisposed;
  }

  /** Back to step 0 under the settings as they are then; nothing may be training. */
  restart(): Promise<void> {
    return this.#turn(async () => {
      this.#opened.settings.clearEvents();
      await this.#recovery.restart();
      this.#interval.reset();
      this.setState('ready');
    });
  }

  /** Ends training and frees the GPU's memory; every later task is refused. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.pause();
    await this.#takeTurn(async () => this.#recovery.run.close());
  }

  /** Last step under the settings of `step`, or where the data's epochs are over. */
  lastStep(step: number, settings: Experiment = this.#opened.settings.at(step)): number {
    const { lastStep } = this.#opened.text;
    return Math.min(settings.optimizer.totalSteps, lastStep ?? Number.POSITIVE_INFINITY);
  }

  /** @throws ConfigInvalid where no step is left to take */
  checkedLastStep(): number {
    const next = this.stepsTaken + 1;
    const last = this.lastStep(next);
    if (next > last)
      throw switchyardError('ConfigInvalid', `Step ${next} is beyond the last step, ${last}.`);
    return last;
  }

  setState(state: RunState): void {
    this.#state = state;
    this.#emit({ type: 'state', state, step: this.stepsTaken });
  }

  #turn<T>(task: () => Promise<T>): Promise<T> {
    return this.#takeTurn(async () => {
      if (this.#isDisposed) throw switchyardError('Cancelled', 'The run was closed.');
      return task();
    });
  }

  /** Runs a task between two steps, again on another device where this one is lost. */
  onEngine<T>(task: (run: EngineRun) => Promise<T>): Promise<T> {
    return this.#turn(() => this.#recovery.attempt(task));
  }

  async #train(limit: number | null): Promise<void> {
    try {
      this.#recovery.run.startClock();
      let outcome: Outcome = 'more';
      while (outcome === 'more' && !this.#isHalting) {
        outcome = await this.onEngine((run) => this.#advance(run, limit));
        if (outcome === 'more') this.onStep(this.stepsTaken);
        await giveWay();
        await this.#turnCame();
      }
      if (this.#isDisposed || outcome === 'stopped') return;
      if (!(await this.onEngine((run) => this.#settled(run)))) return;
      const moment = outcome === 'finished' ? 'end' : 'halt';
      await this.onEngine((run) => this.#interval.halt(run, moment));
      this.#ended(outcome);
    } catch (error) {
      if (!this.#isDisposed) this.#fail(error);
    }
  }

  /** Resolves when the other one is not behind, trains no more, or this one is to halt. */
  async #turnCame(): Promise<void> {
    this.#other?.lookAgain();
    while (!this.#isHalting && this.#isAhead())
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  #isAhead(): boolean {
    const other = this.#other;
    return other !== null && other.#training !== null && other.stepsTaken < this.stepsTaken;
  }

  /** Takes one step, if there is one to take, and does what is due after it. */
  async #advance(run: EngineRun, limit: number | null): Promise<Outcome> {
    const { settings, text } = this.#opened;
    await this.#interval.finish(run);
    const step = run.engine.step + 1;
    if (step > (limit ?? this.lastStep(step))) return limit === null ? 'finished' : 'limit';
    const now = settings.at(step);
    await run.use(now, step);
    const profiling = this.#profiling?.isOver ? null : this.#profiling;
    // A device that is lost meanwhile takes nothing of what is due along.
    const isDue = this.#interval.note(step, now);
    await run.step(text.trainingBatch(step), profiling);
    if (isDue) {
      // A step that was refused is known before anything is reported about it.
      if (!(await this.#settled(run))) return 'stopped';
      await this.#interval.finish(run);
    }
    return run.engine.nonFinite === null || (await this.#settled(run)) ? 'more' : 'stopped';
  }

  /** Waits for all steps; false when one was refused, which stops the run. */
  async #settled(run: EngineRun): Promise<boolean> {
    await run.drain();
    const refused = run.engine.nonFinite;
    if (refused === null) return true;
    const { step } = refused;
    const { settings, text } = this.#opened;
    const layer = await run.locateNonFinite(settings.at(step), text.trainingBatch(step));
    // The model stands after its last good step, from where it can go on.
    run.load({ ...(await run.readState()), step: step - 1 });
    const where = layer === null ? '' : `, first in layer ${layer}`;
    const message =
      `Step ${step}: the loss or the gradient norm is not finite${where}. The parameters are ` +
      `those after step ${step - 1}; the peak learning rate is ${settings.at(step).optimizer.lr}.`;
    this.#stop({ kind: 'nonFinite', step, layer, message });
    return false;
  }

  #ended(outcome: Outcome): void {
    if (outcome !== 'finished') this.setState('paused');
    else {
      this.#emit({ type: 'stopped', reason: { kind: 'finished', step: this.stepsTaken } });
      this.setState('finished');
    }
  }

  #fail(error: unknown): void {
    const kind = errorCode(error) === 'DeviceLost' ? 'deviceLost' : 'error';
    this.#stop({ kind, message: errorMessage(error) });
  }

  #stop(reason: StopReason): void {
    this.#emit({ type: 'stopped', reason });
    this.setState('failed');
  }
}
