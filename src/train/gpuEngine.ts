import type { EngineConfig } from '../config/experiment.ts';
import { initialWeight } from '../config/initialWeights.ts';
import { layerSpaces } from '../config/layerSpaces.ts';
import { parameterShapes } from '../config/parameterShapes.ts';
import { MAX_UNDO } from '../config/surgery.ts';
import type { LayerSpace } from '../config/telemetry.ts';
import type { Batch } from '../data/types.ts';
import type { GpuMemory, TrackedBuffer } from '../gpu/memory.ts';
import type { Plan } from '../gpu/plan.ts';
import { readFloats } from '../gpu/readback.ts';
import { pad4, type Slice } from '../gpu/slice.ts';
import { STEP_BYTES, writeStepParams } from '../kernels/step.ts';
import type { TelemetryLayout } from '../layout/telemetry.ts';
import { RING_STEPS, SPARE_SLOT } from '../layout/telemetry.ts';
import type { Network } from '../model/network.ts';
import type {
  Engine,
  EngineState,
  InspectedTensors,
  NonFinite,
  SurgeryOrder,
  SurgeryRecord,
  TensorMap,
  Wants,
} from './engine.ts';
import { modelSignature, planSignature } from './engineShape.ts';
import {
  type Built,
  buildPasses,
  type GpuEngineOptions,
  makeShared,
  type Passes,
  type Shared,
  type StepPlan,
} from './gpuPasses.ts';
import { networkReaders, readTensors } from './inspect.ts';
import { StepProfiler } from './profile.ts';
import { type PassOptions, stepParams } from './stepParams.ts';
import { StepQueue } from './stepQueue.ts';
import { operateOn } from './surgery.ts';
import { TelemetryReader } from './telemetryReader.ts';

/** The engine on WebGPU (engine.ts says what it promises). */
export class GpuEngine implements Engine {
  config: EngineConfig;
  step = 0;
  readonly ringSteps = RING_STEPS;
  readonly device: GPUDevice;
  private readonly options: GpuEngineOptions;
  private shared: Shared;
  private records: readonly (SurgeryRecord | null)[] = [];
  private telemetry: TelemetryLayout;
  private ring: Slice;
  private reader: TelemetryReader;
  private passes: Passes;
  private sampler: Passes | null = null;
  private readonly stepBytes = new DataView(new ArrayBuffer(STEP_BYTES));
  private readonly queue: StepQueue;

  private constructor(
    device: GPUDevice,
    config: EngineConfig,
    options: GpuEngineOptions,
    shared: Shared,
    built: Built,
  ) {
    this.device = device;
    this.config = config;
    this.options = options;
    this.shared = shared;
    this.queue = new StepQueue(device, options.stepsPerSubmit ?? null, (encoder) =>
      this.reader.copyInto(encoder, this.step),
    );
    this.telemetry = built.telemetry;
    this.ring = built.ring;
    this.passes = built.passes;
    this.reader = new TelemetryReader(built.passes.memory, built.ring, built.telemetry, 0);
  }

  static async create(
    device: GPUDevice,
    config: EngineConfig,
    options: GpuEngineOptions,
  ): Promise<GpuEngine> {
    const shared = await makeShared(device, config);
    try {
      const built = await buildPasses(shared, config, options, true);
      const engine = new GpuEngine(device, config, options, shared, built);
      engine.writeInitialWeights();
      return engine;
    } catch (error) {
      shared.memory.destroy();
      throw error;
    }
  }

  private writeInitialWeights(): void {
    const { initStd, seedInit } = this.options;
    const tensors = new Map(
      parameterShapes(this.config).map((entry) => [
        entry.name,
        { data: initialWeight(entry, initStd, seedInit) },
      ]),
    );
    this.shared.parameters.write(this.shared.parameters.values, tensors);
  }

  get layers(): LayerSpace[] {
    return layerSpaces(this.config);
  }

  get parameterCount(): number {
    return this.shared.parameters.layout.count;
  }

  private get memories(): GpuMemory[] {
    return [this.shared, this.passes, this.sampler].flatMap((part) => (part ? [part.memory] : []));
  }

  /** Dispatches of one training step. */
  get dispatchesPerStep(): number {
    return this.stepPlans.reduce((sum, { plan }) => sum + plan.dispatches.length, 0);
  }

  /** What a training step queues, in order. */
  get stepPlans(): readonly StepPlan[] {
    return this.passes.stepPlans;
  }

  /** Every buffer held. */
  get buffers(): readonly TrackedBuffer[] {
    return this.memories.flatMap((memory) => memory.tracked);
  }

  get gpuBytes(): number {
    return this.memories.reduce((sum, memory) => sum + memory.bytes, 0);
  }

  get memory(): Record<string, number> {
    const total: Record<string, number> = {};
    for (const { uses } of this.memories) {
      for (const [use, bytes] of Object.entries(uses)) total[use] = (total[use] ?? 0) + bytes;
    }
    return total;
  }

  get nonFinite(): NonFinite | null {
    const step = this.reader.refusedStep;
    return step === null ? null : { step };
  }

  /** Writes the pass's numbers and the batch, behind all steps submitted before. */
  private write(passes: Passes, batch: Batch, pass: PassOptions): void {
    this.queue.flush();
    writeStepParams(this.stepBytes, stepParams(this.config, pass));
    this.device.queue.writeBuffer(this.shared.step.buffer, 0, this.stepBytes.buffer);
    passes.batch.write(batch);
  }

  /** Queues the plans on a batch in one submit. */
  private run(passes: Passes, plans: readonly Plan[], batch: Batch, pass: PassOptions): void {
    this.write(passes, batch, pass);
    const encoder = this.device.createCommandEncoder({ label: pass.mode });
    const compute = encoder.beginComputePass({ label: pass.mode });
    for (const plan of plans) plan.encode(compute);
    compute.end();
    this.queue.submit(encoder);
  }

  /** What the next training step's numbers are made of; it counts from now on. */
  private nextStep(): PassOptions {
    this.step += 1;
    const ringSlot = (this.step - 1) % RING_STEPS;
    return { step: this.step, mode: 'train', ringSlot, useCapacity: true };
  }

  submitStep(batch: Batch): void {
    const { shared, passes } = this;
    const image = passes.batch.image(batch);
    writeStepParams(this.stepBytes, stepParams(this.config, this.nextStep()));
    const inputs = [
      { target: shared.step, bytes: this.stepBytes.buffer },
      { target: passes.batch.whole, bytes: image },
    ];
    const plans = this.stepPlans.map(({ plan }) => plan);
    this.queue.add(inputs, plans, passes.slots);
  }

  /** Begins a training step: the caller queues all of `stepPlans`, in order. */
  beginStep(batch: Batch): void {
    this.write(this.passes, batch, this.nextStep());
  }

  /** Submits of passes so far. */
  get submits(): number {
    return this.queue.submits;
  }

  profiler(): StepProfiler {
    return new StepProfiler(this);
  }

  settle(n: number): Promise<void> {
    return this.queue.settle(n);
  }

  readTelemetry() {
    this.queue.flush();
    return this.reader.read(this.step);
  }

  rewrite(config: EngineConfig): boolean {
    const isSameModel = modelSignature(config) === modelSignature(this.config);
    if (!isSameModel || planSignature(config) !== planSignature(this.config)) return false;
    const { tau, capacity } = this.config.router;
    this.config = config;
    if (config.router.tau === tau && config.router.capacity === capacity) return true;
    this.queue.flush();
    this.passes.network.writePlaces(config.router);
    this.sampler?.network.writePlaces(config.router);
    return true;
  }

  async reconfigure(config: EngineConfig): Promise<void> {
    if (modelSignature(config) !== modelSignature(this.config)) {
      throw new Error('engine: this change alters the parameters and needs a new model');
    }
    if (this.rewrite(config)) return;
    await this.settle(0);
    this.adopt(config, await buildPasses(this.shared, config, this.options, true));
  }

  get surgeries(): number {
    return this.records.length;
  }

  async operate(config: EngineConfig, order: SurgeryOrder): Promise<void> {
    await this.settle(0);
    const { device, shared: old, records, options } = this;
    const before = { config: this.config, parameters: old.parameters };
    const next = await makeShared(device, config);
    try {
      const after = { config, parameters: next.parameters };
      const record = await operateOn(device, before, after, order, records, options);
      const built = await buildPasses(next, config, options, true);
      this.shared = next;
      this.adopt(config, built);
      const forgotten = (i: number) => records.length + 1 - i > MAX_UNDO;
      this.records = [...records, record].map((one, i) => (forgotten(i) ? null : one));
    } catch (error) {
      next.memory.destroy();
      throw error;
    }
    old.memory.destroy();
  }

  /** Goes on with new passes, and frees the old ones. */
  private adopt(config: EngineConfig, built: Built): void {
    this.passes.memory.destroy();
    this.sampler?.memory.destroy();
    this.sampler = null;
    this.config = config;
    this.telemetry = built.telemetry;
    this.ring = built.ring;
    this.passes = built.passes;
    this.reader = new TelemetryReader(built.passes.memory, this.ring, this.telemetry, this.step);
  }

  async evaluate(batch: Batch, { capacity }: { capacity: boolean }) {
    const { forward, evaluationLoss, network } = this.passes;
    const pass: PassOptions = {
      step: this.step,
      mode: 'evaluate',
      ringSlot: SPARE_SLOT,
      useCapacity: capacity,
    };
    this.run(this.passes, [forward, evaluationLoss], batch, pass);
    const perToken = (await readFloats(this.device, network.loss_T)).slice(0, this.passes.batch.T);
    const ce = perToken.reduce((sum, loss) => sum + loss, 0) / perToken.length;
    return { ce, perToken };
  }

  /** Passes over one sequence of S tokens. */
  private async samplerOf(S: number): Promise<Passes> {
    if (this.sampler?.batch.T === S) return this.sampler;
    this.sampler?.memory.destroy();
    this.sampler = null;
    const config = { ...this.config, batch: { B: 1, S } };
    this.sampler = (await buildPasses(this.shared, config, this.options, false)).passes;
    return this.sampler;
  }

  async nextLogits(
    tokens: ArrayLike<number>,
    { capacity }: { capacity: boolean },
  ): Promise<Float32Array> {
    const { S } = this.config.batch;
    const { V } = this.config.model;
    if (tokens.length < 1 || tokens.length > S) {
      throw new RangeError(`engine: ${tokens.length} tokens of context; 1 … ${S} are possible`);
    }
    const useCapacity = capacity && this.config.router.capacity !== null;
    // Causality hides what fills a sequence up, but it would take places from its tokens.
    const sampler = await this.samplerOf(useCapacity ? tokens.length : S);
    const { T } = sampler.batch;
    const padded = new Uint32Array(T);
    padded.set(tokens);
    const batch = { tokens: padded, targets: new Uint32Array(T), domains: new Uint8Array(T) };
    const pass: PassOptions = {
      step: this.step,
      mode: 'sample',
      ringSlot: SPARE_SLOT,
      useCapacity,
    };
    this.run(sampler, [sampler.forward], batch, pass);
    const { logits_TV } = sampler.network;
    const row = pad4(V) * 4 * (tokens.length - 1);
    const slice = { ...logits_TV, offset: logits_TV.offset + row, size: pad4(V) * 4 };
    return (await readFloats(this.device, slice)).slice(0, V);
  }

  /** Runs a batch forward as the next training step would, changing nothing; for captures. */
  forwardOnly(batch: Batch): Network {
    const pass: PassOptions = {
      step: this.step + 1,
      mode: 'train',
      ringSlot: SPARE_SLOT,
      useCapacity: true,
    };
    this.run(this.passes, [this.passes.forward], batch, pass);
    return this.passes.network;
  }

  inspect(batch: Batch, wants: Wants): Promise<InspectedTensors> {
    const network = this.forwardOnly(batch);
    return readTensors(networkReaders(this.device, network, this.config), wants);
  }

  async readState(): Promise<EngineState> {
    this.queue.flush();
    const { parameters } = this.shared;
    const refused = this.nonFinite?.step;
    return {
      step: refused === undefined ? this.step : refused - 1,
      parameters: await parameters.read(parameters.values),
      firstMoments: await parameters.read(parameters.firstMoments),
      secondMoments: await parameters.read(parameters.secondMoments),
      ...(this.records.length > 0 && { surgeries: this.records }),
    };
  }

  readGradients(): Promise<TensorMap> {
    this.queue.flush();
    return this.shared.parameters.read(this.shared.parameters.gradients);
  }

  loadState(state: EngineState): void {
    this.queue.flush();
    const { parameters } = this.shared;
    parameters.write(parameters.values, state.parameters);
    parameters.write(parameters.firstMoments, state.firstMoments);
    parameters.write(parameters.secondMoments, state.secondMoments);
    this.device.queue.writeBuffer(this.shared.state.buffer, 0, new Uint32Array(4));
    this.step = state.step;
    this.records = state.surgeries ?? [];
    this.reader.restart(state.step);
  }

  destroy(): void {
    for (const memory of this.memories) memory.destroy();
  }
}

export async function createGpuEngine(
  device: GPUDevice,
  config: EngineConfig,
  options: GpuEngineOptions,
): Promise<Engine> {
  return GpuEngine.create(device, config, options);
}
