/** LaDiMo's golden cases on WebGPU: split and distillation by the layer trainer, policy by the router. */

import type { LayerPolicy } from '../config/experiment.ts';
import { adaptivePolicy, layerPolicy } from '../config/ladimo.ts';
import { GpuMemory } from '../gpu/memory.ts';
import { PlanBuilder } from '../gpu/plan.ts';
import { readWords } from '../gpu/readback.ts';
import type { Slice } from '../gpu/slice.ts';
import { routerTopkForward } from '../kernels/router.ts';
import { slotRecords } from '../kernels/slots.ts';
import { STEP_BYTES } from '../kernels/step.ts';
import { pad4 } from '../layout/sizes.ts';
import { constantBuffer } from '../model/experts.ts';
import { moeReaders, readTensors } from '../train/engine/inspect.ts';
import { type Gpu, LayerTrainer } from '../train/ladimo/layerTrainer.ts';
import { splitFfn } from '../train/ladimo/start.ts';
import type {
  GoldenTensors,
  LadimoPolicyInput,
  LadimoPolicyOutput,
  LadimoSplitInput,
  LadimoSplitOutput,
  StepOutput,
} from './subject.ts';

async function readSteps(trainer: LayerTrainer): Promise<StepOutput[]> {
  const records = await trainer.readTelemetry();
  if (!records) return [];
  const { n, mse, balance, total, gradNorm, lr } = records;
  return Array.from({ length: n }, (_, i) => ({
    lr: lr[i]!,
    gradNorm: gradNorm[i]!,
    loss: { mse: mse[i]!, balance: balance[i]!, total: total[i]! },
  }));
}

/** Splits the dense FFN and trains the layer on the recorded batches. */
export async function splitOnGpu(gpu: Gpu, input: LadimoSplitInput): Promise<LadimoSplitOutput> {
  const { config, layer, alpha, dense, router, batches } = input;
  const { D, denseHidden: h } = config.model;
  const split = splitFfn(dense, { layer, D, h, N: config.experts.slots.length });
  const trainer = await LayerTrainer.create(gpu, config, { layer, alpha });
  try {
    trainer.load(new Map([...router, ...split]));
    const tensors: GoldenTensors = new Map();
    for (const [i, batch] of batches.entries()) {
      trainer.submitStep(batch);
      if (i > 0) continue;
      const { ffn, m_TD } = trainer.network;
      const readers = moeReaders(gpu.device, ffn, m_TD, { config, layer });
      for (const [name, tensor] of await readTensors(readers, () => true))
        tensors.set(`out.${name}`, tensor);
      for (const [name, tensor] of await trainer.readGradients())
        tensors.set(`grad.${name}`, tensor);
    }
    const steps = await readSteps(trainer);
    for (const [name, tensor] of await trainer.readParameters())
      tensors.set(`after.${name}`, tensor);
    return { split, tensors, steps, capacity: {} };
  } finally {
    trainer.destroy();
  }
}

/** Slots that make room for small w_m: the others share 1 − w_m and must stay below it. */
const PROBE_SLOTS = 256;

/** Logits [T, R] whose largest probability is w_m, in slot 0. */
function probeLogits(maxWeights: Float32Array): Float32Array {
  const z_TR = new Float32Array(maxWeights.length * pad4(PROBE_SLOTS));
  maxWeights.forEach((wm, t) => {
    const rest = (1 - wm) / (PROBE_SLOTS - 1);
    if (!(rest < wm && wm < 1)) {
      throw new RangeError(`golden: w_m = ${wm} is not between 1/${PROBE_SLOTS} and 1`);
    }
    z_TR[t * pad4(PROBE_SLOTS)] = Math.log(wm / rest);
  });
  return z_TR;
}

/** How many slots the router selects for tokens of these maximal routing weights [n]. */
async function routedWidths(
  { device, adapterClass }: Gpu,
  maxWeights: Float32Array,
  policy: LayerPolicy,
): Promise<Int32Array> {
  const memory = new GpuMemory(device);
  try {
    const [T, R, W] = [maxWeights.length, PROBE_SLOTS, 3];
    const slots = Array.from({ length: R }, () => ({ kind: 'zero' as const }));
    const store = (name: string, words: number): Slice => memory.storage(name, words * 4, 'other');
    const z_TR = store('z_TR', T * pad4(R));
    device.queue.writeBuffer(z_TR.buffer, z_TR.offset, probeLogits(maxWeights) as BufferSource);
    const selected_WT = store('selected_WT', W * T);
    const io = {
      z_TR,
      slots_R: constantBuffer(memory, 'slots_R', slotRecords(slots)),
      p_TR: store('p_TR', T * pad4(R)),
      g_TR: store('g_TR', T * pad4(R)),
      selected_WT,
    };
    const builder = new PlanBuilder(
      memory,
      memory.uniform('step', STEP_BYTES, 'other'),
      adapterClass,
    );
    const rule = { selection: 'adaptive', gate: 'softmax', K: 2, layer: 0, policy } as const;
    routerTopkForward(builder, io, { T, R, W, ...rule });
    const plan = await builder.build();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    plan.encode(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const selected = await readWords(device, selected_WT);
    const isSelected = (w: number, t: number) => (selected[w * T + t]! | 0) >= 0;
    return Int32Array.from(maxWeights, (_, t) => [0, 1, 2].filter((w) => isSelected(w, t)).length);
  } finally {
    memory.destroy();
  }
}

/** The policy table, and the slots that the router then selects on the GPU. */
export async function policyOnGpu(
  gpu: Gpu,
  { pu, pe, layers, maxWeights }: LadimoPolicyInput,
): Promise<LadimoPolicyOutput> {
  const table = adaptivePolicy(maxWeights, { pu, pe });
  const tokenK: Int32Array[] = [];
  for (const [i, own] of table.layers.entries()) {
    tokenK.push(await routedWidths(gpu, maxWeights[i]!, layerPolicy(own)));
  }
  return {
    ...table,
    layers: table.layers.map((own, i) => ({ layer: layers[i]!, ...own })),
    tokenK,
  };
}
