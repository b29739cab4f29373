/** What a model's layers do over sample text, read back from the GPU. */
import type { Batch, PreparedText } from '../../data/types.ts';
import type { Engine } from '../engine/engine.ts';
import { layerTensors } from '../engine/inspect.ts';

/** Inputs m and outputs f(m) of one layer's dense FFN over n tokens [n, D]. */
export interface FfnSample {
  layer: number;
  n: number;
  inputs: Float32Array;
  targets: Float32Array;
}

/** Who follows a recording. */
export interface Recording {
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Calls `visit` for batches 0, 1, … until they have n tokens, with where and how many to keep.
 * @throws the signal's reason
 */
async function overTokens(
  engine: Pick<Engine, 'config' | 'layers' | 'inspect'>,
  n: number,
  visit: (batch: number, start: number, count: number) => Promise<void>,
  { signal, onProgress }: Recording,
): Promise<void> {
  const { B, S } = engine.config.batch;
  const T = B * S;
  for (let i = 0; i * T < n; i++) {
    signal?.throwIfAborted();
    await visit(i, i * T, Math.min(T, n - i * T));
    onProgress?.(Math.min(n, (i + 1) * T), n);
  }
}

/** Batches 0, 1, … of training text, as many as its epochs have, over and over. */
export function textBatches(text: PreparedText): (i: number) => Batch {
  const { lastStep } = text;
  return (i) => text.trainingBatch((lastStep === null ? i : i % lastStep) + 1);
}

/** Batches in a row without a window of a domain after which it is given up. */
const PATIENCE = 1000;

/**
 * Batches of the windows of one domain alone, in the order in which the text's batches have them.
 * They are asked for in order: 0, 1, …
 * @param of batches of the whole text
 * @throws RangeError where the text has no window of it
 */
export function domainBatches(
  of: (i: number) => Batch,
  { domain, name, B, S }: { domain: number; name: string; B: number; S: number },
): (i: number) => Batch {
  let next = 0;
  const rows: Batch[] = [];
  const take = () => {
    const { tokens, targets, domains } = of(next);
    for (let b = 0; b < B; b++) {
      const [from, to] = [b * S, (b + 1) * S];
      if (domains[from] !== domain) continue;
      rows.push({
        tokens: tokens.slice(from, to),
        targets: targets.slice(from, to),
        domains: domains.slice(from, to),
      });
    }
  };
  return () => {
    for (let waited = 0; rows.length < B; waited++, next++) {
      const before = rows.length;
      take();
      if (rows.length > before) waited = 0;
      if (waited > PATIENCE)
        throw new RangeError(
          `ladimo: no window of "${name}" is in ${PATIENCE} batches of the text`,
        );
    }
    const batch = {
      tokens: new Uint32Array(B * S),
      targets: new Uint32Array(B * S),
      domains: new Uint8Array(B * S),
    };
    rows.splice(0, B).forEach((row, b) => {
      batch.tokens.set(row.tokens, b * S);
      batch.targets.set(row.targets, b * S);
      batch.domains.set(row.domains, b * S);
    });
    return batch;
  };
}

/**
 * Records m and f(m) of dense layers over the first n tokens of batches 0, 1, …
 * @throws Error for a layer that is not dense; the signal's reason
 */
export async function recordFfn(
  engine: Pick<Engine, 'config' | 'layers' | 'inspect'>,
  batch: (i: number) => Batch,
  { layers, n, ...recording }: { layers: readonly number[]; n: number } & Recording,
): Promise<FfnSample[]> {
  const { D } = engine.config.model;
  const empty = () => {
    try {
      return new Float32Array(n * D);
    } catch (cause) {
      const bytes = layers.length * n * D * 2 * 4;
      throw new RangeError(
        `ladimo: sample: ${n} vectors of ${layers.length} layers take ${bytes} bytes, more than there is memory for`,
        { cause },
      );
    }
  };
  const samples = layers.map((layer) => ({ layer, n, inputs: empty(), targets: empty() }));
  const wants = (name: string) => layers.some((l) => name.startsWith(`layers.${l}.ffn_`));
  const visit = async (i: number, start: number, count: number) => {
    const tensors = await engine.inspect(batch(i), wants);
    for (const { layer, inputs, targets } of samples) {
      const tensor = layerTensors(tensors, layer);
      inputs.set(tensor('ffn_input').data.subarray(0, count * D), start * D);
      targets.set(tensor('ffn_output').data.subarray(0, count * D), start * D);
    }
  };
  await overTokens(engine, n, visit, recording);
  return samples;
}

/** Maximal routing weights of n tokens, layer by layer, and the domain of each token. */
export interface WeightProfile {
  layers: { layer: number; weights: Float32Array }[];
  /** [n] */
  domains: Uint8Array;
}

/** Maximal routing weights w_m = max_i p_i(t) of every MoE layer over n tokens [n] (LaDiMo 4.4). */
export async function recordMaxWeights(
  engine: Pick<Engine, 'config' | 'layers' | 'inspect'>,
  batchAt: (i: number) => Batch,
  n: number,
  recording: Recording = {},
): Promise<WeightProfile> {
  const layers = engine.layers.map(({ layer }) => ({ layer, weights: new Float32Array(n) }));
  const domains = new Uint8Array(n);
  const visit = async (i: number, start: number, count: number) => {
    const batch = batchAt(i);
    domains.set(batch.domains.subarray(0, count), start);
    const tensors = await engine.inspect(batch, (name) => name.endsWith('.probs'));
    for (const { layer, weights } of layers) {
      const { shape, data } = layerTensors(tensors, layer)('probs');
      const [, R = 0] = shape;
      for (let t = 0; t < count; t++) {
        weights[start + t] = Math.max(...data.subarray(t * R, (t + 1) * R));
      }
    }
  };
  await overTokens(engine, n, visit, recording);
  return { layers, domains };
}
