import type { EngineState } from '../engine/engine.ts';
import { EngineRun, settingsOf } from './engineRun.ts';
import type { Emit } from './events.ts';
import { checkLoss, LossGuard } from './lossGuard.ts';
import { initialState, standing } from './modelState.ts';
import type { OpenedRun, SessionDeps } from './openRun.ts';

/**
 * Keeps a run alive over lost devices: a new device and engine from the last snapshot, and the
 * steps since then once more, which gives bit for bit what was there.
 */
export class Recovery {
  readonly #deps: SessionDeps;
  readonly #opened: OpenedRun;
  readonly #emit: Emit;
  #run: EngineRun;
  #snapshot: EngineState | null;
  #isLost = false;
  /** Last step that was reported before the device was lost: training goes on after it. */
  #target = 0;
  readonly #losses = new LossGuard();

  constructor(deps: SessionDeps, opened: OpenedRun, snapshot: EngineState | null, emit: Emit) {
    this.#deps = deps;
    this.#opened = opened;
    this.#emit = emit;
    this.#run = opened.run;
    this.#snapshot = snapshot;
  }

  get run(): EngineRun {
    return this.#run;
  }

  /** The state that a lost run would go on from; null for the model's start. */
  get snapshot(): EngineState | null {
    return this.#snapshot;
  }

  keep(state: EngineState | null): void {
    this.#snapshot = state;
  }

  /** Gives a run that was given up another chance. */
  forgive(): void {
    this.#losses.forgive();
  }

  /**
   * Runs a task on the engine, again after a device that was lost meanwhile.
   * @throws DeviceLost when devices are lost again and again, or there is no other
   */
  async attempt<T>(task: (run: EngineRun) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        if (this.#isLost) await this.#rebuild();
        return await task(this.#run);
      } catch (error) {
        await this.#noteLoss(error);
      }
    }
  }

  /** Returns after a loss that may be recovered from; throws everything else. */
  async #noteLoss(error: unknown): Promise<void> {
    await checkLoss(error, this.#run.device);
    if (!this.#isLost) this.#target = this.#run.reported;
    this.#isLost = true;
    this.#losses.count(this.#target, error);
  }

  async #rebuild(): Promise<void> {
    const { text, settings } = this.#opened;
    this.#run.close();
    const device = await this.#deps.requestDevice();
    const { experiment } = settings;
    const state = this.#snapshot && standing(experiment, this.#snapshot);
    const first = settingsOf(experiment, state);
    this.#run = await EngineRun.open(device, first, text, state, this.#emit);
    await this.#run.replay(this.#target, async (step) => {
      await this.#run.use(settings.at(step), step);
      return text.trainingBatch(step);
    });
    this.#isLost = false;
  }

  /** Back to the model before its first step. */
  async restart(): Promise<void> {
    this.forgive();
    this.#snapshot = null;
    if (this.#isLost) {
      this.#target = 0;
      await this.attempt(async () => undefined);
      return;
    }
    const { text } = this.#opened;
    const settings = this.#opened.settings.at(1);
    await this.attempt(async (run) => {
      if (run.engine.surgeries > 0) {
        // The parameters have other shapes than those to start with.
        run.close();
        this.#run = await EngineRun.open(run.device, settings, text, null, this.#emit);
        this.#run.reportModel(1);
        return;
      }
      await run.use(settings, 1);
      run.load(initialState(run.engine.config, settings.initStd, settings.seeds.init));
    });
  }
}
