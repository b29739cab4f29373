import type { EngineConfig } from '../../config/experiment.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import type { LayerSpace } from '../../config/telemetry.ts';
import type { Batch } from '../../data/types.ts';
import { bytesByUse, type GpuMemory, type TrackedBuffer } from '../../gpu/memory.ts';
import type { Plan } from '../../gpu/plan.ts';
import { readFloats } from '../../gpu/readback.ts';
import { RING_STEPS } from '../../layout/telemetry.ts';
import type { Network } from '../../model/network.ts';
import type {
  Engine,
  EngineState,
  InspectedTensors,
  NonFinite,
  Pass,
  PassRequest,
  Profiler,
  SurgeryOrder,
  TensorMap,
  Wants,
} from './engine.ts';
import { EngineModel } from './engineModel.ts';
import { planSignature } from './engineShape.ts';
import { readBuffers, writeBuffers } from './engineState.ts';
import type { GpuEngineOptions, Passes, StepPlan } from './gpuPasses.ts';
import { type PassRun, PassRuns, type RunPlan } from './passRuns.ts';
import { type NextOptions, Questions } from './questions.ts';
import { beside, type PassMode, type PassOptions, trainingStep } from './stepParams.ts';

/** The engine on WebGPU (engine.ts says what it promises). */
export class GpuEngine implements Engine {
  step = 0;
  readonly ringSteps = RING_STEPS;
  readonly device: GPUDevice;
  private readonly model: EngineModel;
  private readonly questions: Questions;
  private readonly runs: PassRuns;

  private constructor(device: GPUDevice, options: GpuEngineOptions, model: EngineModel) {
    this.device = device;
    this.model = model;
    this.runs = new PassRuns(device, options.stepsPerSubmit ?? null, (encoder) =>
      model.reader.copyInto(encoder, this.step),
    );
    const running =
      (mode: PassMode): RunPlan =>
      (passes, plan, batch, useCapacity) =>
        this.run(passes, [plan], batch, beside(this.step, mode, useCapacity));
    this.questions = new Questions(options, () => model, running);
  }

  static async create(
    device: GPUDevice,
    config: EngineConfig,
    options: GpuEngineOptions,
  ): Promise<GpuEngine> {
    return new GpuEngine(device, options, await EngineModel.create(device, config, options));
  }

  get config(): EngineConfig {
    return this.model.config;
  }

  get layers(): LayerSpace[] {
    return layerSpaces(this.config);
  }

  get parameterCount(): number {
    return this.model.shared.parameters.layout.count;
  }

  get dispatchesPerStep(): number {
    return this.stepPlans.reduce((sum, { plan }) => sum + plan.dispatches.length, 0);
  }

  /** What a training step queues, in order. */
  get stepPlans(): readonly StepPlan[] {
    return this.model.passes.stepPlans;
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
    const step = this.model.reader.refusedStep;
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
    const image = this.model.passes.batch.image(batch);
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
    return this.model.reader.read(this.step);
  }

  rewrite(config: EngineConfig): boolean {
    if (planSignature(config) !== planSignature(this.config)) return false;
    const { tau, capacity } = this.config.router;
    this.model.config = config;
    this.questions.restart();
    if (config.router.tau === tau && config.router.capacity === capacity) return true;
    this.runs.flush();
    this.model.passes.network.writePlaces(config.router);
    this.questions.writePlaces(config.router);
    return true;
  }

  async reconfigure(config: EngineConfig): Promise<void> {
    if (this.rewrite(config)) return;
    await this.settle(0);
    await this.model.reconfigure(config, this.step);
    this.questions.forget();
  }

  get surgeries(): number {
    return this.model.records.length;
  }

  async operate(config: EngineConfig, order: SurgeryOrder): Promise<void> {
    await this.settle(0);
    await this.model.operate(config, order, this.step);
    this.questions.forget();
  }

  async evaluate(batch: Batch, { capacity }: { capacity: boolean }) {
    const { passes } = this.model;
    const { forward, evaluationLoss, network } = passes;
    const options = beside(this.step, 'evaluate', capacity);
    this.run(passes, [forward, evaluationLoss], batch, options);
    const perToken = (await readFloats(this.device, network.loss_T)).slice(0, passes.batch.T);
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
    const { passes } = this.model;
    this.run(passes, [passes.forward], batch, beside(this.step, 'train', true));
    return passes.network;
  }

  async inspect(batch: Batch, wants: Wants): Promise<InspectedTensors> {
    const { networkReaders, readTensors } = await import('./inspect.ts');
    const { readLogits } = await import('./logits.ts');
    const network = this.forwardOnly(batch);
    const { device } = this;
    const { passes, config } = this.model;
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
    const { shared, records } = this.model;
    return {
      step: refused === undefined ? this.step : refused - 1,
      ...(await readBuffers(shared)),
      ...(records.length > 0 && { surgeries: records }),
    };
  }

  readGradients(): Promise<TensorMap> {
    this.runs.flush();
    const { parameters } = this.model.shared;
    return parameters.read(parameters.gradients);
  }

  loadState(state: EngineState): void {
    this.runs.flush();
    writeBuffers(this.model.shared, state);
    this.questions.restart();
    this.step = state.step;
    this.model.records = state.surgeries ?? [];
    this.model.reader.restart(state.step);
  }

  destroy(): void {
    for (const memory of this.memories) memory.destroy();
  }

  private get memories(): GpuMemory[] {
    return [...this.model.memories, ...this.questions.memories];
  }
}
