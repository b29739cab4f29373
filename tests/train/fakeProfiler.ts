import type { Batch } from '../../src/data/types.ts';
import type { Engine, Profiler } from '../../src/train/engine/engine.ts';
import type { ProfileReport } from '../../src/train/profile/profileReport.ts';

/** Counts steps as the profiler of a real engine does; its times mean nothing. */
export class FakeProfiler implements Profiler {
  isDestroyed = false;
  readonly #engine: Engine;
  readonly #config: Engine['config'];
  readonly #firstStep: number;
  #taken = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#config = engine.config;
    this.#firstStep = engine.step + 1;
  }

  get steps(): number {
    return Math.floor(this.#taken / 2);
  }

  get isCurrent(): boolean {
    return this.#engine.config === this.#config;
  }

  async step(batch: Batch): Promise<void> {
    this.#engine.submitStep(batch);
    await this.#engine.settle(0);
    await new Promise((resolve) => setTimeout(resolve));
    if (this.isDestroyed) throw new DOMException('unmapped before it was read', 'AbortError');
    this.#taken += 1;
  }

  report(): ProfileReport {
    return {
      source: 'wallClock',
      steps: this.steps,
      firstStep: this.#firstStep,
      lastStep: this.#engine.step,
      resolutionMs: 0.1,
      invalid: 0,
      rows: [],
      experts: [],
      kernelMs: 0,
      wallMs: 1,
      timedWallMs: 1,
      gpuBusy: 0,
      dispatches: 1,
      submits: 1,
      buffers: [],
    };
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}
