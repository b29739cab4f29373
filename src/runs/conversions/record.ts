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
import { MAX_LAYERS, MAX_SLOTS, MAX_STEPS } from '../../config/settings.ts';
import { studentShape } from '../../config/studentShape.ts';
import { refused, show } from '../../config/values.ts';
import type { ConversionState, LayerState } from '../../train/ladimo/conversion.ts';
import { RUN_ID } from '../record.ts';
import { checked, domainName, hash, text, whole } from '../schemas.ts';

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

/** A number that was measured; JSON has a text for one that is not finite. */
const measured = v.pipe(
  v.union(
    [v.number(), v.nan(), v.picklist(['NaN', 'Infinity', '-Infinity'])],
    refused('a number, "NaN", "Infinity" or "-Infinity"'),
  ),
  v.transform(Number),
);
const layersShape = v.array(whole(0, MAX_LAYERS - 1));
const qualityShape = {
  layers: layersShape,
  ce: measured,
  perDomain: v.record(domainName, measured),
  active: measured,
};
const studentRow = {
  ...qualityShape,
  choice: studentShape,
  computing: v.nullable(measured),
  probes: v.nullable(v.looseObject({ results: v.looseObject({}) })),
};
const speedShape = v.object({
  ...{ median: measured, low: measured, high: measured },
  rounds: v.array(measured),
});
const throughputShape = v.looseObject({
  ...{ adapter: text(500), shape: v.picklist(['teacher', 'demanding']), verdict: text(5000) },
  ...{ D: measured, L: measured, denseHidden: measured, B: measured, S: measured },
  ffnShare: measured,
  rows: v.array(
    v.object({ layers: layersShape, active: measured, prefill: speedShape, decode: speedShape }),
  ),
});
const domainShape = v.looseObject({
  ...{ domain: domainName, layers: layersShape, steps: whole(1, MAX_STEPS) },
  before: v.looseObject(qualityShape),
  after: v.looseObject(qualityShape),
  teacher: v.looseObject(qualityShape),
});
const weightsOfLayers = v.array(
  v.object({
    layer: whole(0, MAX_LAYERS - 1),
    weights: v.union([v.instance(Float32Array), v.array(v.unknown())], refused('a list')),
  }),
);
const weightsShape = v.looseObject({
  layers: weightsOfLayers,
  domains: v.array(v.object({ domain: domainName, layers: weightsOfLayers })),
  N: whole(1, MAX_SLOTS),
});
const thresholds = { alpha: measured, beta: measured };
const policyShape = v.looseObject({
  shares: v.object({ pu: measured, pe: measured }),
  policy: v.looseObject({
    ...thresholds,
    computing: measured,
    layers: v.array(
      v.looseObject({ ...thresholds, layer: whole(0, MAX_LAYERS - 1), computing: measured }),
    ),
  }),
  adaptive: v.looseObject(studentRow),
  statics: v.array(v.looseObject({ ...studentRow, K: whole(1, MAX_SLOTS) })),
});

/** The items that fit: what was measured can be measured again, so any other is left out. */
const fitting = <T extends v.GenericSchema>(shape: T) =>
  v.pipe(
    v.array(v.unknown()),
    v.transform((items) =>
      items.flatMap((item): v.InferOutput<T>[] => {
        const { success, output } = v.safeParse(shape, item);
        return success ? [output] : [];
      }),
    ),
  );

/** What is looked at of a state from a file or the database: whatever views read. */
const stateShape = v.looseObject({
  id: v.pipe(v.string(), v.regex(RUN_ID)),
  name: text(500),
  begunAt: whole(0, 8.64e15),
  changedAt: whole(0, 8.64e15),
  teacher: teacherShape,
  settings: v.unknown(),
  layers: v.array(layerShape),
  students: fitting(v.looseObject(studentRow)),
  throughput: fitting(throughputShape),
  domains: fitting(domainShape),
  policies: fitting(policyShape),
  weights: v.fallback(v.nullable(weightsShape), null),
  digest: v.nullable(v.string()),
  expected: v.nullable(v.string()),
  student: v.fallback(v.nullable(studentShape), null),
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
  const N = fittingExperts(denseHidden);
  return parseLadimoSettings({ layers, N, K: Math.min(2, N), ...part });
}
