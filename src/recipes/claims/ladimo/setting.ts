/** LaDiMo: a dense model becomes a mixture of experts by layer-wise distillation. */
import type { Change } from '../../../config/experiment.ts';
import type { ConversionMeasurement, ConversionSettings } from '../../measurement.ts';
import type { Variant } from '../../recipe.ts';
import { budgets, held, read, SMALL } from '../common.ts';

/** So that quarters are two layers. */
const L = 8;
export const LAYERS = Array.from({ length: L }, (_, layer) => layer);

const setting: Change = {
  ...SMALL,
  'model.L': L,
  'model.denseHidden': 128,
  'model.arrangement': 'dense',
};

const teacher: Variant = { id: 'teacher', label: 'dense teacher', edits: {} };

/** 8 experts of 16 hidden units, 2 of them used. */
const settings: ConversionSettings = {
  layers: LAYERS,
  N: 8,
  K: 2,
  gate: 'softmax',
  alpha: 0.1,
  start: 'split',
  sample: 8192,
  batch: 128,
  steps: 200,
  optimizer: { lr: 3e-3, warmup: 10 },
  profile: 4096,
};

/** A conversion of all layers, or as the settings say otherwise. */
export function conversion(
  id: string,
  label: string,
  own: Partial<ConversionSettings> = {},
  rest: Pick<ConversionMeasurement, 'throughput' | 'domain'> = {},
): ConversionMeasurement {
  return { kind: 'conversion', id, label, settings: { ...settings, ...own }, ...rest };
}

export const of = (measurement: string, field: string, ...at: number[]) =>
  read(measurement, field, 'teacher', ...at);

export const remark =
  'Paper: LLaMA-2 7B, 32 layers, the last 12 converted, 100K recorded vectors, 32 a step; N, top-k and α are not printed. Here a dense model of D 48 with 8 layers, trained from scratch on bytes, 8 experts of an eighth of the FFN each, top-2.';

export const common = {
  format: 1,
  paper: 'ladimo',
  remark,
  base: setting,
  warmup: 0.05,
  seeds: [1, 2, 3],
  budgets: budgets(200),
  variants: [teacher],
  held: held(['N', 'D']),
} as const;
