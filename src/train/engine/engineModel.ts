import { keptHistories } from '../../config/countHistory.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import type { GpuMemory } from '../../gpu/memory.ts';
import { TelemetryReader } from '../telemetry/telemetryReader.ts';
import type { SurgeryOrder, SurgeryRecord } from './engine.ts';
import { modelSignature, stateSignature } from './engineShape.ts';
import { moveHistories, withHistories, writeInitialWeights } from './engineState.ts';
import {
  type Built,
  buildPasses,
  destroyShared,
  destroyUnshared,
  type GpuEngineOptions,
  makeShared,
  type Passes,
  type Shared,
} from './gpuPasses.ts';

/** The parameters with the states that a configuration has; the same buffers where it has the same. */
async function withStates(before: Shared, now: EngineConfig, after: EngineConfig): Promise<Shared> {
  if (stateSignature(after) === stateSignature(now)) return withHistories(before, now, after);
  const { restated } = await import('./surgery.ts');
  const shared = await restated(before, after);
  await moveHistories(before.histories, shared.histories, keptHistories(now, after));
  return shared;
}

/** What an engine computes with: parameters, the passes over them, and what reads their telemetry. */
export class EngineModel {
  config: EngineConfig;
  shared: Shared;
  passes: Passes;
  reader: TelemetryReader;
  /** Of the surgeries so far, the last ones with what they removed. */
  records: readonly (SurgeryRecord | null)[] = [];
  readonly #options: GpuEngineOptions;

  private constructor(
    config: EngineConfig,
    options: GpuEngineOptions,
    shared: Shared,
    { passes, ring, telemetry }: Built,
  ) {
    this.config = config;
    this.#options = options;
    this.shared = shared;
    this.passes = passes;
    this.reader = new TelemetryReader(passes.memory, ring, telemetry, 0);
  }

  /** At its start. */
  static async create(
    device: GPUDevice,
    config: EngineConfig,
    options: GpuEngineOptions,
  ): Promise<EngineModel> {
    const shared = await makeShared(device, config);
    let built: Built | null = null;
    try {
      built = await buildPasses(shared, config, options, true);
      const model = new EngineModel(config, options, shared, built);
      writeInitialWeights(shared, config, options);
      return model;
    } catch (error) {
      built?.passes.memory.destroy();
      destroyShared(shared);
      throw error;
    }
  }

  /**
   * Makes the passes of another configuration over the same parameters.
   * @param step steps taken so far; none is unfinished
   * @throws Error for a configuration with other parameters
   */
  async reconfigure(config: EngineConfig, step: number): Promise<void> {
    if (modelSignature(config) !== modelSignature(this.config))
      throw new Error('engine: this change alters the parameters and needs a new model');
    const before = this.shared;
    const shared = await withStates(before, this.config, config);
    try {
      const built = await buildPasses(shared, config, this.#options, true);
      this.shared = shared;
      this.#adopt(config, built, step);
    } finally {
      destroyUnshared(this.shared === before ? shared : before, this.shared);
    }
  }

  /** Goes on with the model after a surgery. Its parameters are those of `reconfigure`. */
  async operate(config: EngineConfig, order: SurgeryOrder, step: number): Promise<void> {
    const { operate } = await import('./surgery.ts');
    const { after, built } = await operate(this, config, order, this.#options);
    const before = this.shared;
    this.shared = after.shared;
    this.records = after.records;
    this.#adopt(config, built, step);
    destroyShared(before);
  }

  /** Goes on with new passes, and frees the old ones. */
  #adopt(config: EngineConfig, { passes, ring, telemetry }: Built, step: number): void {
    this.passes.memory.destroy();
    this.config = config;
    this.passes = passes;
    this.reader = new TelemetryReader(passes.memory, ring, telemetry, step);
  }

  get memories(): GpuMemory[] {
    const { memory, histories } = this.shared;
    return [memory, histories.memory, this.passes.memory];
  }
}
