/** What runs are compared by over steps. */
import { AUX_TERM_ROWS } from '../../config/auxTerms.ts';
import type { MetricName, Series } from '../../runs/record.ts';

export interface MetricRow {
  id: MetricName;
  label: string;
  /** Which values are good; null where neither is. */
  better: 'low' | null;
  format: 'loss' | 'number';
  help: string;
}

export const METRIC_ROWS: readonly MetricRow[] = [
  {
    id: 'ce',
    label: 'Training loss',
    better: 'low',
    format: 'loss',
    help: 'Cross entropy of the training batches, in nats per token',
  },
  {
    id: 'validation',
    label: 'Validation loss',
    better: 'low',
    format: 'loss',
    help: 'Cross entropy of the text that was held out, in nats per token',
  },
  {
    id: 'total',
    label: 'Total loss',
    better: 'low',
    format: 'loss',
    help: 'What is minimised: cross entropy and the weighted balance losses',
  },
  ...AUX_TERM_ROWS.map(
    ({ name, label }): MetricRow => ({
      id: name,
      label: `${label[0]?.toUpperCase()}${label.slice(1)} loss`,
      better: null,
      format: 'number',
      help: `The term “${label}” of the total loss`,
    }),
  ),
  {
    id: 'gradNorm',
    label: 'Gradient norm',
    better: null,
    format: 'number',
    help: 'Norm of the whole gradient, before clipping',
  },
  {
    id: 'lr',
    label: 'Learning rate',
    better: null,
    format: 'number',
    help: 'Learning rate of the step',
  },
];

/** @throws RangeError for a name that is no metric */
export function metricRow(id: MetricName): MetricRow {
  const row = METRIC_ROWS.find((row) => row.id === id);
  if (row === undefined) throw new RangeError(`"${id}" is not a metric`);
  return row;
}

/**
 * The last value of a curve at or before a step; NaN before its first, and behind the last of a curve
 * that has one at every step.
 */
export function valueAtStep(series: Series, step: number): number {
  const { values, steps, firstStep } = series;
  if (steps === null) return values[Math.floor(step) - firstStep] ?? Number.NaN;
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! <= step) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? Number.NaN : values[low - 1]!;
}
