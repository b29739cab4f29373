import { figuresEvery } from '../../analysis/overTime.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { PreparedText } from '../../data/types.ts';
import type { EngineState } from '../engine/engine.ts';
import type { EngineRun } from './engineRun.ts';
import { errorCode } from './errors.ts';
import type { Emit } from './events.ts';
import type { Followed, Following } from './following.ts';
import { stateBytes } from './modelState.ts';
import type { Moment } from './recording.ts';
import { validationLoss } from './validation.ts';

export interface IntervalOptions {
  snapshotEvery: number;
  /** @param readMs what reading it took */
  keep(state: EngineState, readMs: number): void;
  /** Whether somebody wants the state at a moment, whatever the step. */
  wantsState(moment: Moment): boolean;
  isHalting(): boolean;
  /** What the last row of figures saw of a run that goes on; none when absent. */
  followed?: Followed | null | undefined;
}

type Task = (run: EngineRun, settings: Experiment) => Promise<void>;

/** What is to be done after a step, under that step's settings. */
interface Due {
  step: number;
  settings: Experiment;
  tasks: Task[];
}

/**
 * What is done every so many steps: validation, figures, snapshots, samples. None of it touches what
 * training reads. Work that a halt or a lost device cut short is done before the next step.
 */
export class IntervalWork {
  readonly #text: PreparedText;
  readonly #emit: Emit;
  readonly #options: IntervalOptions;
  /** Comes with the first row. */
  #following: Following | null = null;
  #followed: Followed | null;
  #due: Due | null = null;

  constructor(text: PreparedText, emit: Emit, options: IntervalOptions) {
    this.#text = text;
    this.#emit = emit;
    this.#options = options;
    this.#followed = options.followed ?? null;
  }

  /** What the last row of figures saw; null before the first. */
  get followed(): Followed | null {
    return this.#following?.last ?? this.#followed;
  }

  /** Forgets work that waits, and the steps before. */
  reset(): void {
    this.#due = null;
    this.#following = null;
    this.#followed = null;
  }

  /** Notes what is due after a step that is about to be taken; false where that is nothing. */
  note(step: number, settings: Experiment): boolean {
    const tasks = this.#tasksAt(step, settings);
    this.#due = { step, settings, tasks };
    return tasks.length > 0;
  }

  /** Does what still waits for the last step taken; a halt leaves the rest for later. */
  async finish(run: EngineRun): Promise<void> {
    const due = this.#due;
    // After a lost device that step may have to be taken again first.
    if (due === null || run.engine.step < due.step) return;
    for (let task = due.tasks[0]; task !== undefined; task = due.tasks[0]) {
      try {
        await task(run, due.settings);
      } catch (error) {
        if (errorCode(error) === 'Cancelled') return;
        throw error;
      }
      due.tasks.shift();
    }
  }

  /** Reads the state at the end of training, for now or of the run, where somebody wants it. */
  async halt(run: EngineRun, moment: 'halt' | 'end'): Promise<void> {
    if (this.#options.wantsState(moment)) await this.#keepState(run);
  }

  #tasksAt(step: number, { evaluation }: Experiment): Task[] {
    const isTime = (every: number) => every > 0 && step % every === 0;
    const tasks: Task[] = [];
    if (isTime(evaluation.every)) tasks.push(this.#validate);
    if (isTime(figuresEvery(evaluation.every))) tasks.push(this.#follow);
    if (isTime(this.#options.snapshotEvery) || this.#options.wantsState('step'))
      tasks.push(this.#snapshot);
    if (isTime(evaluation.sampleEvery)) tasks.push(this.#sample);
    return tasks;
  }

  readonly #validate: Task = async (run, { evaluation }) => {
    const { step } = run.engine;
    const loss = await run.watch(validationLoss(run.engine, this.#text, evaluation));
    this.#emit({ type: 'validation', step, ...loss });
  };

  readonly #follow: Task = async (run, settings) => {
    if (run.engine.layers.length === 0) return;
    // Where its code cannot be loaded any more, the run trains on without.
    const code = await import('./following.ts').catch(() => null);
    if (code === null) return;
    this.#following ??= new code.Following(this.#text, this.#followed);
    const figures = await this.#following.row(run, settings);
    if (figures !== null) this.#emit({ type: 'figures', figures });
  };

  readonly #snapshot: Task = async (run) => {
    const state = await this.#keepState(run);
    this.#emit({ type: 'checkpoint', step: state.step, bytes: stateBytes(state) });
  };

  async #keepState(run: EngineRun): Promise<EngineState> {
    const begun = performance.now();
    const state = await run.readState();
    this.#options.keep(state, performance.now() - begun);
    return state;
  }

  readonly #sample: Task = async (run, { evaluation, seeds }) => {
    const { temperature, sampleTokens: tokens, capacity } = evaluation;
    const wanted = { seed: seeds.data, tokens, temperature, capacity };
    const { automaticSample } = await import('./writing.ts');
    const sample = await run.watch(
      automaticSample(run.engine, this.#text, wanted, this.#options.isHalting),
    );
    this.#emit({ type: 'sample', sample });
  };
}
