/**
 * Checkpoints of other programs: tensors in the specification's names without an experiment. Shapes
 * tell what they can, a person the rest, and what comes of both is a checkpoint of this lab.
 */
import type { Experiment } from '../../config/experiment.ts';
import { elementCount } from '../../config/parameterShapes.ts';
import { MAX_STEPS } from '../../config/settings.ts';
import {
  readSafetensors,
  readSafetensorsHeader,
  type SafeTensors,
} from '../../data/safetensors.ts';
import type { EngineState, TensorMap } from '../../train/engine/engine.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../train/session/checkpoint.ts';
import { completed, type Foreign } from './answers.ts';
import { type Shapes, tellShapes } from './shapes.ts';

/** With its tensors. */
export interface ForeignFile extends Foreign {
  tensors: SafeTensors;
}

const MOMENTS = ['moment1.', 'moment2.'] as const;

const isMoment = (name: string) => MOMENTS.some((prefix) => name.startsWith(prefix));

/** Whether a file has weights and no experiment; false for what is no checkpoint at all. */
export function isForeign(bytes: Uint8Array): boolean {
  try {
    const { names, metadata } = readSafetensorsHeader(bytes);
    return names.includes('embed.weight') && metadata.format?.startsWith('switchyard-') !== true;
  } catch {
    return false;
  }
}

/**
 * The tensors of a checkpoint without an experiment; null for one of this lab, and for what is none.
 * @throws RangeError or Error, as the end of a sentence, for one in other names, or damaged
 */
export function readForeign(bytes: Uint8Array): ForeignFile | null {
  if (!isForeign(bytes)) return null;
  const { tensors, metadata } = readSafetensors(bytes);
  const other = [...tensors].find(([, { dtype }]) => dtype !== 'F32');
  if (other !== undefined)
    throw new RangeError(`"${other[0]}" has dtype ${other[1].dtype}; weights must be F32`);
  const own = [...tensors].filter(([name]) => !isMoment(name));
  const shapes: Shapes = new Map(own.map(([name, { shape }]) => [name, shape]));
  const told = tellShapes(shapes);
  const step = /^\d{1,8}$/.test(metadata.step ?? '') ? Number(metadata.step) : 0;
  return {
    ...told,
    tensors,
    step: Math.min(step, MAX_STEPS),
    hasMoments: own.length < tensors.size,
    parameters: own.reduce((sum, [, { data }]) => sum + data.length, 0),
  };
}

function tensorsOf(tensors: SafeTensors, prefix: string): TensorMap {
  const found: TensorMap = new Map();
  for (const [name, tensor] of tensors) {
    if (tensor.dtype !== 'F32' || !name.startsWith(prefix)) continue;
    if (prefix === '' && isMoment(name)) continue;
    found.set(name.slice(prefix.length), { shape: tensor.shape, data: tensor.data });
  }
  return found;
}

/** Moments as far as the file has them, zeros elsewhere. */
function momentsOf(parameters: TensorMap, tensors: SafeTensors, prefix: string): TensorMap {
  const known = tensorsOf(tensors, prefix);
  return new Map([
    ...known,
    ...[...parameters]
      .filter(([name]) => !known.has(name))
      .map(([name, { shape }]) => {
        return [name, { shape, data: new Float32Array(elementCount(shape)) }] as const;
      }),
  ]);
}

/**
 * A checkpoint of this lab that goes on from another program's.
 * @throws RangeError as `completed`; ConfigInvalid for tensors that the model does not have, or values
 *   that are not finite
 */
export function asCheckpoint(foreign: ForeignFile, answers: Experiment): Uint8Array {
  const experiment = completed(foreign, answers);
  const parameters = tensorsOf(foreign.tensors, '');
  const state: EngineState = {
    step: foreign.hasMoments ? foreign.step : 0,
    parameters,
    firstMoments: momentsOf(parameters, foreign.tensors, MOMENTS[0]),
    secondMoments: momentsOf(parameters, foreign.tensors, MOMENTS[1]),
  };
  const bytes = encodeCheckpoint({ experiment, state });
  decodeCheckpoint(bytes);
  return bytes;
}
