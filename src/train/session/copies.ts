/** What a run hands out of itself: its state, a checkpoint, or what a fork begins with. */
import type { Change } from '../../config/experiment.ts';
import type { EngineState } from '../engine/engine.ts';
import { errorCode } from './errors.ts';
import type { OpenedRun } from './openRun.ts';
import type { Parent } from './recording.ts';
import type { Recovery } from './recovery.ts';
import type { TrainingLoop } from './trainingLoop.ts';

const parentOf = (id: string | undefined, step: number): Parent | null =>
  id === undefined ? null : { id, step };

/** Copies of a run, each taken between two steps (session.ts says what they promise). */
export class Copies {
  readonly #opened: OpenedRun;
  readonly #recovery: Recovery;
  readonly #loop: TrainingLoop;

  constructor(opened: OpenedRun, recovery: Recovery, loop: TrainingLoop) {
    this.#opened = opened;
    this.#recovery = recovery;
    this.#loop = loop;
  }

  state(isKept: boolean): Promise<EngineState> {
    return this.#loop.onEngine(async (run) => {
      await run.drain();
      const state = await run.readState();
      if (isKept) this.#recovery.keep(state);
      return state;
    });
  }

  async checkpoint(id?: string): Promise<Uint8Array> {
    const encode = async (state: EngineState) => {
      const { experiment } = this.#opened.settings;
      const { encodeCheckpoint } = await import('./checkpoint.ts');
      return encodeCheckpoint({ experiment, state, parent: parentOf(id, state.step) });
    };
    try {
      return await this.#loop.onEngine(async (run) => {
        await run.drain();
        return encode(await run.readState());
      });
    } catch (error) {
      const state = this.#recovery.snapshot;
      if (errorCode(error) !== 'DeviceLost' || state === null) throw error;
      return encode(state);
    }
  }

  fork(change: Change, id?: string): Promise<Uint8Array> {
    return this.#loop.onEngine(async (run) => {
      await run.drain();
      const { step } = run.engine;
      const now = { ...this.#opened.settings.at(step + 1), events: [] };
      const parent = parentOf(id, step);
      const { encodeCheckpoint } = await import('./checkpoint.ts');
      const { forked } = await import('./fork.ts');
      return encodeCheckpoint({ ...forked(now, change, await run.readState()), parent });
    });
  }
}
