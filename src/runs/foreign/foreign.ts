/**
 * Checkpoints of other programs: tensors in the specification's names without an experiment. Shapes
 * tell what they can, a person the rest, and what comes of both is a checkpoint of this lab.
 */
import { checkConstraints } from '../../config/constraints.ts';
import { applyChange } from '../../config/edit.ts';
import type { Experiment, Slot, TokenizerConfig } from '../../config/experiment.ts';
import { elementCount } from '../../config/parameterShapes.ts';
import { counted, listed } from '../../config/plural.ts';
import { settingAt } from '../../config/schema.ts';
import { MAX_STEPS } from '../../config/settings.ts';
import {
  readSafetensors,
  readSafetensorsHeader,
  type SafeTensors,
} from '../../data/safetensors.ts';
import type { EngineState, TensorMap } from '../../train/engine/engine.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../train/session/checkpoint.ts';
import { type Shapes, type Told, tellShapes } from './shapes.ts';

/** A checkpoint without an experiment. */
export interface Foreign extends Told {
  tensors: SafeTensors;
  /** Steps taken, where the file tells; else 0. */
  step: number;
  hasMoments: boolean;
  parameters: number;
  /** Settings that shapes do not tell, by their paths. */
  asked: readonly string[];
}

const MOMENTS = ['moment1.', 'moment2.'] as const;
const BYTE_ENTRIES = 256;
const MAX_BPE = 4096;

const isMoment = (name: string) => MOMENTS.some((prefix) => name.startsWith(prefix));

function askedOf({ headWidth, otherSlots, known }: Told): string[] {
  const hasMoe = known['model.arrangement'] !== 'dense';
  return [
    'tokenizer.kind',
    ...(headWidth === null ? ['model.H'] : []),
    'model.positions',
    ...(otherSlots === null ? [] : ['experts.slots']),
    ...(hasMoe ? ['router.selection', 'router.K', 'router.P', 'router.q', 'router.gate'] : []),
    'batch.B',
    'batch.S',
  ];
}

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
export function readForeign(bytes: Uint8Array): Foreign | null {
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
    asked: askedOf(told),
  };
}

/** Slots of a layer in an order that is likely: FFN experts, constants, then the rest as null slots. */
export function likelySlots({ ffn, otherSlots }: Foreign): Slot[] {
  const { count = 0, constants = 0 } = otherSlots ?? {};
  return [
    ...ffn.map((hidden): Slot => ({ kind: 'ffn', hidden })),
    ...Array.from({ length: constants }, (): Slot => ({ kind: 'constant' })),
    ...Array.from({ length: count - constants }, (): Slot => ({ kind: 'zero' })),
  ];
}

/** Numbers of heads that the shapes allow. */
export function headsOf({ D, keyRows, headWidth }: Told): number[] {
  const all = Array.from({ length: Math.min(D, 128) }, (_, i) => i + 1);
  return all.filter((H) => {
    const Dh = D / H;
    const Hkv = keyRows / Dh;
    const fits = Number.isInteger(Dh) && Number.isInteger(Hkv) && H % Hkv === 0;
    return fits && (headWidth === null || headWidth === Dh);
  });
}

/**
 * Tokenizers whose entries a vocabulary could be, the likeliest first.
 * @throws RangeError with the reason where there is none
 */
export function tokenizersFor(V: number): TokenizerConfig['kind'][] {
  if (V > MAX_BPE)
    throw new RangeError(
      `no tokenizer here reads its ${counted(V, 'entry', 'entries')}: bytes have ${BYTE_ENTRIES}, byte pairs at most ${MAX_BPE.toLocaleString('en')}, and characters as many as the text has`,
    );
  if (V < BYTE_ENTRIES) return ['chars'];
  return V === BYTE_ENTRIES ? ['bytes', 'chars'] : ['bpe', 'bytes', 'chars'];
}

/** Heads of keys and values that go with so many heads. @throws RangeError where none do */
function keyHeads(foreign: Foreign, H: number): number {
  const possible = headsOf(foreign);
  if (!possible.includes(H))
    throw new RangeError(
      `H = ${H} heads do not fit D = ${foreign.D} and keys of ${foreign.keyRows}; ${possible.length === 0 ? 'no number does' : `those that do: ${listed(possible.map(String), ', ')}`}`,
    );
  return (foreign.keyRows * H) / foreign.D;
}

/**
 * An experiment with what the shapes tell in the place of its own settings, from its start.
 * @param answers settings that the shapes do not tell; all others are its own too
 * @throws RangeError, as the end of a sentence, for what the shapes do not allow
 */
export function completed(foreign: Foreign, answers: Experiment): Experiment {
  const { D, V, headWidth } = foreign;
  const { kind, size } = answers.tokenizer;
  // As many characters as that a text may have; whether it has is seen when it is read.
  if (kind !== 'chars') tokenizersFor(V);
  const H = headWidth === null ? answers.model.H : D / headWidth;
  const experiment = applyChange(
    { ...answers, events: [] },
    {
      ...foreign.known,
      'model.H': H,
      'model.Hkv': keyHeads(foreign, H),
      'tokenizer.size': kind === 'bpe' ? Math.min(size, V) : size,
    },
  );
  const told = new Set([...Object.keys(foreign.known), 'model.H', 'model.Hkv']);
  const wrong = checkConstraints(experiment).filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) {
    const named = wrong.map(({ path, message }) =>
      told.has(path) ? message : `${settingAt(path)?.label ?? path}: ${message}`,
    );
    throw new RangeError(listed(named));
  }
  return experiment;
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
export function asCheckpoint(foreign: Foreign, answers: Experiment): Uint8Array {
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

/** What the shapes told, in one line. */
export function described({ known, parameters, D, keyRows }: Foreign): string {
  const value = (path: string) => known[path];
  const parts = [
    `V = ${value('model.V')}`,
    `D = ${D}`,
    `L = ${value('model.L')}`,
    `keys of ${keyRows}`,
    `${Array.isArray(value('model.arrangement')) ? `MoE layers ${value('model.arrangement')}` : value('model.arrangement')}`,
    value('model.tied') === true ? 'head tied' : 'head of its own',
    ...(value('model.denseHidden') === undefined ? [] : [`F = ${value('model.denseHidden')}`]),
  ];
  return `${counted(parameters, 'parameter')}; ${parts.join(', ')}`;
}
