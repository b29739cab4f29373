/** Two runs that train on the same batches: whether they do, and by how much their losses differ. */
import { encodeValue } from '../../config/codec.ts';
import { sameValue } from '../../config/edit.ts';
import type { Experiment, JsonValue } from '../../config/experiment.ts';
import { getPath } from '../../config/paths.ts';
import { SETTINGS } from '../../config/schema.ts';
import type { Setting } from '../../config/settings.ts';
import { tQuantile } from './studentT.ts';

/** Values at every step from the first one on. */
export interface StepValues {
  firstStep: number;
  values: ArrayLike<number>;
}

/** Settings that say which tokens a batch has. */
const OF_THE_BATCH = SETTINGS.filter(({ path }) =>
  /^(data|tokenizer|batch)\.|^seeds\.data$/.test(path),
);

/** A setting's value as far as it says something of the batches. */
function batchValue(experiment: Experiment, { path }: Setting): JsonValue {
  const { data, tokenizer } = experiment;
  if (path === 'tokenizer.size' && tokenizer.kind !== 'bpe') return null;
  if (path !== 'data.mix') return getPath(experiment, path) ?? null;
  const used = Object.entries(data.mix).filter(([, weight]) => weight > 0);
  return Object.fromEntries(used.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Why two experiments do not have the same batches, a sentence for each setting in which they part;
 * none where they do. A text that was not read yet, whose hash is null, may be the other's.
 */
export function unlikeBatches(a: Experiment, b: Experiment): string[] {
  return OF_THE_BATCH.flatMap((setting) => {
    const [ofA, ofB] = [batchValue(a, setting), batchValue(b, setting)];
    if (setting.path === 'data.hash' && (ofA === null || ofB === null)) return [];
    if (sameValue(ofA, ofB)) return [];
    const said = (value: JsonValue) => (value === null ? 'none' : encodeValue(setting, value));
    return `${setting.label} (${setting.path}) is ${said(ofA)} in A and ${said(ofB)} in B.`;
  });
}

/** Differences B − A at the steps that both have [n]. */
export interface PairDifferences extends StepValues {
  values: Float64Array;
}

/** @param most differences, the last ones */
export function pairDifferences(a: StepValues, b: StepValues, most: number): PairDifferences {
  const end = Math.min(a.firstStep + a.values.length, b.firstStep + b.values.length);
  const firstStep = Math.max(a.firstStep, b.firstStep, end - most);
  const values = Float64Array.from({ length: Math.max(0, end - firstStep) }, (_, i) => {
    const step = firstStep + i;
    return b.values[step - b.firstStep]! - a.values[step - a.firstStep]!;
  });
  return { firstStep, values };
}

/** Pairs that the interval is over. */
export const INTERVAL_PAIRS = 100;
/** Part of such intervals that hold the true mean. */
const CONFIDENCE = 0.95;

/** Mean of paired differences and the interval of Student's t around it. */
export interface PairInterval {
  n: number;
  mean: number;
  /** The mean lies this far from the ends; NaN for a single pair. */
  half: number;
}

/** mean ± t(0.975; n − 1) · s / √n, where s is the deviation of the sample; null for no pairs. */
export function pairInterval(differences: ArrayLike<number>): PairInterval | null {
  const n = differences.length;
  if (n === 0) return null;
  const values = Array.from(differences);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { n, mean, half: Number.NaN };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const s = Math.sqrt(squares / (n - 1));
  return { n, mean, half: (tQuantile((1 + CONFIDENCE) / 2, n - 1) * s) / Math.sqrt(n) };
}
