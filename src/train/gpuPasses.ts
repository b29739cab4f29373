import type { EngineConfig } from '../config/experiment.ts';
import { GpuMemory } from '../gpu/memory.ts';
import { type AdapterClass, type Plan, PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { adamw } from '../kernels/adamw.ts';
import { CLIP_WORKGROUPS, clip } from '../kernels/clip.ts';
import { STEP_BYTES } from '../kernels/step.ts';
import { BatchBuffer } from '../model/batchBuffer.ts';
import { Network } from '../model/network.ts';
import { ParameterBuffers } from '../model/parameterBuffers.ts';
import { parameterLayout } from '../model/parameterLayout.ts';
import { type TelemetryLayout, telemetryLayout } from '../model/telemetryLayout.ts';
import { ringBytes } from './telemetryReader.ts';
import type { EngineOptions } from './trainingDevice.ts';

export interface GpuEngineOptions extends EngineOptions {
  adapterClass?: AdapterClass | undefined;
}

/** The passes over one batch shape: made when the engine is built or reconfigured. */
export interface Passes {
  memory: GpuMemory;
  network: Network;
  batch: BatchBuffer;
  forward: Plan;
  evaluationLoss: Plan;
  /** Loss, backward, clipping and AdamW; null for a network that only samples. */
  update: Plan | null;
}

/** Buffers that every pass shares. */
export interface Shared {
  memory: GpuMemory;
  parameters: ParameterBuffers;
  step: Slice;
  state: Slice;
  partials: Slice;
}

/** Parameters and moments, all 0, and the rest that passes share. */
export function makeShared(device: GPUDevice, config: EngineConfig): Shared {
  const memory = new GpuMemory(device);
  try {
    return {
      memory,
      parameters: new ParameterBuffers(memory, parameterLayout(config)),
      step: memory.uniform('step', STEP_BYTES, 'other'),
      state: memory.storage('state', 16, 'other'),
      partials: memory.storage('clip:partials', CLIP_WORKGROUPS * 4, 'other'),
    };
  } catch (error) {
    memory.destroy();
    throw error;
  }
}

export interface Built {
  telemetry: TelemetryLayout;
  ring: Slice;
  passes: Passes;
}

/** Activations, plans and ring for a configuration over the shared parameters. */
export async function buildPasses(
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
