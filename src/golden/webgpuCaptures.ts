/** The goldens' `out.*` tensors, copied from the buffers of the engine. */
import type { EngineConfig } from '../config/experiment.ts';
import type { Slice } from '../gpu/slice.ts';
import type { MoeFfn } from '../model/moeFfn.ts';
import { readRouting, readRows } from '../train/captures.ts';
import type { GoldenTensor, GoldenTensors } from './subject.ts';

/** A padded activation as a tensor [rows, width]. */
export async function readTensor(
  device: GPUDevice,
  slice: Slice,
  rows: number,
  width: number,
): Promise<GoldenTensor> {
  return { shape: [rows, width], data: await readRows(device, slice, rows, width) };
}

/** `out.layers.{l}.…` of a MoE layer that has just been run on the T tokens of m_TD. */
export async function captureMoe(
  device: GPUDevice,
  ffn: MoeFfn,
  m_TD: Slice,
  { config, layer }: { config: EngineConfig; layer: number },
): Promise<GoldenTensors> {
  const { D } = config.model;
  const T = config.batch.B * config.batch.S;
  const R = ffn.slots.length;
  const read = (slice: Slice, width: number) => readTensor(device, slice, T, width);
  const routing = await readRouting(device, ffn, layer, T);
  const shape = [T, routing.W];
  const tensors: GoldenTensors = new Map([
    ['moe_input', await read(m_TD, D)],
    ['router_logits', await read(ffn.logits.z_TR, R)],
    ['probs', await read(ffn.p_TR, R)],
    ['selected', { shape, data: routing.selected }],
    ['gates', { shape, data: routing.gates }],
    ['dropped', { shape, data: Int32Array.from(routing.dropped) }],
    ['moe_output', await read(ffn.out_TD, D)],
  ]);
  if (config.router.gate === 'renormalizedWithNull') {
    const gates = await read(ffn.g_TR, R);
    const isNull = (i: number) => ffn.slots[i % R]?.kind === 'zero';
    const data = Float32Array.from([...gates.data].filter((_, i) => isNull(i)));
    tensors.set('null_gates', { shape: [T, data.length / T], data });
  }
  return new Map([...tensors].map(([name, tensor]) => [`out.layers.${layer}.${name}`, tensor]));
}
