import { engineConfig, sameValue } from '../../config/edit.ts';
import type { EngineConfig, Experiment } from '../../config/experiment.ts';
import { type SurgeryEvent, settingsOfState, surgeryEvents } from '../../config/surgeryHistory.ts';
import type { Batch, PreparedText } from '../../data/types.ts';
import { FaultGuard, type TrainingDevice } from '../device/trainingDevice.ts';
import type { Engine, EngineState } from '../engine/engine.ts';
import { checkFits } from '../engine/fits.ts';
import { IN_FLIGHT } from '../engine/stepQueue.ts';
import type { Profiling } from '../profile/profiling.ts';
import { TelemetryPump } from '../telemetry/telemetryPump.ts';
import type { Emit } from './events.ts';
import { checkState } from './modelState.ts';

/** From this duration of a step on, seeing it soon is worth more than never pausing the GPU. */
const SLOW_MS = 100;

/** Settings under which a state stands; of the model's start for null. */
export function settingsOf(experiment: Experiment, state: EngineState | null): Experiment {
  return settingsOfState(experiment, state?.step ?? 0, state?.surgeries?.length ?? 0);
}

/** One engine on one device with its telemetry. Everything that waits fails when the device does. */
export class EngineRun {
  readonly device: TrainingDevice;
  readonly engine: Engine;
  readonly #faults: FaultGuard;
  readonly #emit: Emit;
  readonly #vocabulary: number;
  readonly #domains: number;
  #config: EngineConfig;
  /** Settings that were looked at last: the same object needs no second look. */
  #settings: Experiment | null = null;
  #pump: TelemetryPump;
  #isReplaying = false;
  #lastStepMs = Number.POSITIVE_INFINITY;

  private constructor(
    device: TrainingDevice,
    engine: Engine,
    faults: FaultGuard,
    text: PreparedText,
    emit: Emit,
  ) {
    this.device = device;
    this.engine = engine;
    this.#faults = faults;
    this.#vocabulary = text.tokenizer.size;
    this.#domains = text.domains.length;
    this.#config = engine.config;
    this.#emit = emit;
    this.#pump = this.#newPump();
  }

  /**
   * Builds the engine for the settings of the first step to come.
   * @param state where training goes on; null for a new model
   */
  static async open(
    device: TrainingDevice,
    settings: Experiment,
    text: PreparedText,
    state: EngineState | null,
    emit: Emit,
  ): Promise<EngineRun> {
    const config = engineConfig(settings, text.tokenizer.size);
    await checkFits(config, text.domains.length, device.adapter);
    if (state !== null) checkState(state, config);
    const faults = new FaultGuard(device);
    const engine = await faults.watch(
      device.createEngine(config, {
        domains: text.domains.length,
        initStd: settings.initStd,
        seedInit: settings.seeds.init,
        onProgress: (stage, done, total) => emit({ type: 'progress', stage, done, total }),
      }),
    );
    const run = new EngineRun(device, engine, faults, text, emit);
    try {
      if (state !== null) run.load(state);
      return run;
    } catch (error) {
      run.close();
      throw error;
    }
  }

  /** Last step whose telemetry was reported. */
  get reported(): number {
    return this.#pump.seen;
  }

  /** Rejects as soon as the device is at fault. */
  watch<T>(answer: Promise<T>): Promise<T> {
    return this.#faults.watch(answer);
  }

  /**
   * Makes the engine follow the settings in force at a step, by the surgeries that are to be done
   * before it and then by the numbers; does nothing where they mean the same to it, or where a step
   * was refused: the engine then keeps the settings of that step.
   * @throws ModelTooLarge where the device cannot hold what they ask for; the engine stays as it was
   */
  async use(settings: Experiment, step: number): Promise<void> {
    if (settings === this.#settings) return;
    const config = engineConfig(settings, this.#vocabulary);
    const due = surgeryEvents(settings, step).slice(this.engine.surgeries);
    if (due.length === 0 && this.engine.rewrite(config)) this.#config = config;
    else if (due.length > 0 || !sameValue(config, this.#config)) {
      const next = due.map((event) => engineConfig(event.settings, this.#vocabulary));
      for (const one of [...next, config]) await checkFits(one, this.#domains, this.device.adapter);
      await this.drain();
      if (this.engine.nonFinite !== null) return;
      for (const event of due) await this.#operate(event);
      if (!sameValue(config, this.#config)) await this.#reconfigure(config, step);
      this.#config = config;
    }
    this.#settings = settings;
  }

  /** First layer with a value that is not finite, for the batch of a step that was refused. */
  async locateNonFinite(settings: Experiment, batch: Batch): Promise<number | null> {
    const { locateNonFinite } = await import('../engine/inspect.ts');
    // Steps behind the refused one may have brought other numbers.
    this.engine.rewrite(engineConfig(settings, this.#vocabulary));
    return this.watch(locateNonFinite(this.engine, batch));
  }

  async #reconfigure(config: EngineConfig, step: number): Promise<void> {
    const before = this.engine.layers;
    await this.watch(this.engine.reconfigure(config));
    // Another number of ranks is another space, though its slots stay.
    if (!this.#isReplaying && !sameValue(this.engine.layers, before)) this.reportModel(step);
  }

  async #operate(event: SurgeryEvent): Promise<void> {
    const config = engineConfig(event.settings, this.#vocabulary);
    await this.watch(this.engine.operate(config, event));
    this.#config = config;
    if (!this.#isReplaying) this.reportModel(event.step);
  }

  /** Reports the model that takes `step`. */
  reportModel(step: number): void {
    const { parameterCount: parameters, gpuBytes, layers } = this.engine;
    const spaces = layers.map((space) => ({ ...space }));
    this.#emit({ type: 'model', step, model: { parameters, gpuBytes, layers: spaces } });
  }

  /**
   * Submits one step, and waits until few enough are unfinished.
   * @param profiling times it
   */
  async step(batch: Batch, profiling: Profiling | null = null): Promise<void> {
    const start = performance.now();
    if (profiling !== null) await this.watch(profiling.step(this.engine, batch));
    else {
      this.engine.submitStep(batch);
      await this.watch(this.engine.settle(this.#lastStepMs > SLOW_MS ? 0 : IN_FLIGHT));
    }
    this.#lastStepMs = performance.now() - start;
    const wait = this.#pump.poll();
    if (wait !== undefined) await this.watch(wait);
  }

  /** Waits for all steps and their telemetry. */
  drain(): Promise<void> {
    return this.watch(this.#pump.drain());
  }

  startClock(): void {
    this.#pump.restart();
  }

  readState(): Promise<EngineState> {
    return this.watch(this.engine.readState());
  }

  /** Goes on from a state; steps not reported so far are forgotten. */
  load(state: EngineState): void {
    this.engine.loadState(state);
    this.#pump = this.#newPump();
  }

  /** Trains steps again that were reported before; nothing of them is reported a second time. */
  async replay(step: number, next: (step: number) => Promise<Batch>): Promise<void> {
    const first = this.engine.step + 1;
    this.#isReplaying = true;
    this.#pump = this.#newPump(() => undefined);
    for (let at = first; at <= step; at++) {
      await this.step(await next(at));
      if (at % 10 === 0 || at === step)
        this.#emit({
          type: 'progress',
          stage: 'replay',
          done: at - first + 1,
          total: step - first + 1,
        });
    }
    await this.drain();
    this.#pump = this.#newPump();
    this.#isReplaying = false;
  }

  close(): void {
    this.engine.destroy();
  }

  #newPump(emit: Emit = this.#emit): TelemetryPump {
    const { B, S } = this.engine.config.batch;
    return new TelemetryPump(this.engine, emit, B * S);
  }
}
