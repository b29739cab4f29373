import { keptHistories } from '../../config/countHistory.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import type { LayerSpace } from '../../config/telemetry.ts';
import type { Batch } from '../../data/types.ts';
import { bytesByUse, type GpuMemory, type TrackedBuffer } from '../../gpu/memory.ts';
import type { Plan } from '../../gpu/plan.ts';
import { readFloats } from '../../gpu/readback.ts';
import { RING_STEPS } from '../../layout/telemetry.ts';
import type { Network } from '../../model/network.ts';
import { TelemetryReader } from '../telemetry/telemetryReader.ts';
import type {
  Engine,
  EngineState,
  InspectedTensors,
  NonFinite,
  Pass,
  PassRequest,
  Profiler,
  SurgeryOrder,
  SurgeryRecord,
  TensorMap,
  Wants,
} from './engine.ts';
import { modelSignature, planSignature, stateSignature } from './engineShape.ts';
import {
  moveHistories,
  readBuffers,
  withHistories,
  writeBuffers,
  writeInitialWeights,
} from './engineState.ts';
import {
  type Built,
  buildPasses,
  destroyShared,
  destroyUnshared,
  type GpuEngineOptions,
  makeShared,
  type Passes,
  type Shared,
  type StepPlan,
} from './gpuPasses.ts';
import { type PassRun, PassRuns, type RunPlan } from './passRuns.ts';
import { type NextOptions, Questions } from './questions.ts';
import { beside, type PassMode, type PassOptions, trainingStep } from './stepParams.ts';

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
  private readonly questions: Questions;
  private readonly runs: PassRuns;

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
    this.runs = new PassRuns(device, options.stepsPerSubmit ?? null, (encoder) =>
      this.reader.copyInto(encoder, this.step),
    );
    const running =
      (mode: PassMode): RunPlan =>
      (passes, plan, batch, useCapacity) =>
        this.run(passes, [plan], batch, beside(this.step, mode, useCapacity));
    this.questions = new Questions(options, () => this.model, running);
    this.passes = built.passes;
    this.reader = new TelemetryReader(built.passes.memory, built.ring, built.telemetry, 0);
  }

  static async create(
    device: GPUDevice,
    config: EngineConfig,
    options: GpuEngineOptions,
  ): Promise<GpuEngine> {
    const shared = await makeShared(device, config);
    let built: Built | null = null;
    try {
      built = await buildPasses(shared, config, options, true);
      const engine = new GpuEngine(device, config, options, shared, built);
      writeInitialWeights(shared, config, options);
      return engine;
    } catch (error) {
      built?.passes.memory.destroy();
      destroyShared(shared);
      throw error;
    }
  }

  private get model() {
    const { config, shared, passes, records } = this;
    return { config, shared, passes, records };
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

  /** Queues the plans on a batch in one submit. */
  private run(
    passes: Pick<Passes, 'batch'>,
    plans: readonly Plan[],
    batch: Batch,
    options: PassOptions,
  ): void {
    this.runs.run({ ...this.model, passes, image: passes.batch.image(batch), options }, plans);
  }

  /** The next training step; it counts from now on. */
  private nextStep(batch: Batch): PassRun<Passes> {
    const image = this.passes.batch.image(batch);
    this.step += 1;
    this.questions.restart();
    return { ...this.model, image, options: trainingStep(this.step) };
  }

  submitStep(batch: Batch): void {
    this.runs.train(this.nextStep(batch));
  }

  /** Begins a training step: the caller queues all of `stepPlans`, in order. */
  beginStep(batch: Batch): void {
    this.runs.write(this.nextStep(batch));
  }

  /** Submits of passes so far. */
  get submits(): number {
    return this.runs.submits;
  }

  async profiler(): Promise<Profiler> {
    const { StepProfiler } = await import('../profile/profile.ts');
    return new StepProfiler(this);
  }

  settle(n: number): Promise<void> {
    return this.runs.settle(n);
  }

  readTelemetry() {
    this.runs.flush();
    return this.reader.read(this.step);
  }

  rewrite(config: EngineConfig): boolean {
    if (planSignature(config) !== planSignature(this.config)) return false;
    const { tau, capacity } = this.config.router;
    this.config = config;
    this.questions.restart();
    if (config.router.tau === tau && config.router.capacity === capacity) return true;
    this.runs.flush();
    this.passes.network.writePlaces(config.router);
    this.questions.writePlaces(config.router);
    return true;
  }

  async reconfigure(config: EngineConfig): Promise<void> {
    if (modelSignature(config) !== modelSignature(this.config)) {
      throw new Error('engine: this change alters the parameters and needs a new model');
    }
    if (this.rewrite(config)) return;
    await this.settle(0);
    const before = this.shared;
    const shared = await this.withStates(config);
    try {
      const built = await buildPasses(shared, config, this.options, true);
      this.shared = shared;
      this.adopt(config, built);
    } finally {
      destroyUnshared(this.shared === before ? shared : before, this.shared);
    }
  }

  /** The parameters with the states that a configuration has; the same buffers where it has the same. */
  private async withStates(config: EngineConfig): Promise<Shared> {
    const { shared: before, config: now } = this;
    if (stateSignature(config) === stateSignature(now)) return withHistories(before, now, config);
    const { restated } = await import('./surgery.ts');
    const shared = await restated(before, config);
    await moveHistories(before.histories, shared.histories, keptHistories(now, config));
    return shared;
  }

  get surgeries(): number {
    return this.records.length;
  }

  async operate(config: EngineConfig, order: SurgeryOrder): Promise<void> {
    await this.settle(0);
    const { operate } = await import('./surgery.ts');
    const { after, built } = await operate(this.model, config, order, this.options);
    const before = this.shared;
    this.shared = after.shared;
    this.records = after.records;
    this.adopt(config, built);
    destroyShared(before);
  }

  /** Goes on with new passes, and frees the old ones. */
  private adopt(config: EngineConfig, built: Built): void {
    this.passes.memory.destroy();
    this.questions.forget();
    this.config = config;
    this.passes = built.passes;
    const { passes, ring, telemetry } = built;
    this.reader = new TelemetryReader(passes.memory, ring, telemetry, this.step);
  }

  async evaluate(batch: Batch, { capacity }: { capacity: boolean }) {
    const { forward, evaluationLoss, network } = this.passes;
    const options = beside(this.step, 'evaluate', capacity);
    this.run(this.passes, [forward, evaluationLoss], batch, options);
    const perToken = (await readFloats(this.device, network.loss_T)).slice(0, this.passes.batch.T);
    return { ce: perToken.reduce((sum, loss) => sum + loss, 0) / perToken.length, perToken };
  }

  generationLoss(batch: Batch): Promise<Float32Array> {
    return this.questions.generationLoss(batch);
  }

  nextLogits(tokens: ArrayLike<number>, { capacity }: { capacity: boolean }) {
    return this.questions.nextLogits(tokens, capacity);
  }

  next(texts: readonly (ArrayLike<number> | null)[], options: NextOptions) {
    return this.questions.next(texts, options);
  }

  /** Runs a batch forward as the next training step would, changing nothing. */
  forwardOnly(batch: Batch): Network {
    this.run(this.passes, [this.passes.forward], batch, beside(this.step, 'train', true));
    return this.passes.network;
  }

  async inspect(batch: Batch, wants: Wants): Promise<InspectedTensors> {
    const { networkReaders, readTensors } = await import('./inspect.ts');
    const { readLogits } = await import('./logits.ts');
    const network = this.forwardOnly(batch);
    const { device, passes, config } = this;
    const size = { rows: passes.batch.T, V: config.model.V };
    const logits = async () => ({
      shape: [size.rows, size.V],
      data: await readLogits(device, passes, size, (plan) =>
        this.run(passes, [plan], batch, beside(this.step, 'train', true)),
      ),
    });
    return readTensors(networkReaders(device, network, config, logits), wants);
  }

  pass(request: PassRequest): Promise<Pass> {
    return this.questions.pass(request);
  }

  passLosses(request: PassRequest): Promise<Float32Array> {
    return this.questions.losses(request);
  }

  passLogits(request: PassRequest): Promise<Float32Array> {
    return this.questions.logits(request);
  }

  async readState(): Promise<EngineState> {
    this.runs.flush();
    const refused = this.nonFinite?.step;
    return {
      step: refused === undefined ? this.step : refused - 1,
      ...(await readBuffers(this.shared)),
      ...(this.records.length > 0 && { surgeries: this.records }),
    };
  }

  readGradients(): Promise<TensorMap> {
    this.runs.flush();
    return this.shared.parameters.read(this.shared.parameters.gradients);
  }

  loadState(state: EngineState): void {
    this.runs.flush();
    writeBuffers(this.shared, state);
    this.questions.restart();
    this.step = state.step;
    this.records = state.surgeries ?? [];
    this.reader.restart(state.step);
  }

  destroy(): void {
    for (const memory of this.memories) memory.destroy();
  }

  private get memories(): GpuMemory[] {
    const { memory, histories } = this.shared;
    return [memory, histories.memory, this.passes.memory, ...this.questions.memories];
  }
}
