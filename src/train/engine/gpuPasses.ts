import { isRouterParameter } from '../../config/balancing.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { GpuMemory, withoutMemory } from '../../gpu/memory.ts';
import { type AdapterClass, type Plan, PlanBuilder } from '../../gpu/plan.ts';
import type { Slice } from '../../gpu/slice.ts';
import { adamw } from '../../kernels/adamw.ts';
import { CLIP_WORKGROUPS, clip } from '../../kernels/clip.ts';
import { STEP_BYTES } from '../../kernels/step.ts';
import { parameterLayout } from '../../layout/parameterLayout.ts';
import { ringBytes, type TelemetryLayout, telemetryLayout } from '../../layout/telemetry.ts';
import { BatchBuffer } from '../../model/batchBuffer.ts';
import { CountHistories } from '../../model/countHistories.ts';
import { loadLab } from '../../model/lab.ts';
import { Network } from '../../model/network.ts';
import { ParameterBuffers } from '../../model/parameterBuffers.ts';
import type { EngineOptions } from '../device/trainingDevice.ts';
import { STEP_PHASES, type StepPhase } from '../profile/profileReport.ts';
import { slotBytes } from './stepQueue.ts';

export interface GpuEngineOptions extends EngineOptions {
  adapterClass?: AdapterClass | undefined;
  /** Steps in one submit; by their duration where absent. */
  stepsPerSubmit?: number | undefined;
}

/** The passes over one batch shape: made when the engine is built or reconfigured. */
export interface Passes {
  memory: GpuMemory;
  network: Network;
  batch: BatchBuffer;
  /** Inputs of the steps of one submit. */
  slots: Slice;
  forward: Plan;
  evaluationLoss: Plan;
  /** The logits of each chunk of tokens, where forward leaves them to the loss (model/head.ts); else none. */
  logits: readonly Plan[];
  /** What a training step queues, in order; nothing for a network that only samples. */
  stepPlans: readonly StepPlan[];
}

/** One phase of a training step: forward; loss and gradients; clipping and AdamW. */
export interface StepPlan {
  phase: StepPhase;
  plan: Plan;
}

/** Buffers that every pass shares. */
export interface Shared {
  memory: GpuMemory;
  parameters: ParameterBuffers;
  step: Slice;
  state: Slice;
  partials: Slice;
  /** Counts of the last steps, a state of the layers beside the parameters. */
  histories: CountHistories;
}

/** Parameters and moments, all 0, and the rest that passes share. */
export async function makeShared(device: GPUDevice, config: EngineConfig): Promise<Shared> {
  const memory = new GpuMemory(device);
  const histories = new CountHistories(device, config);
  try {
    return await memory.allocating(() => ({
      memory,
      histories,
      parameters: new ParameterBuffers(memory, parameterLayout(config)),
      step: memory.uniform('step', STEP_BYTES, 'other'),
      state: memory.storage('state', 16, 'other'),
      partials: memory.storage('clip:partials', CLIP_WORKGROUPS * 4, 'other'),
    }));
  } catch (error) {
    memory.destroy();
    histories.destroy();
    throw error;
  }
}

export function destroyShared({ memory, histories }: Shared): void {
  memory.destroy();
  histories.destroy();
}

/** Frees what `some` holds and `kept` does not. */
export function destroyUnshared(some: Shared, kept: Shared): void {
  if (some.memory !== kept.memory) some.memory.destroy();
  if (some.histories !== kept.histories) some.histories.destroy();
}

export interface Built {
  telemetry: TelemetryLayout;
  ring: Slice;
  passes: Passes;
}

/** Makes all buffers of the passes and adds their dispatches; the kernels are not compiled yet. */
function layOut(
  memory: GpuMemory,
  shared: Shared,
  config: EngineConfig,
  options: GpuEngineOptions,
  trains: boolean,
) {
  const { parameters, step, state, partials } = shared;
  const telemetry = telemetryLayout(config, options.domains);
  const ring = memory.storage('ring', ringBytes(telemetry), 'telemetry');
  const T = config.batch.B * config.batch.S;
  const batch = new BatchBuffer(memory, T, config.model.V);
  const { histories } = shared;
  const inputs = { config, weights: parameters, batch: batch.slices, telemetry, ring, histories };
  const network = new Network(memory, inputs);
  const builder = () => new PlanBuilder(memory, step, options.adapterClass);
  const plans = {
    forward: builder(),
    evaluationLoss: builder(),
    backward: builder(),
    optimizer: builder(),
  };
  network.forward(plans.forward);
  network.loss(plans.evaluationLoss, false);
  const { head } = network;
  const logits = (head.isWhole ? [] : head.chunks).map((chunk) => {
    const plan = builder();
    head.logits(plan, chunk);
    return plan;
  });
  if (trains) {
    const { floats } = parameters.layout;
    const grad_N = parameters.gradients;
    network.loss(plans.backward, true);
    network.backward(plans.backward);
    const { loss_T, context } = network;
    const io = { grad_N, partials_W: partials, loss_T, aux_LA: context.aux_LA, state, ring };
    const layers = telemetry.sections.length;
    clip(plans.optimizer, io, { floats, T, layers, recordFloats: telemetry.record });
    const { frozen } = config.router;
    for (const update of parameters.updates(memory, (group) => frozen && isRouterParameter(group)))
      adamw(plans.optimizer, { ...update, state }, update);
    network.moveStates(plans.optimizer, state);
  }
  const slots = memory.storage('steps', slotBytes([STEP_BYTES, batch.whole.size]), 'staging');
  return { telemetry, ring, batch, network, plans, logits, slots };
}

/** Activations, plans and ring for a configuration over the shared parameters. */
export async function buildPasses(
  shared: Shared,
  config: EngineConfig,
  options: GpuEngineOptions,
  trains: boolean,
): Promise<Built> {
  await loadLab(config);
  const memory = new GpuMemory(shared.memory.device);
  try {
    const laid = await memory.allocating(() => layOut(memory, shared, config, options, trains));
    const { telemetry, ring, batch, network, plans, slots } = laid;
    const progress = kernelProgress(options.onProgress);
    const build = (plan: PlanBuilder) => plan.build(progress());
    const [forward, evaluationLoss, backward, optimizer] = await Promise.all([
      build(plans.forward),
      build(plans.evaluationLoss),
      trains ? build(plans.backward) : null,
      trains ? build(plans.optimizer) : null,
    ]);
    const logits = await Promise.all(laid.logits.map(build));
    const phases = { forward, backward, optimizer };
    const stepPlans = STEP_PHASES.flatMap((phase) => {
      const plan = phases[phase];
      return trains && plan ? [{ phase, plan }] : [];
    });
    const passes = { memory, network, batch, slots, forward, evaluationLoss, logits, stepPlans };
    return { telemetry, ring, passes };
  } catch (error) {
    memory.destroy();
    throw error;
  }
}

/**
 * Compiles the kernels of a configuration ahead: the device keeps them for the engine to come. Takes no memory
 * of the GPU, where that engine and others may need all there is.
 */
export async function compileAhead(
  device: GPUDevice,
  config: EngineConfig,
  options: GpuEngineOptions,
): Promise<void> {
  await loadLab(config);
  const memory = new GpuMemory(withoutMemory(device));
  const shared = await makeShared(memory.device, config);
  const { plans, logits } = layOut(memory, shared, config, options, true);
  const all = [...Object.values(plans), ...logits];
  await Promise.all(all.map((plan) => plan.compile(device)));
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
