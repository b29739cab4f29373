/** Start values of a layer that is converted (docs/model.md, "Dense → MoE conversion", 2). */
import type { EngineConfig } from '../../config/experiment.ts';
import { normalDraws } from '../../config/hash.ts';
import { initialWeight } from '../../config/initialWeights.ts';
import type { LayerStart } from '../../config/ladimoSettings.ts';
import { elementCount } from '../../config/parameterShapes.ts';
import type { TensorMap } from '../engine/engine.ts';
import { layerEntries } from './layerTrainer.ts';

/** Standard deviation of the router's start. */
const ROUTER_STD = 0.02;

/** gate and up [h, D], down [D, h] of a dense FFN. */
export interface DenseWeights {
  gate: Float32Array;
  up: Float32Array;
  down: Float32Array;
}

/**
 * The experts of layer `layer` under their parameter names: expert i gets hidden units
 * i·h/N … (i + 1)·h/N − 1 of the dense FFN, rows of gate and up, columns of down.
 * @throws RangeError where N does not divide h
 */
export function splitFfn(
  dense: DenseWeights,
  { layer, D, h, N }: { layer: number; D: number; h: number; N: number },
): TensorMap {
  if (h % N !== 0) throw new RangeError(`ladimo: ${N} experts do not divide ${h} hidden units`);
  const F = h / N;
  const tensors: TensorMap = new Map();
  for (let i = 0; i < N; i++) {
    const prefix = `layers.${layer}.moe.experts.${i}`;
    const down = new Float32Array(D * F);
    for (let d = 0; d < D; d++) {
      down.set(dense.down.subarray(d * h + i * F, d * h + (i + 1) * F), d * F);
    }
    const rows = (w: Float32Array) => w.slice(i * F * D, (i + 1) * F * D);
    tensors.set(`${prefix}.gate.weight`, { shape: [F, D], data: rows(dense.gate) });
    tensors.set(`${prefix}.up.weight`, { shape: [F, D], data: rows(dense.up) });
    tensors.set(`${prefix}.down.weight`, { shape: [D, F], data: down });
  }
  return tensors;
}

/** The dense FFN of a layer in a model's parameters. @throws Error where the layer has none */
export function denseWeights(parameters: TensorMap, layer: number): DenseWeights {
  const weight = (part: string): Float32Array => {
    const name = `layers.${layer}.ffn.${part}.weight`;
    const tensor = parameters.get(name);
    if (!tensor) throw new Error(`ladimo: the teacher has no "${name}"; is layer ${layer} dense?`);
    return tensor.data;
  };
  return { gate: weight('gate'), up: weight('up'), down: weight('down') };
}

/** Parameters from which a layer of the student starts its distillation. */
export function layerStart(
  config: EngineConfig,
  layer: number,
  teacher: TensorMap,
  { start, initStd, seed }: { start: LayerStart; initStd: number; seed: number },
): TensorMap {
  const entries = layerEntries(config, layer);
  const N = entries.filter(({ name }) => name.endsWith('.gate.weight')).length;
  const { D, denseHidden: h } = config.model;
  const split =
    start === 'split' ? splitFfn(denseWeights(teacher, layer), { layer, D, h, N }) : new Map();
  return new Map(
    entries.map((entry) => {
      const { name, shape } = entry;
      if (name.endsWith('.router.weight')) {
        return [name, { shape, data: normalDraws(seed, name, elementCount(shape), ROUTER_STD) }];
      }
      return [name, split.get(name) ?? { shape, data: initialWeight(entry, initStd, seed) }];
    }),
  );
}
