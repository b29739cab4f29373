/** What a model's layers do over sample text, read back from the GPU. */
import type { Batch } from '../../data/types.ts';
import type { Engine } from '../engine/engine.ts';
import { layerTensors } from '../engine/inspect.ts';

/** Inputs m and outputs f(m) of one layer's dense FFN over n tokens [n, D]. */
export interface FfnSample {
  layer: number;
  n: number;
  inputs: Float32Array;
  targets: Float32Array;
}

/** Calls `visit` for batches 0, 1, … until they have n tokens, with where and how many to keep. */
async function overTokens(
  engine: Pick<Engine, 'config' | 'layers' | 'inspect'>,
  n: number,
  visit: (batch: number, start: number, count: number) => Promise<void>,
): Promise<void> {
  const { B, S } = engine.config.batch;
  const T = B * S;
  for (let i = 0; i * T < n; i++) await visit(i, i * T, Math.min(T, n - i * T));
}

/**
 * Records m and f(m) of dense layers over the first n tokens of batches 0, 1, …
 * @throws Error for a layer that is not dense
 */
export async function recordFfn(
  engine: Pick<Engine, 'config' | 'layers' | 'inspect'>,
  batch: (i: number) => Batch,
  { layers, n }: { layers: readonly number[]; n: number },
): Promise<FfnSample[]> {
  const { D } = engine.config.model;
  const empty = () => new Float32Array(n * D);
  const samples = layers.map((layer) => ({ layer, n, inputs: empty(), targets: empty() }));
  const wants = (name: string) => layers.some((l) => name.startsWith(`layers.${l}.ffn_`));
  await overTokens(engine, n, async (i, start, count) => {
    const tensors = await engine.inspect(batch(i), wants);
    for (const { layer, inputs, targets } of samples) {
      const tensor = layerTensors(tensors, layer);
      inputs.set(tensor('ffn_input').data.subarray(0, count * D), start * D);
      targets.set(tensor('ffn_output').data.subarray(0, count * D), start * D);
    }
  });
  return samples;
}

/** Maximal routing weights w_m = max_i p_i(t) of every MoE layer over n tokens [n] (LaDiMo 4.4). */
export async function recordMaxWeights(
  engine: Pick<Engine, 'config' | 'layers' | 'inspect'>,
  batch: (i: number) => Batch,
  n: number,
): Promise<{ layer: number; weights: Float32Array }[]> {
  const profiles = engine.layers.map(({ layer }) => ({ layer, weights: new Float32Array(n) }));
  await overTokens(engine, n, async (i, start, count) => {
    const tensors = await engine.inspect(batch(i), (name) => name.endsWith('.probs'));
    for (const { layer, weights } of profiles) {
      const { shape, data } = layerTensors(tensors, layer)('probs');
      const [, R = 0] = shape;
      for (let t = 0; t < count; t++) {
        weights[start + t] = Math.max(...data.subarray(t * R, (t + 1) * R));
      }
    }
  });
  return profiles;
}
