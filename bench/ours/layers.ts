/** Parts of one MoE layer, as the engine dispatches them. */

import type { EngineConfig } from '../../src/config/experiment.ts';
import { isComputing } from '../../src/config/slots.ts';
import type { AdapterClass, Dispatch } from '../../src/gpu/plan.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { layerInput, productInputs } from '../inputs.ts';
import { DOMAINS, INIT_STD, productConfig, randomBatch, SEED } from '../shapes.ts';
import type { ProductSize, Work } from '../subject.ts';
import { encodeAll, indexOf, isOf, passWork, sliceOf, writeSlice } from './dispatches.ts';

interface Layer {
  engine: GpuEngine;
  /** The forward pass of the whole model. */
  forward: readonly Dispatch[];
}

/** A one-layer model after one forward pass, its batch and numbers in place. */
async function openLayer(
  device: GPUDevice,
  config: EngineConfig,
  adapterClass: AdapterClass,
): Promise<Layer> {
  const options = { domains: DOMAINS, initStd: INIT_STD, seedInit: SEED, adapterClass };
  const engine = await GpuEngine.create(device, config, options);
  engine.forwardOnly(randomBatch(config));
  await device.queue.onSubmittedWorkDone();
  const [forward] = engine.stepPlans;
  if (forward?.phase !== 'forward') throw new Error('layers: a step begins with another phase');
  return { engine, forward: forward.plan.dispatches };
}

/** The MoE layer forward: all that stands between the norm before it and the residual sum. */
export async function moeForwardWork(
  device: GPUDevice,
  config: EngineConfig,
  adapterClass: AdapterClass,
): Promise<Work> {
  const { engine, forward } = await openLayer(device, config, adapterClass);
  const chosen = indexOf(forward, 'routerTopk.fwd');
  const begin = forward.findLastIndex((one, i) => i < chosen && isOf(one, 'rmsNorm.fwd')) + 1;
  const end = indexOf(forward, 'combine.fwd') + 1;
  const layer = forward.slice(begin, end);
  const up = layer[indexOf(layer, 'expertUp.fwd')];
  const combine = layer.at(-1);
  if (!up || !combine) throw new Error('layers: the layer has no experts');
  writeSlice(device, sliceOf(up, 'm_TD'), Float32Array.from(layerInput(config)));
  const out_TD = sliceOf(combine, 'out_TD');
  return passWork(device, encodeAll(layer), out_TD, () => engine.destroy());
}

/**
 * `share` of all assignments spread evenly over the FFN slots, the rest over the others
 * [W, T], rank slowest.
 */
export function craftedSelection(config: EngineConfig, share: number): Int32Array<ArrayBuffer> {
  const { slots } = config.experts;
  const numbers = slots.map((_, r) => r);
  const ffn = numbers.filter((r) => isComputing((slots[r] ?? { kind: 'zero' }).kind));
  const rest = numbers.filter((r) => !ffn.includes(r));
  const T = config.batch.B * config.batch.S;
  const W = config.router.K;
  const selected = new Int32Array(W * T);
  let onFfn = 0;
  for (let a = 0; a < W * T; a++) {
    const isFfn = Math.floor((a + 1) * share) > onFfn;
    const [group, place] = isFfn ? [ffn, onFfn] : [rest, a - onFfn];
    const slot = group[place % group.length];
    if (slot === undefined)
      throw new RangeError(`layers: a share of ${share} needs slots of both classes`);
    selected[(a % W) * T + Math.floor(a / W)] = slot;
    if (isFfn) onFfn += 1;
  }
  return selected;
}

/** Dispatch, experts and combination, `share` of the assignments on FFN slots. */
export async function expertForwardWork(
  device: GPUDevice,
  config: EngineConfig,
  share: number,
  adapterClass: AdapterClass,
): Promise<Work> {
  const { engine, forward } = await openLayer(device, config, adapterClass);
  const layer = forward
    .slice(indexOf(forward, 'dispatch.count'), indexOf(forward, 'combine.fwd') + 1)
    .filter(({ name }) => !name.startsWith('auxLosses.'));
  const [count] = layer;
  const combine = layer.at(-1);
  if (!count || !combine) throw new Error('layers: the layer dispatches nothing');
  writeSlice(device, sliceOf(count, 'selected_WT'), craftedSelection(config, share));
  const out_TD = sliceOf(combine, 'out_TD');
  return passWork(device, encodeAll(layer), out_TD, () => engine.destroy());
}

/** Down projections of 8 experts with m/8 rows each: the grouped product of m × k with n × k. */
export async function groupedProductWork(
  device: GPUDevice,
  size: ProductSize,
  adapterClass: AdapterClass,
): Promise<Work> {
  const config = productConfig(size);
  const { engine, forward } = await openLayer(device, config, adapterClass);
  const [from, to] = [indexOf(forward, 'dispatch.count'), indexOf(forward, 'dispatch.scatter')];
  const sorting = forward.slice(from, to + 1);
  const [count] = sorting;
  const down = forward[indexOf(forward, 'expertDown.fwd')];
  if (!count || !down) throw new Error('layers: the layer has no experts');
  writeSlice(device, sliceOf(count, 'selected_WT'), craftedSelection(config, 1));
  const output = sliceOf(down, 'y_JD');
  await passWork(device, encodeAll(sorting), output, () => undefined).run(1);
  writeSlice(device, sliceOf(down, 'hidden_JF'), Float32Array.from(productInputs(size).x));
  return passWork(device, encodeAll([down]), output, () => engine.destroy());
}
