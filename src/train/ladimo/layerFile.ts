/** A layer's training as safetensors: parameters, moments, the losses of its steps (docs/files.md). */
import type { EngineConfig } from '../../config/experiment.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../../data/safetensors.ts';
import type { TensorMap } from '../engine/engine.ts';
import { FIRST, SECOND } from '../session/modelState.ts';
import { COLUMNS, type DistillLosses, type LayerProgress } from './distill.ts';
import { layerEntries } from './layerTrainer.ts';

const FORMAT = 'switchyard-layer-1';
const LOSS = 'loss.';

export function encodeLayer({ state, losses }: LayerProgress): Uint8Array {
  const tensors: SafeTensors = new Map();
  const add = (prefix: string, source: TensorMap) => {
    for (const [name, { shape, data }] of source)
      tensors.set(prefix + name, { dtype: 'F32', shape, data });
  };
  add('', state.parameters);
  add(FIRST, state.firstMoments);
  add(SECOND, state.secondMoments);
  for (const name of COLUMNS) {
    const data = Float32Array.from(losses[name]);
    tensors.set(LOSS + name, { dtype: 'F32', shape: [data.length], data });
  }
  return writeSafetensors(tensors, { format: FORMAT, step: String(state.step) });
}

function wrong(message: string): RangeError {
  return new RangeError(`The training of a layer cannot be read: ${message}.`);
}

/** The losses alone, of a file that `encodeLayer` wrote. @throws RangeError where one is missing */
export function lossesOf(bytes: Uint8Array): DistillLosses {
  const { tensors } = readSafetensors(bytes);
  const columns = COLUMNS.map((name) => {
    const tensor = tensors.get(LOSS + name);
    if (tensor === undefined) throw wrong(`"${LOSS}${name}" is missing`);
    return [name, Array.from(tensor.data)];
  });
  return Object.fromEntries(columns) as DistillLosses;
}

/**
 * @param config of the student
 * @throws RangeError naming the first thing that is missing or of another size
 */
export function decodeLayer(bytes: Uint8Array, config: EngineConfig, layer: number): LayerProgress {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== FORMAT)
    throw wrong(`its format is "${metadata.format ?? 'none'}", not "${FORMAT}"`);
  const step = /^\d{1,8}$/.test(metadata.step ?? '') ? Number(metadata.step) : Number.NaN;
  if (Number.isNaN(step)) throw wrong(`its step is "${metadata.step ?? 'missing'}"`);
  const tensorOf = (name: string, shape: readonly number[]) => {
    const tensor = tensors.get(name);
    if (tensor?.dtype !== 'F32') throw wrong(`"${name}" is missing`);
    if (tensor.shape.join() !== shape.join())
      throw wrong(`"${name}" has shape [${tensor.shape}], layer ${layer} needs [${shape}]`);
    if (tensor.data.some((x) => !Number.isFinite(x))) throw wrong(`"${name}" is not finite`);
    return { shape, data: tensor.data };
  };
  const read = (prefix: string): TensorMap =>
    new Map(
      layerEntries(config, layer).map(({ name, shape }) => [name, tensorOf(prefix + name, shape)]),
    );
  const losses = Object.fromEntries(
    COLUMNS.map((name) => [name, Array.from(tensorOf(LOSS + name, [step]).data)]),
  ) as unknown as DistillLosses;
  const state = {
    step,
    parameters: read(''),
    firstMoments: read(FIRST),
    secondMoments: read(SECOND),
  };
  return { state, losses };
}
