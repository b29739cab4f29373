/** Conversions that are open, and what computes: one at a time, on a device that is guarded. */
import { FaultGuard } from '../../train/device/trainingDevice.ts';
import type { ConversionListener } from '../../train/ladimo/conversion.ts';
import { errorMessage, switchyardError } from '../../train/session/errors.ts';
import { createSerial } from '../../train/session/serial.ts';
import type { ConversionDeps } from './deps.ts';
import { ConversionWork } from './work.ts';

/** What a command that computes is given. */
export interface Place {
  deps: ConversionDeps;
  work: ConversionWork;
  signal: AbortSignal;
}

function stopped(): Error {
  return switchyardError('Cancelled', 'The work on the conversion was stopped.');
}

export class ConversionTurns {
  readonly #deps: ConversionDeps;
  readonly #tell: ConversionListener;
  readonly #inTurn = createSerial();
  /** The one that was opened last. */
  #work: ConversionWork | null = null;
  #abort: AbortController | null = null;
  /** The one that is worked on: nobody else has changed it then. */
  #working: ConversionWork | null = null;
  /** Times that everything was stopped. */
  #stops = 0;

  constructor(deps: ConversionDeps, tell: ConversionListener) {
    this.#deps = deps;
    this.#tell = tell;
  }

  /** Whether something computes. */
  get isWorking(): boolean {
    return this.#working !== null;
  }

  /** The conversion as it is stored, or as it is worked on. @throws RangeError for an unknown one */
  async open(id: string): Promise<ConversionWork> {
    if (this.#working?.state.id === id) return this.#working;
    const known = this.#work?.state.id === id ? this.#work : null;
    const store = await this.#deps.store();
    const record = await store.get(id);
    // Another tab may have gone on with it.
    if (known?.state.changedAt === record.state.changedAt) return known;
    const work = new ConversionWork({ deps: this.#deps, store, tell: this.#tell }, record);
    this.#work = work;
    return work;
  }

  /** Resolves when everything that was asked for before is over. */
  async stop(): Promise<void> {
    this.#stops += 1;
    this.#abort?.abort(stopped());
    await this.#inTurn(async () => undefined);
  }

  /**
   * Changes what is stored of a conversion while nobody works on it: what does here is stopped.
   * @throws ConfigInvalid where another tab works on it
   */
  async aside<T>(id: string, change: () => Promise<T>): Promise<T> {
    if (this.#working?.state.id === id) await this.stop();
    return this.#locked(id, () => {
      if (this.#work?.state.id === id) this.#work = null;
      return change();
    });
  }

  /** Runs what computes when its turn comes, on a device that is guarded. */
  compute<T>(id: string, body: (place: Place) => Promise<T>): Promise<T> {
    const stops = this.#stops;
    return this.#inTurn(async () => {
      if (stops !== this.#stops) throw stopped();
      const abort = new AbortController();
      this.#abort = abort;
      try {
        return await this.#alone(id, abort.signal, body);
      } finally {
        this.#abort = null;
      }
    });
  }

  async #locked<T>(id: string, body: () => Promise<T>): Promise<T> {
    const { locks } = this.#deps;
    if (!(await locks.hold(id)))
      throw switchyardError('ConfigInvalid', 'Another tab works on this conversion.');
    try {
      return await body();
    } finally {
      locks.release(id);
    }
  }

  #alone<T>(id: string, signal: AbortSignal, body: (place: Place) => Promise<T>): Promise<T> {
    return this.#locked(id, async () => {
      const work = await this.open(id);
      this.#working = work;
      // Why the work before it ended early.
      if (work.state.failure !== null) work.change({ failure: null });
      try {
        const device = await this.#deps.requestDevice();
        signal.throwIfAborted();
        return await new FaultGuard(device).watch(body({ deps: this.#deps, work, signal }));
      } catch (error) {
        if (!signal.aborted) work.change({ failure: errorMessage(error) });
        throw error;
      } finally {
        this.#working = null;
        await work.rest();
      }
    });
  }
}
