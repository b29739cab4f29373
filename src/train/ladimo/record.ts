/** What a model's layers do over sample text, read back from the GPU. */
import type { Batch } from '../../data/types.ts';
import { MoeBlock } from '../../model/moeBlock.ts';
import { readRows } from '../captures.ts';
import type { GpuEngine } from '../gpuEngine.ts';

/** Inputs m and outputs f(m) of one layer's dense FFN over n tokens [n, D]. */
export interface FfnSample {
  layer: number;
  n: number;
  inputs: Float32Array;
  targets: Float32Array;
}

/** Calls `visit` for batches 0, 1, … until they have n tokens, with where and how many to keep. */
async function overTokens(
  engine: GpuEngine,
  n: number,
  visit: (batch: number, start: number, count: number) => Promise<void>,
): Promise<void> {
  const { B, S } = engine.config.batch;
  const T = B * S;
  for (let i = 0; i * T < n; i++) await visit(i, i * T, Math.min(T, n - i * T));
}

/**
 * Records m and f(m) of dense layers over the first n tokens of batches 0, 1, …
 * @throws RangeError for a layer that is not dense
 */
export async function recordFfn(
  engine: GpuEngine,
  batch: (i: number) => Batch,
  { layers, n }: { layers: readonly number[]; n: number },
): Promise<FfnSample[]> {
  const { D } = engine.config.model;
  const empty = () => new Float32Array(n * D);
  const samples = layers.map((layer) => ({ layer, n, inputs: empty(), targets: empty() }));
  await overTokens(engine, n, async (i, start, count) => {
    const { ffn } = engine.forwardOnly(batch(i));
    for (const { layer, inputs, targets } of samples) {
      const block = ffn[layer];
      if (!block || block instanceof MoeBlock) {
        throw new RangeError(`ladimo: layer ${layer} is no dense layer of ${ffn.length} layers`);
      }
      const read = (slice: typeof block.out_TD) => readRows(engine.device, slice, count, D);
      inputs.set(await read(block.norm.normed_TD), start * D);
      targets.set(await read(block.out_TD), start * D);
    }
  });
  return samples;
}

/** Maximal routing weights w_m = max_i p_i(t) of every MoE layer over n tokens [n] (LaDiMo 4.4). */
export async function recordMaxWeights(
  engine: GpuEngine,
  batch: (i: number) => Batch,
  n: number,
): Promise<{ layer: number; weights: Float32Array }[]> {
  const profiles = engine.layers.map(({ layer }) => ({ layer, weights: new Float32Array(n) }));
  await overTokens(engine, n, async (i, start, count) => {
    const { ffn } = engine.forwardOnly(batch(i));
    for (const { layer, weights } of profiles) {
      const block = ffn[layer];
      if (!(block instanceof MoeBlock)) throw new Error(`ladimo: layer ${layer} has no router`);
      const R = block.ffn.slots.length;
      const p_TR = await readRows(engine.device, block.ffn.p_TR, count, R);
      for (let t = 0; t < count; t++) {
        weights[start + t] = Math.max(...p_TR.subarray(t * R, (t + 1) * R));
      }
    }
  });
  return profiles;
}
