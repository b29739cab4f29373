import type { Experiment } from '../config/experiment.ts';
import type { PreparedText } from '../data/types.ts';
import { stateBytes } from './checkpoint.ts';
import type { EngineState } from './engine.ts';
import type { EngineRun } from './engineRun.ts';
import { errorCode } from './errors.ts';
import type { Emit } from './events.ts';
import { automaticSample } from './sampling.ts';
import { validationLoss } from './validation.ts';

export interface IntervalOptions {
  snapshotEvery: number;
  keep(state: EngineState): void;
  isHalting(): boolean;
}

type Task = (run: EngineRun, settings: Experiment) => Promise<void>;

/**
 * What is done every so many steps: validation, snapshots, samples. None of it touches what
 * training reads. Work that a halt or a lost device cut short is done before the next step.
 */
export class IntervalWork {
  readonly #text: PreparedText;
  readonly #emit: Emit;
  readonly #options: IntervalOptions;
  #waiting: Task[] = [];
  #settings: Experiment | null = null;

  constructor(text: PreparedText, emit: Emit, options: IntervalOptions) {
    this.#text = text;
    this.#emit = emit;
    this.#options = options;
  }

  /** Forgets work that waits. */
  reset(): void {
    this.#waiting = [];
  }

  isDue(step: number, settings: Experiment): boolean {
    return this.#due(step, settings).length > 0;
  }

  /** Does what is due after the step just taken, under that step's settings. */
  async begin(run: EngineRun, settings: Experiment): Promise<void> {
    this.#waiting = this.#due(run.engine.step, settings);
    this.#settings = settings;
    await this.finish(run);
  }

  /** Does what still waits; a halt leaves the rest for later. */
  async finish(run: EngineRun): Promise<void> {
    for (let task = this.#waiting[0]; task !== undefined; task = this.#waiting[0]) {
      if (this.#settings === null) return;
      try {
        await task(run, this.#settings);
      } catch (error) {
        if (errorCode(error) === 'Cancelled') return;
        throw error;
      }
      this.#waiting.shift();
    }
  }

  #due(step: number, { evaluation }: Experiment): Task[] {
    const isTime = (every: number) => every > 0 && step % every === 0;
    const tasks: Task[] = [];
    if (isTime(evaluation.every)) tasks.push(this.#validate);
    if (isTime(this.#options.snapshotEvery)) tasks.push(this.#snapshot);
    if (isTime(evaluation.sampleEvery)) tasks.push(this.#sample);
    return tasks;
  }

  readonly #validate: Task = async (run, { evaluation }) => {
    const { step } = run.engine;
    const loss = await run.watch(validationLoss(run.engine, this.#text, evaluation));
    this.#emit({ type: 'validation', step, ...loss });
  };

  readonly #snapshot: Task = async (run) => {
    const state = await run.readState();
    this.#options.keep(state);
    this.#emit({ type: 'checkpoint', step: state.step, bytes: stateBytes(state) });
  };

  readonly #sample: Task = async (run, { evaluation, seeds }) => {
    const { temperature, sampleTokens } = evaluation;
    const wanted = { seed: seeds.data, tokens: sampleTokens, temperature };
    const sample = await run.watch(
      automaticSample(run.engine, this.#text, wanted, this.#options.isHalting),
    );
    this.#emit({ type: 'sample', sample });
  };
}
