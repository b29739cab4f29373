import type { Engine } from '../engine/engine.ts';
import type { Emit } from '../session/events.ts';

/** Time between two reads: ten a second, so that training never depends on who watches. */
const READ_MS = 100;
/** Time over which the speed is averaged. */
const RATE_MS = 2000;

/**
 * Carries the engine's telemetry to `steps` events. A read runs beside training; it is waited for
 * only when the ring is about to overflow.
 */
export class TelemetryPump {
  readonly #engine: Engine;
  readonly #emit: Emit;
  readonly #tokensPerStep: number;
  #read: Promise<void> | null = null;
  /** What a read that nobody waited for failed with. */
  #failure: unknown = null;
  #lastRead = 0;
  #seen: number;
  #marks: { time: number; step: number }[] = [];

  constructor(engine: Engine, emit: Emit, tokensPerStep: number) {
    this.#engine = engine;
    this.#emit = emit;
    this.#tokensPerStep = tokensPerStep;
    this.#seen = engine.step;
  }

  /** Last step that was reported. */
  get seen(): number {
    return this.#seen;
  }

  /** To be called when training starts after a halt: the time of the halt counts for no speed. */
  restart(): void {
    this.#lastRead = performance.now();
    this.#marks = [{ time: this.#lastRead, step: this.#seen }];
  }

  /** Reads when it is time. Returns a promise only where training has to wait for it. */
  poll(): Promise<void> | undefined {
    if (this.#failure !== null) throw this.#failure;
    const behind = this.#engine.step - this.#seen;
    if (performance.now() - this.#lastRead >= READ_MS || behind * 2 >= this.#engine.ringSteps) {
      this.#start().catch((error: unknown) => {
        this.#failure = error;
      });
    }
    return behind * 4 >= this.#engine.ringSteps * 3 ? this.drain() : undefined;
  }

  /** Waits for all submitted steps and reports them. */
  async drain(): Promise<void> {
    await this.#engine.settle(0);
    await this.#read;
    let before = -1;
    while (this.#seen < this.#engine.step && this.#seen !== before) {
      before = this.#seen;
      await this.#start();
    }
  }

  #start(): Promise<void> {
    this.#read ??= this.#readOnce().finally(() => {
      this.#read = null;
    });
    return this.#read;
  }

  async #readOnce(): Promise<void> {
    this.#lastRead = performance.now();
    const records = await this.#engine.readTelemetry();
    if (records === null || records.n === 0) return;
    this.#seen = records.firstStep + records.n - 1;
    this.#emit({ type: 'steps', records, ...this.#rates() });
  }

  #rates(): { tokensPerSec: number; stepsPerSec: number } {
    const now = { time: performance.now(), step: this.#seen };
    this.#marks.push(now);
    while (this.#marks.length > 2 && now.time - this.#marks[1]!.time > RATE_MS) this.#marks.shift();
    const first = this.#marks[0]!;
    const seconds = (now.time - first.time) / 1000;
    const stepsPerSec = seconds > 0 ? (now.step - first.step) / seconds : 0;
    return { stepsPerSec, tokensPerSec: stepsPerSec * this.#tokensPerStep };
  }
}
