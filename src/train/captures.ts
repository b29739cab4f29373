/** Values of a forward pass, copied from the buffers that training uses. */
import { readFloats, readWords } from '../gpu/readback.ts';
import { pad4, type Slice } from '../gpu/slice.ts';
import { ROUTE } from '../kernels/codes.ts';
import type { MoeFfn } from '../model/moeFfn.ts';
import type { LayerRouting } from './engine.ts';

/** Rows of a padded activation [rows, pad4(width)] without their padding [rows, width]. */
export async function readRows(
  device: GPUDevice,
  slice: Slice,
  rows: number,
  width: number,
): Promise<Float32Array> {
  const stored = await readFloats(device, slice);
  const data = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const start = r * pad4(width);
    data.set(stored.subarray(start, start + width), r * width);
  }
  return data;
}

/** What a MoE layer chose for the T tokens that it has just been run on. */
export async function readRouting(
  device: GPUDevice,
  ffn: MoeFfn,
  layer: number,
  T: number,
): Promise<LayerRouting> {
  const { W } = ffn;
  const R4 = pad4(ffn.slots.length);
  const [selectedWords, routes, g] = await Promise.all([
    readWords(device, ffn.selected_WT),
    readWords(device, ffn.route_WT),
    readFloats(device, ffn.g_TR),
  ]);
  const selected = new Int32Array(T * W);
  const gates = new Float32Array(T * W);
  const dropped = new Uint8Array(T * W);
  for (let t = 0; t < T; t++) {
    for (let w = 0; w < W; w++) {
      const slot = (selectedWords[w * T + t] as number) | 0;
      const at = t * W + w;
      selected[at] = slot;
      gates[at] = slot < 0 ? 0 : (g[t * R4 + slot] as number);
      dropped[at] = (routes[2 * (w * T + t)] as number) >>> 28 === ROUTE.dropped ? 1 : 0;
    }
  }
  return { layer, W, selected, gates, dropped };
}
