/** What a link tells of a run: enough to draw it, and to say whether another one is the same. */
import type { Experiment } from '../config/experiment.ts';
import { hash64 } from '../config/hash.ts';
import type { StepRecords } from '../config/telemetry.ts';
import type { RecordedAdapter, RunCurves, RunRow, Series } from '../runs/record.ts';
import { bitsOf, clipped } from './bytes.ts';
import { fixedSteps, indexUpTo, spread, stepAt, upTo } from './steps.ts';

/** Levels of a quantised curve; level 0 is what is not finite. */
export const LEVELS = 4095;
/** Thousandths: what the shares of a layer's slots are counted in. */
export const SHARES = 1000;

/** Longest texts, in bytes of UTF-8. */
export const MAX_NAME = 120;
export const MAX_VERSION = 40;
export const MAX_ADAPTER = 120;

/** Values at rising steps: `low + (level − 1) · quantum`. */
export interface QuantisedCurve {
  low: number;
  quantum: number;
  /** Rising [n]. */
  steps: readonly number[];
  /** From 0 to `LEVELS` [n]; 0 where the value was not finite. */
  levels: readonly number[];
}

/** Thousandths of a layer's assignments by slot, at the run's end. */
export interface FinalLoad {
  layer: number;
  shares: readonly number[];
}

export interface RunDigest {
  name: string;
  /** Version of the product that trained it. */
  version: string;
  /** Where it was computed and what of it was needed; null where nobody knows. */
  adapter: RecordedAdapter | null;
  /** First and last step of the training losses. */
  firstStep: number;
  lastStep: number;
  /** 64 bits of all losses, training and validation, as 16 hexadecimal digits. */
  digest: string;
  /** Bits of the training loss, as float32, at up to 16 steps. */
  fixed: readonly { step: number; bits: number }[];
  training: QuantisedCurve;
  validation: QuantisedCurve;
  loads: readonly FinalLoad[];
}

/** A run to be shared: a row of the library, or as much of one. */
export interface RunToShare {
  row: Pick<RunRow, 'name' | 'version' | 'adapter'> & { experiment: Experiment };
  curves: RunCurves;
  loads: readonly FinalLoad[];
}

const NOTHING: Series = { firstStep: 1, steps: null, values: new Float32Array(0) };

export function levelValue({ low, quantum }: QuantisedCurve, level: number): number {
  return level === 0 ? Number.NaN : low + (level - 1) * quantum;
}

/** A curve at `most` of its steps. */
export function quantised(series: Series, most: number): QuantisedCurve {
  const chosen = spread(series.values.length, most);
  const finite = chosen.map((i) => series.values[i]!).filter(Number.isFinite);
  const low = Math.fround(finite.length === 0 ? 0 : Math.min(...finite));
  const span = finite.length === 0 ? 0 : Math.max(...finite) - low;
  const quantum = Math.fround(span / (LEVELS - 1));
  const levelOf = (value: number) => {
    if (!Number.isFinite(value)) return 0;
    return quantum === 0 ? 1 : Math.min(LEVELS, 1 + Math.round((value - low) / quantum));
  };
  return {
    low,
    quantum,
    steps: chosen.map((i) => stepAt(series, i)),
    levels: chosen.map((i) => levelOf(series.values[i]!)),
  };
}

/** 64 bits of the training losses in order, then of the validation losses with their steps. */
export function digestOf(training: Series, validation: Series): string {
  const [n, m] = [training.values.length, validation.values.length];
  const word = (i: number): number => {
    if (i < n) return bitsOf(training.values[i]!);
    const k = (i - n) >> 1;
    return (i - n) % 2 === 0 ? stepAt(validation, k) : bitsOf(validation.values[k]!);
  };
  return [...hash64(n + 2 * m, word)].map((half) => half.toString(16).padStart(8, '0')).join('');
}

/** Losses of a run: training, and validation up to the last training step. */
export function lossesOf(curves: RunCurves): { training: Series; validation: Series } {
  const training = curves.ce ?? NOTHING;
  const last = training.values.length === 0 ? 0 : stepAt(training, training.values.length - 1);
  return { training, validation: upTo(curves.validation ?? NOTHING, last) };
}

/** @param most points of each curve */
export function digestRun({ row, curves, loads }: RunToShare, most: number): RunDigest {
  const { training, validation } = lossesOf(curves);
  const { adapter } = row;
  const n = training.values.length;
  const [firstStep, lastStep] = n === 0 ? [0, 0] : [stepAt(training, 0), stepAt(training, n - 1)];
  const indices = new Set(fixedSteps(firstStep, lastStep).map((step) => indexUpTo(training, step)));
  return {
    name: clipped(row.name, MAX_NAME),
    version: clipped(row.version, MAX_VERSION),
    adapter: adapter && { ...adapter, description: clipped(adapter.description, MAX_ADAPTER) },
    firstStep,
    lastStep,
    digest: digestOf(training, validation),
    fixed: [...indices]
      .filter((i) => i >= 0)
      .map((i) => ({ step: stepAt(training, i), bits: bitsOf(training.values[i]!) })),
    training: quantised(training, most),
    validation: quantised(validation, most),
    loads,
  };
}

/** Whole thousandths of the counts' sum. */
export function sharesOf(counts: ArrayLike<number>): number[] {
  const list = Array.from(counts);
  const sum = list.reduce((total, count) => total + count, 0);
  return list.map((count) => (sum === 0 ? 0 : Math.round((SHARES * count) / sum)));
}

/** Loads of the last step that was recorded. */
export function finalLoads({ n, layers }: StepRecords): FinalLoad[] {
  return layers.map(({ layer, R, W, assignments }) => {
    const counts = new Float64Array(R);
    for (let i = 0; i < R * W; i++) counts[i % R]! += assignments[(n - 1) * W * R + i]!;
    return { layer, shares: sharesOf(counts) };
  });
}
