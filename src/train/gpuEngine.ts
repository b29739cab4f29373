import type { EngineConfig } from '../config/experiment.ts';
import { initialWeight } from '../config/initialWeights.ts';
import { isMoeLayer, selectionWidth, slotsOfLayer } from '../config/layers.ts';
import { parameterShapes } from '../config/parameterShapes.ts';
import type { Batch } from '../data/types.ts';
import { GpuMemory } from '../gpu/memory.ts';
import { type AdapterClass, type Plan, PlanBuilder } from '../gpu/plan.ts';
import { readFloats } from '../gpu/readback.ts';
import { pad4, type Slice } from '../gpu/slice.ts';
import { adamw } from '../kernels/adamw.ts';
import { CLIP_WORKGROUPS, clip } from '../kernels/clip.ts';
import { expertWidths, slotGroups } from '../kernels/slots.ts';
import { STEP_BYTES, writeStepParams } from '../kernels/step.ts';
import { BatchBuffer } from '../model/batchBuffer.ts';
import { MoeBlock } from '../model/moeBlock.ts';
import { Network } from '../model/network.ts';
import { ParameterBuffers } from '../model/parameterBuffers.ts';
import { parameterLayout } from '../model/parameterLayout.ts';
import { type TelemetryLayout, telemetryLayout } from '../model/telemetryLayout.ts';
import { readRouting } from './captures.ts';
import type { Engine, EngineState, LayerRouting, NonFinite, TensorMap } from './engine.ts';
import { type PassOptions, stepParams } from './stepParams.ts';
import type { LayerSpace } from './telemetry.ts';
import { RING_STEPS, ringBytes, SPARE_SLOT, TelemetryReader } from './telemetryReader.ts';
import type { EngineOptions } from './trainingDevice.ts';

export interface GpuEngineOptions extends EngineOptions {
  adapterClass?: AdapterClass | undefined;
}

/** The passes over one batch shape: made when the engine is built or reconfigured. */
interface Passes {
  memory: GpuMemory;
  network: Network;
  batch: BatchBuffer;
  forward: Plan;
  evaluationLoss: Plan;
  /** Loss, backward, clipping and AdamW; null for a network that only samples. */
  update: Plan | null;
}

/** Buffers that every pass shares. */
interface Shared {
  memory: GpuMemory;
  parameters: ParameterBuffers;
  step: Slice;
  state: Slice;
  partials: Slice;
}

/** Shapes and names of all parameters as one string: equal strings, equal models. */
function modelSignature(config: EngineConfig): string {
  return parameterShapes(config)
    .map(({ name, shape }) => `${name}[${shape}]`)
    .join();
}

/** What the plans depend on beyond the numbers that are read per step. */
function planSignature({ model, router, experts, batch }: EngineConfig): string {
  const { P, q, ...structure } = router;
  return JSON.stringify([model, structure, experts, batch]);
}

function layerSpaces(config: EngineConfig): LayerSpace[] {
  const layers = Array.from({ length: config.model.L }, (_, l) => l);
  return layers
    .filter((l) => isMoeLayer(config.model, l))
    .map((layer) => {
      const slots = slotsOfLayer(config.experts, layer);
      const widths = expertWidths(slots);
      const groups = slotGroups(slots);
      return {
        layer,
        slots: slots.length,
        ranks: selectionWidth(config.router, slots.length),
        kinds: slots.map((slot) => slot.kind),
        hidden: slots.map((slot, r) =>
          slot.kind === 'ffn' || slot.kind === 'negated' ? (widths[groups[r] ?? 0] ?? 0) : 0,
        ),
      };
    });
}

/** The engine on WebGPU (engine.ts says what it promises). */
export class GpuEngine implements Engine {
  config: EngineConfig;
  step = 0;
  readonly ringSteps = RING_STEPS;
  readonly device: GPUDevice;
  private readonly options: GpuEngineOptions;
  private readonly shared: Shared;
  private telemetry: TelemetryLayout;
  private ring: Slice;
  private reader: TelemetryReader;
  private passes: Passes;
  private sampler: Passes | null = null;
  private readonly stepBytes = new DataView(new ArrayBuffer(STEP_BYTES));
  private readonly unfinished: Promise<unknown>[] = [];

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
    const memory = new GpuMemory(device);
    try {
      const shared: Shared = {
        memory,
        parameters: new ParameterBuffers(memory, parameterLayout(config)),
        step: memory.uniform('step', STEP_BYTES, 'other'),
        state: memory.storage('state', 16, 'other'),
        partials: memory.storage('clip:partials', CLIP_WORKGROUPS * 4, 'other'),
      };
      const built = await build(shared, config, options, true);
      const engine = new GpuEngine(device, config, options, shared, built);
      engine.writeInitialWeights();
      return engine;
    } catch (error) {
      memory.destroy();
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

  /** Writes the pass's numbers and the batch, and queues the plans in one submit. */
  private run(passes: Passes, plans: readonly Plan[], batch: Batch, pass: PassOptions): void {
    writeStepParams(this.stepBytes, stepParams(this.config, pass));
    this.device.queue.writeBuffer(this.shared.step.buffer, 0, this.stepBytes.buffer);
    passes.batch.write(batch);
    const encoder = this.device.createCommandEncoder({ label: pass.mode });
    const compute = encoder.beginComputePass({ label: pass.mode });
    for (const plan of plans) plan.encode(compute);
    compute.end();
    this.device.queue.submit([encoder.finish()]);
  }

  submitStep(batch: Batch): void {
    const { forward, update } = this.passes;
    if (!update) throw new Error('engine: a sampling network cannot train');
    this.step += 1;
    const ringSlot = (this.step - 1) % RING_STEPS;
    const pass: PassOptions = { step: this.step, mode: 'train', ringSlot, useCapacity: true };
    this.run(this.passes, [forward, update], batch, pass);
    this.unfinished.push(this.device.queue.onSubmittedWorkDone());
  }

  async settle(n: number): Promise<void> {
    while (this.unfinished.length > n) await this.unfinished.shift();
  }

  readTelemetry() {
    return this.reader.read(this.step);
  }

  async reconfigure(config: EngineConfig): Promise<void> {
    if (modelSignature(config) !== modelSignature(this.config)) {
      throw new Error('engine: this change alters the parameters and needs a new model');
    }
    const isSamePlan = planSignature(config) === planSignature(this.config);
    if (isSamePlan) {
      this.config = config;
      return;
    }
    await this.settle(0);
    const built = await build(this.shared, config, this.options, true);
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

  async nextLogits(tokens: ArrayLike<number>): Promise<Float32Array> {
    const { S } = this.config.batch;
    const { V } = this.config.model;
    if (tokens.length < 1 || tokens.length > S) {
      throw new RangeError(`engine: ${tokens.length} tokens of context; 1 … ${S} are possible`);
    }
    if (!this.sampler) {
      const config = { ...this.config, batch: { B: 1, S } };
      this.sampler = (await build(this.shared, config, this.options, false)).passes;
    }
    const padded = new Uint32Array(S);
    padded.set(tokens);
    const batch = { tokens: padded, targets: new Uint32Array(S), domains: new Uint8Array(S) };
    const pass: PassOptions = {
      step: this.step,
      mode: 'sample',
      ringSlot: SPARE_SLOT,
      useCapacity: false,
    };
    this.run(this.sampler, [this.sampler.forward], batch, pass);
    const { logits_TV } = this.sampler.network;
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

  async routing(batch: Batch): Promise<LayerRouting[]> {
    const network = this.forwardOnly(batch);
    const { T } = this.passes.batch;
    return Promise.all(
      network.ffn.flatMap((block, layer) =>
        block instanceof MoeBlock ? [readRouting(this.device, block.ffn, layer, T)] : [],
      ),
    );
  }

  async locateNonFinite(batch: Batch): Promise<number | null> {
    const network = this.forwardOnly(batch);
    for (let layer = 0; layer < this.config.model.L; layer++) {
      const block = network.ffn[layer];
      const outputs = [network.attention[layer]?.out_TD, block?.out_TD];
      if (block instanceof MoeBlock) outputs.push(block.ffn.logits.z_TR);
      for (const slice of outputs) {
        if (slice && (await readFloats(this.device, slice)).some((x) => !Number.isFinite(x))) {
          return layer;
        }
      }
    }
    return null;
  }

  async readState(): Promise<EngineState> {
    const { parameters } = this.shared;
    const refused = this.nonFinite?.step;
    return {
      step: refused === undefined ? this.step : refused - 1,
      parameters: await parameters.read(parameters.values),
      firstMoments: await parameters.read(parameters.firstMoments),
      secondMoments: await parameters.read(parameters.secondMoments),
    };
  }

  readGradients(): Promise<TensorMap> {
    return this.shared.parameters.read(this.shared.parameters.gradients);
  }

  loadState(state: EngineState): void {
    const { parameters } = this.shared;
    parameters.write(parameters.values, state.parameters);
    parameters.write(parameters.firstMoments, state.firstMoments);
    parameters.write(parameters.secondMoments, state.secondMoments);
    this.device.queue.writeBuffer(this.shared.state.buffer, 0, new Uint32Array(4));
    this.step = state.step;
    this.reader.restart(state.step);
  }

  destroy(): void {
    for (const memory of this.memories) memory.destroy();
  }
}

interface Built {
  telemetry: TelemetryLayout;
  ring: Slice;
  passes: Passes;
}

/** Activations, plans and ring for a configuration over the shared parameters. */
async function build(
  shared: Shared,
  config: EngineConfig,
  options: GpuEngineOptions,
  trains: boolean,
): Promise<Built> {
  const { parameters, step, state, partials } = shared;
  const { device } = shared.memory;
  const memory = new GpuMemory(device);
  try {
    const telemetry = telemetryLayout(config, options.domains);
    const ring = memory.storage('ring', ringBytes(telemetry), 'telemetry');
    const T = config.batch.B * config.batch.S;
    const batch = new BatchBuffer(memory, T, config.model.V);
    const inputs = { config, weights: parameters, batch: batch.slices, telemetry, ring };
    const network = new Network(memory, inputs);
    const builder = () => new PlanBuilder(memory, step, options.adapterClass);
    const plans = { forward: builder(), evaluationLoss: builder(), update: builder() };
    network.forward(plans.forward);
    network.loss(plans.evaluationLoss, false);
    if (trains) {
      const { floats } = parameters.layout;
      const grad_N = parameters.gradients;
      network.loss(plans.update, true);
      network.backward(plans.update);
      const { loss_T, context } = network;
      const io = { grad_N, partials_W: partials, loss_T, aux_LA: context.aux_L5, state, ring };
      const layers = telemetry.sections.length;
      clip(plans.update, io, { floats, T, layers, recordFloats: telemetry.record });
      const { values: p_N, firstMoments: m_N, secondMoments: v_N, decay_B } = parameters;
      adamw(plans.update, { p_N, grad_N, m_N, v_N, state, decay_B }, { floats });
    }
    const progress = kernelProgress(options.onProgress);
    const [forward, evaluationLoss, update] = await Promise.all([
      plans.forward.build(progress()),
      plans.evaluationLoss.build(progress()),
      trains ? plans.update.build(progress()) : null,
    ]);
    return { telemetry, ring, passes: { memory, network, batch, forward, evaluationLoss, update } };
  } catch (error) {
    memory.destroy();
    throw error;
  }
}

/** Adds up the kernels of several plans that compile at the same time. */
function kernelProgress(report: EngineOptions['onProgress']) {
  const counts: { done: number; total: number }[] = [];
  return () => {
    const mine = { done: 0, total: 0 };
    counts.push(mine);
    return (done: number, total: number) => {
      Object.assign(mine, { done, total });
      const sum = (key: 'done' | 'total') => counts.reduce((n, count) => n + count[key], 0);
      report?.('kernels', sum('done'), sum('total'));
    };
  };
}

export async function createGpuEngine(
  device: GPUDevice,
  config: EngineConfig,
  options: GpuEngineOptions,
): Promise<Engine> {
  return GpuEngine.create(device, config, options);
}
