/** A conversion as it is stored: its state between two works, and what it needs of other tables. */
import * as v from 'valibot';
import type { Experiment } from '../../config/experiment.ts';
import {
  fittingExperts,
  type LadimoSettings,
  parseLadimoSettings,
} from '../../config/ladimoSettings.ts';
import { parseExperiment } from '../../config/parse.ts';
import { isRecord } from '../../config/paths.ts';
import { MAX_LAYERS, MAX_STEPS } from '../../config/settings.ts';
import { show } from '../../config/values.ts';
import type { ConversionState, LayerState } from '../../train/ladimo/conversion.ts';
import { RUN_ID } from '../record.ts';
import { checked, hash, text, whole } from '../schemas.ts';

/** Raised when a reader of today could not read what was written. */
export const CONVERSION_FORMAT = 1;

export interface ConversionRecord {
  format: typeof CONVERSION_FORMAT;
  state: ConversionState;
  /** Hash of the person's own text that the teacher was trained on; null for none. */
  own: string | null;
  /** Bytes of the parts. */
  bytes: number;
}

/** Names of the parts. */
export const TEACHER = 'teacher';
export const layerPart = (layer: number, seed: number) => `layer-${layer}-${seed}`;
export const domainPart = (domain: string, layer: number) => `domain-${domain}-${layer}`;

/** A layer as it stands when nobody works on it. */
export function atRest(layer: LayerState): LayerState {
  if (layer.status !== 'training' && layer.status !== 'recorded') return layer;
  const isBegun = layer.seeds.some(({ step }) => step > 0);
  return { ...layer, status: isBegun ? 'stopped' : 'dense' };
}

/** The state as it is read again: nobody works on it. */
export function restingState(state: ConversionState): ConversionState {
  return { ...state, stage: 'idle', progress: null, layers: state.layers.map(atRest) };
}

const layerShape = v.object({
  layer: whole(0, MAX_LAYERS - 1),
  isChosen: v.boolean(),
  status: v.picklist(['dense', 'recorded', 'training', 'stopped', 'converted']),
  seeds: v.array(
    v.object({ seed: whole(0, 15), step: whole(0, MAX_STEPS), mse: v.nullable(v.number()) }),
  ),
});

const teacherShape = v.object({
  name: text(500),
  run: v.nullable(text(64)),
  digest: v.nullable(hash),
  step: whole(0, MAX_STEPS),
  experiment: v.unknown(),
  isReplayable: v.boolean(),
});

/** What is looked at of a state from a file or the database; figures are shown as they are. */
const stateShape = v.looseObject({
  id: v.pipe(v.string(), v.regex(RUN_ID)),
  name: text(500),
  begunAt: whole(0, 8.64e15),
  changedAt: whole(0, 8.64e15),
  teacher: teacherShape,
  settings: v.unknown(),
  layers: v.array(layerShape),
  students: v.array(v.unknown()),
  throughput: v.array(v.unknown()),
  domains: v.array(v.unknown()),
  policies: v.array(v.unknown()),
  weights: v.nullable(v.unknown()),
  digest: v.nullable(v.string()),
  expected: v.nullable(v.string()),
  student: v.nullable(v.unknown()),
  failure: v.nullable(v.string()),
});

/**
 * Reads what is stored, or what a file has, as a conversion at rest.
 * @throws RangeError with the place of the first value that is refused
 */
export function readRecord(stored: unknown): ConversionRecord {
  if (!isRecord(stored) || !isRecord(stored.state))
    throw new RangeError(`${show(stored)} is no conversion`);
  if (stored.format !== CONVERSION_FORMAT)
    throw new RangeError(
      `format: ${show(stored.format)} cannot be read; this program reads format ${CONVERSION_FORMAT}`,
    );
  const state = checked(stateShape, stored.state);
  const { experiment, problems } = parseExperiment(state.teacher.experiment);
  const wrong = problems.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) throw new RangeError(`teacher.experiment: ${wrong.message}`);
  const settings = parseLadimoSettings(state.settings);
  const teacher = { ...state.teacher, experiment };
  const whole = { ...stored.state, ...state, teacher, settings } as unknown as ConversionState;
  const own = checked(v.nullable(hash), stored.own);
  const bytes = typeof stored.bytes === 'number' ? stored.bytes : 0;
  return { format: CONVERSION_FORMAT, state: restingState(whole), own, bytes };
}

/** Layers of a teacher before their conversion. */
export function freshLayers(
  L: number,
  { layers, seeds }: { layers: readonly number[]; seeds: number },
): LayerState[] {
  return Array.from({ length: L }, (_, layer) => ({
    layer,
    isChosen: layers.includes(layer),
    status: 'dense',
    seeds: layers.includes(layer)
      ? Array.from({ length: seeds }, (_, seed) => ({ seed, step: 0, mse: null }))
      : [],
  }));
}

/**
 * Settings with their defaults; where none are named all layers, in as many experts as fit the FFN.
 * @throws RangeError
 */
export function settingsFor(
  { L, denseHidden }: Pick<Experiment['model'], 'L' | 'denseHidden'>,
  part: object,
): LadimoSettings {
  const layers = Array.from({ length: L }, (_, layer) => layer);
  return parseLadimoSettings({ layers, N: fittingExperts(denseHidden), ...part });
}
