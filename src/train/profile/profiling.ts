import type { Batch } from '../../data/types.ts';
import type { Engine, Profiler } from '../engine/engine.ts';
import { switchyardError } from '../session/errors.ts';
import type { ProfileReport } from './profileReport.ts';

/** Most steps that one profile times. */
export const MAX_PROFILE_STEPS = 1000;

/**
 * A profile that a session was asked for: it takes the session's steps, on whatever engine they
 * come, until enough of one model are timed. Another engine or other plans begin it anew.
 */
export class Profiling {
  /** Resolves with what was timed, also where it was stopped early; rejects where nothing was. */
  readonly result: Promise<ProfileReport>;
  readonly #steps: number;
  #settle: { resolve(report: ProfileReport): void; reject(error: unknown): void } = {
    resolve: () => undefined,
    reject: () => undefined,
  };
  #on: { engine: Engine; profiler: Profiler } | null = null;
  /** That of the step under way, whose buffers are still read. */
  #timing: Profiler | null = null;
  readonly #over = new AbortController();

  /** @throws ConfigInvalid for a number of steps that is no whole number from 1 to 1000 */
  constructor(steps: number) {
    if (!Number.isInteger(steps) || steps < 1 || steps > MAX_PROFILE_STEPS)
      throw switchyardError(
        'ConfigInvalid',
        `${steps} steps cannot be profiled; 1 … ${MAX_PROFILE_STEPS} can.`,
      );
    this.#steps = steps;
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever asked hears of it; where nobody did, a stopped profile is no error.
    this.result.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** Aborted once it is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Steps that it takes, the ordinary ones between those timed among them. */
  get stepsToTake(): number {
    return 2 * this.#steps;
  }

  /** Takes one training step and waits until it is done. */
  async step(engine: Engine, batch: Batch): Promise<void> {
    const profiler = await this.#profilerOf(engine);
    this.#timing = profiler;
    try {
      await profiler.step(batch);
    } finally {
      this.#timing = null;
      // It may have been stopped meanwhile, or while the profiler was on its way.
      if (this.isOver) profiler.destroy();
    }
    if (profiler.steps >= this.#steps) this.stop();
  }

  async #profilerOf(engine: Engine): Promise<Profiler> {
    if (this.#on?.engine === engine && this.#on.profiler.isCurrent) return this.#on.profiler;
    this.#on?.profiler.destroy();
    this.#on = null;
    const profiler = await engine.profiler();
    if (!this.isOver) this.#on = { engine, profiler };
    return profiler;
  }

  /** Ends it with what was timed so far. */
  stop(): void {
    if (this.isOver) return;
    const nothing = switchyardError('Cancelled', 'The profile ended before a step was timed.');
    this.#over.abort(nothing);
    const profiler = this.#on?.profiler;
    if (profiler && profiler.steps > 0) this.#settle.resolve(profiler.report());
    else this.#settle.reject(nothing);
    if (profiler !== this.#timing) profiler?.destroy();
    this.#on = null;
  }
}
