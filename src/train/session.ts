import { experimentAtStep } from '../config/edit.ts';
import type { Change, Experiment } from '../config/experiment.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import type { EngineRun } from './engineRun.ts';
import { errorCode, errorMessage, switchyardError } from './errors.ts';
import type { Emit, RunState, Sample, SampleRequest, SessionReport, StopReason } from './events.ts';
import { forked } from './fork.ts';
import { giveWay } from './giveWay.ts';
import { ANSWERS, type InspectionKind, type Inspections } from './inspections.ts';
import { IntervalWork } from './intervalWork.ts';
import { acceptedChange, checkInTime } from './liveSettings.ts';
import { type OpenedRun, type OpenOptions, openRun, type SessionDeps } from './openRun.ts';
import type { SessionProfile } from './profileReport.ts';
import { Profiling } from './profiling.ts';
import { Recovery } from './recovery.ts';
import { sampleText } from './sampling.ts';
import { createSerial } from './serial.ts';
import { validationLoss } from './validation.ts';

export interface SessionOptions extends OpenOptions {
  /** Steps between two snapshots, from which a run goes on after a lost device; 0 = none. */
  snapshotEvery?: number;
}

const SNAPSHOT_EVERY = 200;

/** How a stretch of training ended. */
type Outcome = 'more' | 'finished' | 'limit' | 'stopped';

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
  const { emit, state = null, snapshotEvery = SNAPSHOT_EVERY } = options;
  const session = new Session(opened, new Recovery(deps, opened, state, emit), emit, snapshotEvery);
  const step = state?.step ?? 0;
  emit({ type: 'state', state: step > 0 ? 'paused' : 'ready', step });
  return session;
}

/**
 * One run of an experiment: takes steps, applies and records live changes at step boundaries, and
 * reports through events. Commands take turns with training at step boundaries.
 */
export class Session {
  readonly report: SessionReport;
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

  constructor(opened: OpenedRun, recovery: Recovery, emit: Emit, snapshotEvery: number) {
    this.#opened = opened;
    this.#recovery = recovery;
    this.#emit = emit;
    this.report = opened.report;
    this.#state = recovery.run.engine.step > 0 ? 'paused' : 'ready';
    this.#interval = new IntervalWork(opened.text, emit, {
      snapshotEvery,
      keep: (state) => recovery.keep(state),
      isHalting: () => this.#isHalting,
    });
  }

  get state(): RunState {
    return this.#state;
  }

  /** Steps submitted so far. */
  get stepsTaken(): number {
    return this.#recovery.run.engine.step;
  }

  /** The start's settings with all events so far: what a link holds. */
  get experiment(): Experiment {
    return this.#opened.settings.experiment;
  }

  /** Trains on until the run's last step, or `pause`. Resolves when training has begun. */
  async start(): Promise<void> {
    this.#launch(null);
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
    this.#launch(step);
    await this.#training;
  }

  /** Trains exactly one step. */
  async step(): Promise<void> {
    await this.pause();
    this.#checkedLastStep();
    await this.runTo(this.stepsTaken + 1);
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
    if (this.#training === null) this.#checkedLastStep();
    this.#profiling = profiling;
    try {
      const speed = await this.#onEngine(async (run) => {
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
    this.#launch(Math.min(this.#checkedLastStep(), this.stepsTaken + stepsToTake));
  }

  /** Ends a profile with what was timed; training goes on where it was asked for. */
  async stopProfile(): Promise<void> {
    this.#profiling?.stop();
    if (this.#trainsForProfile) await this.pause();
  }

  /** Resolves when no step is unfinished and all telemetry is reported. */
  async pause(): Promise<void> {
    this.#isHalting = true;
    await this.#training;
    this.#isHalting = this.#isDisposed;
  }

  /** Back to step 0 with the same seeds; the events are cleared. */
  async reset(): Promise<void> {
    await this.pause();
    await this.#turn(async () => {
      this.#opened.settings.clearEvents();
      await this.#recovery.restart();
      this.#interval.reset();
      this.#setState('ready');
    });
  }

  /**
   * Makes a change before the next step and records it as an event; returns that step.
   * @throws ConfigInvalid for a path that is not live, a value out of range, a broken rule, or a
   *   change of training alone where no step is left to train
   */
  change(change: Change): Promise<number> {
    return this.#onEngine(async (run) => {
      const { settings } = this.#opened;
      const step = run.engine.step + 1;
      const before = settings.at(step);
      const accepted = acceptedChange(before, change);
      const experiment = settings.with(step, accepted);
      const after = experimentAtStep(experiment, step);
      checkInTime(step, Math.max(this.#lastStep(step), this.#lastStep(step, after)), accepted);
      await run.use(before, step);
      try {
        await run.use(after, step);
      } catch (error) {
        if (errorCode(error) !== null) throw error;
        await run.use(before, step);
        throw switchyardError('ConfigInvalid', errorMessage(error), error);
      }
      settings.record(experiment);
      this.#emit({ type: 'changed', step, change: accepted, experiment });
      if (this.#state === 'finished' && step <= this.#lastStep(step)) this.#setState('paused');
      return step;
    });
  }

  /** Validation loss at the current parameters, in nats. */
  evaluate(): Promise<number> {
    return this.#onEngine(async (run) => {
      const { step } = run.engine;
      const { evaluation } = this.#opened.settings.at(step + 1);
      const loss = await run.watch(validationLoss(run.engine, this.#opened.text, evaluation));
      this.#emit({ type: 'validation', step, ...loss });
      return loss.ce;
    });
  }

  sample(request: SampleRequest): Promise<Sample> {
    return this.#onEngine(async (run) => {
      const isCancelled = () => this.#isDisposed;
      const { capacity } = this.#opened.settings.at(run.engine.step + 1).evaluation;
      const sample = await run.watch(
        sampleText(run.engine, this.#opened.text, { ...request, capacity }, isCancelled),
      );
      this.#emit({ type: 'sample', sample });
      return sample;
    });
  }

  /** Answers a question to the model (inspections.ts). */
  inspect<K extends InspectionKind>(
    kind: K,
    ask: Inspections[K]['ask'],
  ): Promise<Inspections[K]['answer']> {
    return this.#onEngine(async (run) => {
      const step = run.engine.step + 1;
      await run.use(this.#opened.settings.at(step), step);
      const batch = this.#opened.text.trainingBatch(step);
      return run.watch(ANSWERS[kind]({ engine: run.engine, step, batch }, ask));
    });
  }

  /** The run as safetensors; the last snapshot where the device is lost for good. */
  async checkpoint(): Promise<Uint8Array> {
    const { experiment } = this;
    try {
      return await this.#onEngine(async (run) => {
        await run.drain();
        return encodeCheckpoint({ experiment, state: await run.readState() });
      });
    } catch (error) {
      const state = this.#recovery.snapshot;
      if (errorCode(error) !== 'DeviceLost' || state === null) throw error;
      return encodeCheckpoint({ experiment, state });
    }
  }

  /**
   * A checkpoint of a run of its own that starts here with a change that a running model cannot
   * take. The model goes on where the change leaves its parameters as they are; else it starts anew.
   * @throws ConfigInvalid for a value out of range, or a broken rule
   */
  fork(change: Change): Promise<Uint8Array> {
    return this.#onEngine(async (run) => {
      await run.drain();
      const { step } = run.engine;
      const now = { ...this.#opened.settings.at(step + 1), events: [] };
      return encodeCheckpoint(forked(now, change, await run.readState()));
    });
  }

  /** Ends the run and frees the GPU's memory; every later command is refused. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.pause();
    await this.#takeTurn(async () => this.#recovery.run.close());
  }

  /** Last step under the settings of `step`, or where the data's epochs are over. */
  #lastStep(step: number, settings = this.#opened.settings.at(step)): number {
    const { lastStep } = this.#opened.text;
    return Math.min(settings.optimizer.totalSteps, lastStep ?? Number.POSITIVE_INFINITY);
  }

  /** @throws ConfigInvalid where no step is left to take */
  #checkedLastStep(): number {
    const next = this.stepsTaken + 1;
    const last = this.#lastStep(next);
    if (next > last)
      throw switchyardError('ConfigInvalid', `Step ${next} is beyond the last step, ${last}.`);
    return last;
  }

  #setState(state: RunState): void {
    this.#state = state;
    this.#emit({ type: 'state', state, step: this.stepsTaken });
  }

  #turn<T>(task: () => Promise<T>): Promise<T> {
    return this.#takeTurn(async () => {
      if (this.#isDisposed) throw switchyardError('Cancelled', 'The run was closed.');
      return task();
    });
  }

  #onEngine<T>(task: (run: EngineRun) => Promise<T>): Promise<T> {
    return this.#turn(() => this.#recovery.attempt(task));
  }

  #launch(limit: number | null): void {
    if (this.#isDisposed) throw switchyardError('Cancelled', 'The run was closed.');
    if (this.#training !== null) return;
    if (this.#state === 'failed') this.#recovery.forgive();
    this.#setState('running');
    this.#training = this.#train(limit).finally(() => {
      this.#training = null;
      this.#profiling?.stop();
      this.#trainsForProfile = false;
    });
  }

  async #train(limit: number | null): Promise<void> {
    try {
      this.#recovery.run.startClock();
      let outcome: Outcome = 'more';
      while (outcome === 'more' && !this.#isHalting) {
        outcome = await this.#onEngine((run) => this.#advance(run, limit));
        await giveWay();
      }
      if (this.#isDisposed || outcome === 'stopped') return;
      if (await this.#onEngine((run) => this.#settled(run))) this.#ended(outcome);
    } catch (error) {
      if (!this.#isDisposed) this.#fail(error);
    }
  }

  /** Takes one step, if there is one to take, and does what is due after it. */
  async #advance(run: EngineRun, limit: number | null): Promise<Outcome> {
    const { settings, text } = this.#opened;
    await this.#interval.finish(run);
    const step = run.engine.step + 1;
    if (step > (limit ?? this.#lastStep(step))) return limit === null ? 'finished' : 'limit';
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
    if (outcome !== 'finished') this.#setState('paused');
    else {
      this.#emit({ type: 'stopped', reason: { kind: 'finished', step: this.stepsTaken } });
      this.#setState('finished');
    }
  }

  #fail(error: unknown): void {
    const kind = errorCode(error) === 'DeviceLost' ? 'deviceLost' : 'error';
    this.#stop({ kind, message: errorMessage(error) });
  }

  #stop(reason: StopReason): void {
    this.#emit({ type: 'stopped', reason });
    this.#setState('failed');
  }
}
