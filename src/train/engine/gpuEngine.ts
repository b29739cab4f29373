import type { EngineConfig } from '../../config/experiment.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import type { LayerSpace } from '../../config/telemetry.ts';
import type { Batch } from '../../data/types.ts';
import { bytesByUse, type GpuMemory, type TrackedBuffer } from '../../gpu/memory.ts';
import type { Plan } from '../../gpu/plan.ts';
import { readFloats } from '../../gpu/readback.ts';
import { STEP_BYTES, writeStepParams } from '../../kernels/step.ts';
import { RING_STEPS, SPARE_SLOT } from '../../layout/telemetry.ts';
import type { Network } from '../../model/network.ts';
import { TelemetryReader } from '../telemetry/telemetryReader.ts';
import type { Decoder } from './decoder.ts';
import type {
  Engine,
  EngineState,
  InspectedTensors,
  NextToken,
  NonFinite,
  Pass,
  PassRequest,
  Profiler,
  SurgeryOrder,
  SurgeryRecord,
  TensorMap,
  Wants,
} from './engine.ts';
import { modelSignature, planSignature } from './engineShape.ts';
import { readBuffers, writeBuffers, writeInitialWeights } from './engineState.ts';
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
import type { Inspector } from './inspector.ts';
import type { Sampler } from './sampler.ts';
import { type PassMode, type PassOptions, stepParams } from './stepParams.ts';
import { StepQueue } from './stepQueue.ts';
import { operateOn, remembered } from './surgery.ts';

/** The engine on WebGPU (engine.ts says what it promises). */
export class GpuEngine implements Engine {
  config: EngineConfig;
  step = 0;
  readonly ringSteps = RING_STEPS;
  readonly device: GPUDevice;
  private readonly options: GpuEngineOptions;
  private shared: Shared;
  private records: readonly (SurgeryRecord | null)[] = [];
  private reader: TelemetryReader;
  private passes: Passes;
  /** Comes with the first window that is computed for a text. */
  private sampler: Sampler | null = null;
  /** Comes with the first inspection. */
  private inspector: Inspector | null = null;
  /** Comes with the first text that is continued. */
  private decoder: Decoder | null = null;
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
      writeInitialWeights(shared, config, options);
      return engine;
    } catch (error) {
      shared.memory.destroy();
      throw error;
    }
  }

  get layers(): LayerSpace[] {
    return layerSpaces(this.config);
  }

  get parameterCount(): number {
    return this.shared.parameters.layout.count;
  }

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
    return bytesByUse(this.memories);
  }

  get nonFinite(): NonFinite | null {
    const step = this.reader.refusedStep;
    return step === null ? null : { step };
  }

  /** Writes the pass's numbers and the batch, behind all steps submitted before. */
  private write(passes: Pick<Passes, 'batch'>, batch: Batch, pass: PassOptions): void {
    this.queue.flush();
    writeStepParams(this.stepBytes, stepParams(this.config, pass));
    this.device.queue.writeBuffer(this.shared.step.buffer, 0, this.stepBytes.buffer);
    passes.batch.write(batch);
  }

  /** Queues the plans on a batch in one submit. */
  private run(
    passes: Pick<Passes, 'batch'>,
    plans: readonly Plan[],
    batch: Batch,
    pass: PassOptions,
  ): void {
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
    this.decoder?.restart();
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

  async profiler(): Promise<Profiler> {
    const { StepProfiler } = await import('../profile/profile.ts');
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
    if (planSignature(config) !== planSignature(this.config)) return false;
    const { tau, capacity } = this.config.router;
    this.config = config;
    this.decoder?.restart();
    if (config.router.tau === tau && config.router.capacity === capacity) return true;
    this.queue.flush();
    this.passes.network.writePlaces(config.router);
    this.sampler?.writePlaces(config.router);
    this.inspector?.writePlaces(config.router);
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
    const after = { config, parameters: next.parameters };
    try {
      const record = await operateOn(device, before, after, order, records, options);
      const built = await buildPasses(next, config, options, true);
      this.shared = next;
      this.adopt(config, built);
      this.records = remembered([...records, record]);
    } catch (error) {
      next.memory.destroy();
      throw error;
    }
    old.memory.destroy();
  }

  /** Goes on with new passes, and frees the old ones. */
  private adopt(config: EngineConfig, built: Built): void {
    this.passes.memory.destroy();
    this.sampler?.forget();
    this.inspector?.forget();
    this.decoder?.forget();
    this.config = config;
    this.passes = built.passes;
    const { passes, ring, telemetry } = built;
    this.reader = new TelemetryReader(passes.memory, ring, telemetry, this.step);
  }

  /** What the numbers of a pass are made of that is no training step. */
  private beside(mode: PassMode, useCapacity: boolean): PassOptions {
    const step = mode === 'train' ? this.step + 1 : this.step;
    return { step, mode, ringSlot: SPARE_SLOT, useCapacity };
  }

  async evaluate(batch: Batch, { capacity }: { capacity: boolean }) {
    const { forward, evaluationLoss, network } = this.passes;
    this.run(this.passes, [forward, evaluationLoss], batch, this.beside('evaluate', capacity));
    const perToken = (await readFloats(this.device, network.loss_T)).slice(0, this.passes.batch.T);
    return { ce: perToken.reduce((sum, loss) => sum + loss, 0) / perToken.length, perToken };
  }

  async nextLogits(tokens: ArrayLike<number>, { capacity }: { capacity: boolean }) {
    const sampler = await this.sampling();
    const options = { capacity, routing: false };
    return (await sampler.next(this.shared, this.config, tokens, options)).logits;
  }

  private async sampling(): Promise<Sampler> {
    const { Sampler } = await import('./asking.ts');
    this.sampler ??= new Sampler(this.options, (passes, batch, useCapacity) =>
      this.run(passes, [passes.forward], batch, this.beside('sample', useCapacity)),
    );
    return this.sampler;
  }

  private async decoding(): Promise<Decoder> {
    const { Decoder } = await import('./asking.ts');
    this.decoder ??= new Decoder(this.options, (passes, plan, batch) =>
      this.run(passes, [plan], batch, this.beside('sample', false)),
    );
    return this.decoder;
  }

  async next(
    texts: readonly (ArrayLike<number> | null)[],
    options: { capacity: boolean; routing: boolean },
  ): Promise<(NextToken | null)[]> {
    const { shared, config } = this;
    const decoder = await this.decoding();
    const next = await decoder.next({ shared, config }, texts, options);
    for (const [i, text] of texts.entries()) {
      if (text === null || next[i] !== null) continue;
      const window = Array.prototype.slice.call(text, -config.batch.S);
      next[i] = await (await this.sampling()).next(shared, config, window, options);
    }
    return next;
  }

  /** Runs a batch forward as the next training step would, changing nothing. */
  forwardOnly(batch: Batch): Network {
    this.run(this.passes, [this.passes.forward], batch, this.beside('train', true));
    return this.passes.network;
  }

  inspect(batch: Batch, wants: Wants): Promise<InspectedTensors> {
    const network = this.forwardOnly(batch);
    return readTensors(networkReaders(this.device, network, this.config), wants);
  }

  private get inspected() {
    return { shared: this.shared, config: this.config, trained: this.passes };
  }

  private async inspecting(): Promise<Inspector> {
    const { Inspector } = await import('./asking.ts');
    this.inspector ??= new Inspector(this.options, (passes, plan, batch, useCapacity) =>
      this.run(passes, [plan], batch, this.beside('evaluate', useCapacity)),
    );
    return this.inspector;
  }

  async pass(request: PassRequest): Promise<Pass> {
    return (await this.inspecting()).pass(this.inspected, request);
  }

  async passLosses(request: PassRequest): Promise<Float32Array> {
    return (await this.inspecting()).losses(this.inspected, request);
  }

  async passLogits(request: PassRequest): Promise<Float32Array> {
    return (await this.inspecting()).logits(this.inspected, request);
  }

  async readState(): Promise<EngineState> {
    this.queue.flush();
    const refused = this.nonFinite?.step;
    return {
      step: refused === undefined ? this.step : refused - 1,
      ...(await readBuffers(this.shared)),
      ...(this.records.length > 0 && { surgeries: this.records }),
    };
  }

  readGradients(): Promise<TensorMap> {
    this.queue.flush();
    return this.shared.parameters.read(this.shared.parameters.gradients);
  }

  loadState(state: EngineState): void {
    this.queue.flush();
    writeBuffers(this.shared, state);
    this.decoder?.restart();
    this.step = state.step;
    this.records = state.surgeries ?? [];
    this.reader.restart(state.step);
  }

  destroy(): void {
    for (const memory of this.memories) memory.destroy();
  }

  private get memories(): GpuMemory[] {
    return [
      this.shared.memory,
      this.passes.memory,
      ...(this.sampler?.memories ?? []),
      ...(this.inspector?.memories ?? []),
      ...(this.decoder?.memories ?? []),
    ];
  }
}
