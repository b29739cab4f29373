import type { EngineConfig } from '../../config/experiment.ts';
import { type ParameterEntry, parameterShapes } from '../../config/parameterShapes.ts';
import {
  type LayerLoads,
  SCALAR_COUNT,
  type ScalarName,
  scalarColumn,
} from '../../config/telemetry.ts';
import { hurried } from '../../gpu/hurry.ts';
import { GpuMemory } from '../../gpu/memory.ts';
import { type AdapterClass, type Plan, PlanBuilder } from '../../gpu/plan.ts';
import type { Slice } from '../../gpu/slice.ts';
import { adamw } from '../../kernels/adamw.ts';
import { CLIP_WORKGROUPS, clip, STATE_WORDS } from '../../kernels/clip.ts';
import { STEP_BYTES, writeStepParams } from '../../kernels/step.ts';
import { parameterLayout } from '../../layout/parameterLayout.ts';
import { RING_STEPS, ringBytes, telemetryLayout } from '../../layout/telemetry.ts';
import { BatchBuffer } from '../../model/batchBuffer.ts';
import { DistillNetwork, type VectorBatch } from '../../model/distillNetwork.ts';
import { ParameterBuffers } from '../../model/parameterBuffers.ts';
import type { EngineState, TensorMap } from '../engine/engine.ts';
import { stepParams } from '../engine/stepParams.ts';
import { TelemetryReader } from '../telemetry/telemetryReader.ts';

/** A device, and which bodies of its kernels suit it. */
export interface Gpu {
  device: GPUDevice;
  adapterClass?: AdapterClass | undefined;
}

/** n consecutive steps of one layer, [n] each; losses as docs/model.md, `gradNorm` before clipping. */
export interface DistillRecords {
  firstStep: number;
  n: number;
  mse: Float32Array;
  /** α·|mse|·Σ f·P */
  balance: Float32Array;
  total: Float32Array;
  gradNorm: Float32Array;
  lr: Float32Array;
  /** Loads of the layer; its tokens have no domains, all count as the first. */
  load: LayerLoads;
}

/** The configuration in which a layer is trained alone: no gating residual and no other loss. */
export function layerConfig(config: EngineConfig, layer: number): EngineConfig {
  const model = { ...config.model, arrangement: [layer] };
  return { ...config, model, router: { ...config.router, gatingResidual: false }, losses: {} };
}

/** Parameters of a layer that is trained alone: its router and experts. */
export function layerEntries(config: EngineConfig, layer: number): ParameterEntry[] {
  const prefix = `layers.${layer}.moe.`;
  return parameterShapes(layerConfig(config, layer)).filter(({ name }) => name.startsWith(prefix));
}

type Named = ReadonlyMap<string, { data: ArrayLike<number> }>;

/** What lives as long as the trainer. */
interface Parts {
  memory: GpuMemory;
  parameters: ParameterBuffers;
  network: DistillNetwork;
  step: Slice;
  state: Slice;
  plan: Plan;
  reader: TelemetryReader;
}

/**
 * Trains one MoE layer alone (docs/model.md, "Dense → MoE conversion", 3) with the kernels of the
 * whole model. Nothing in `submitStep` waits, reads back or makes GPU objects.
 */
export class LayerTrainer {
  /** Steps submitted so far. */
  step = 0;
  readonly ringSteps = RING_STEPS;
  readonly config: EngineConfig;
  readonly layer: number;
  private readonly parts: Parts;
  private readonly stepBytes = new DataView(new ArrayBuffer(STEP_BYTES));
  private readonly unfinished: Promise<unknown>[] = [];

  private constructor(config: EngineConfig, layer: number, parts: Parts) {
    this.config = config;
    this.layer = layer;
    this.parts = parts;
  }

  /**
   * @param config of the student; a step takes T = B·S vectors. Parameters start at 0: see `load`.
   * @throws ModelTooLarge, KernelCompile
   */
  static async create(
    { device, adapterClass }: Gpu,
    config: EngineConfig,
    { layer, alpha }: { layer: number; alpha: number },
  ): Promise<LayerTrainer> {
    const alone = layerConfig(config, layer);
    const memory = new GpuMemory(device);
    try {
      const options = { layer, alpha, adapterClass };
      const { parts, builder } = await memory.allocating(() => layOut(memory, alone, options));
      return new LayerTrainer(alone, layer, { ...parts, plan: await builder.build() });
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }

  get network(): DistillNetwork {
    return this.parts.network;
  }

  /** The step that was refused as not finite, once telemetry has seen it; nothing changed since. */
  get refusedStep(): number | null {
    return this.parts.reader.refusedStep;
  }

  /** Starts over from these parameters. @throws Error naming one that is missing */
  load(tensors: Named): void {
    const zeros = new Map(
      [...tensors].map(([name, { data }]) => [name, { data: new Float32Array(data.length) }]),
    );
    this.loadState({ step: 0, parameters: tensors, firstMoments: zeros, secondMoments: zeros });
  }

  /** Goes on after `step` steps. @throws Error naming a tensor that is missing */
  loadState(from: { step: number; parameters: Named; firstMoments: Named; secondMoments: Named }) {
    const { parameters, state, reader, memory } = this.parts;
    parameters.write(parameters.values, from.parameters);
    parameters.write(parameters.firstMoments, from.firstMoments);
    parameters.write(parameters.secondMoments, from.secondMoments);
    memory.device.queue.writeBuffer(state.buffer, state.offset, new Uint32Array(STATE_WORDS));
    this.step = from.step;
    reader.restart(from.step);
  }

  /** Queues one step: forward, loss, backward, clipping, AdamW, telemetry. */
  submitStep(batch: VectorBatch): void {
    const { memory, network, plan, step } = this.parts;
    const { queue } = memory.device;
    this.step += 1;
    const params = stepParams(this.config, {
      step: this.step,
      mode: 'train',
      ringSlot: (this.step - 1) % RING_STEPS,
      useCapacity: true,
    });
    writeStepParams(this.stepBytes, params);
    queue.writeBuffer(step.buffer, step.offset, this.stepBytes.buffer);
    network.write(batch);
    const encoder = memory.device.createCommandEncoder({ label: 'distill' });
    const compute = encoder.beginComputePass({ label: 'distill' });
    plan.encode(compute);
    compute.end();
    queue.submit([encoder.finish()]);
    const done = hurried(memory.device, queue.onSubmittedWorkDone());
    // Whoever waits hears of a failure; the others that fail with it may have nobody.
    done.catch(() => undefined);
    this.unfinished.push(done);
  }

  /** Resolves when at most `n` submitted steps are unfinished. */
  async settle(n: number): Promise<void> {
    while (this.unfinished.length > n) await this.unfinished.shift();
  }

  /** Records since the last call; call at least every `ringSteps` steps. */
  async readTelemetry(): Promise<DistillRecords | null> {
    const records = await this.parts.reader.read(this.step);
    if (!records) return null;
    const { firstStep, n, scalars, layers } = records;
    const [load] = layers;
    if (!load) throw new Error(`distillation: layer ${this.layer} has no telemetry`);
    const column = (name: ScalarName) =>
      Float32Array.from({ length: n }, (_, i) => scalars[i * SCALAR_COUNT + scalarColumn(name)]!);
    // `clip` writes the mean of loss_T as `ce`, and distillLoss its balance as the first of the terms.
    return {
      firstStep,
      n,
      mse: column('ce'),
      balance: column('switch'),
      total: column('total'),
      gradNorm: column('gradNorm'),
      lr: column('lr'),
      load,
    };
  }

  readParameters(): Promise<TensorMap> {
    return this.parts.parameters.read(this.parts.parameters.values);
  }

  /** After all steps that were submitted. */
  async readState(): Promise<EngineState> {
    const { parameters } = this.parts;
    const { step } = this;
    const [values, firstMoments, secondMoments] = await Promise.all([
      parameters.read(parameters.values),
      parameters.read(parameters.firstMoments),
      parameters.read(parameters.secondMoments),
    ]);
    return { step, parameters: values, firstMoments, secondMoments };
  }

  /** Of the last step, before clipping. */
  readGradients(): Promise<TensorMap> {
    return this.parts.parameters.read(this.parts.parameters.gradients);
  }

  destroy(): void {
    this.parts.memory.destroy();
  }
}

/** All buffers of a layer's training, and its step before it is compiled. */
function layOut(
  memory: GpuMemory,
  config: EngineConfig,
  options: { layer: number; alpha: number; adapterClass: AdapterClass | undefined },
): { parts: Omit<Parts, 'plan'>; builder: PlanBuilder } {
  const { layer, alpha, adapterClass } = options;
  const T = config.batch.B * config.batch.S;
  const layout = parameterLayout(config, layerEntries(config, layer));
  const parameters = new ParameterBuffers(memory, layout);
  const telemetry = telemetryLayout(config, 1);
  const ring = memory.storage('ring', ringBytes(telemetry), 'telemetry');
  const step = memory.uniform('step', STEP_BYTES, 'other');
  const state = memory.storage('state', STATE_WORDS * 4, 'other');
  const batch = new BatchBuffer(memory, T, config.model.V).slices;
  const inputs = { config, weights: parameters, batch, telemetry, ring };
  const network = new DistillNetwork(memory, inputs, layer);
  const builder = new PlanBuilder(memory, step, adapterClass);
  const { floats } = layout;
  network.pass(builder, alpha);
  const { gradients: grad_N, values: p_N, firstMoments: m_N, secondMoments: v_N } = parameters;
  const partials_W = memory.storage('clip:partials', CLIP_WORKGROUPS * 4, 'other');
  const { loss_T, context } = network;
  clip(
    builder,
    { grad_N, partials_W, loss_T, aux_LA: context.aux_LA, state, ring },
    { floats, T, layers: 1, recordFloats: telemetry.record },
  );
  adamw(builder, { p_N, grad_N, m_N, v_N, state, decay_B: parameters.decay_B }, { floats });
  const reader = new TelemetryReader(memory, ring, telemetry, 0);
  return { parts: { memory, parameters, network, step, state, reader }, builder };
}
