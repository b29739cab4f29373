/** What a row tells of a run's curves. */
import type { AtStep, MetricName, RunCurves, RunRow, Series } from '../../runs/record.ts';
import { METRIC_ROWS } from './metrics.ts';
import { stepOf } from './places.ts';

/** Points of a thumbnail at most. */
const THUMBNAIL = 48;

function thumbnailOf(series: Series | undefined): AtStep[] {
  const n = series?.values.length ?? 0;
  if (series === undefined || n === 0) return [];
  const count = Math.min(THUMBNAIL, n);
  return Array.from({ length: count }, (_, j) => {
    const i = count === 1 ? 0 : Math.round((j * (n - 1)) / (count - 1));
    return { step: stepOf(series, i), value: series.values[i]! };
  }).filter(({ value }) => Number.isFinite(value));
}

/** Last and lowest value of every metric, and a thumbnail. Values that are not finite count for nothing. */
export function summaryOf(curves: RunCurves): Pick<RunRow, 'last' | 'best' | 'thumbnail'> {
  const last: Partial<Record<MetricName, AtStep>> = {};
  const best: Partial<Record<MetricName, AtStep>> = {};
  for (const { id } of METRIC_ROWS) {
    const series = curves[id];
    series?.values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const point = { step: stepOf(series, i), value };
      last[id] = point;
      if (value < (best[id]?.value ?? Number.POSITIVE_INFINITY)) best[id] = point;
    });
  }
  return { last, best, thumbnail: thumbnailOf(curves.ce ?? curves.validation) };
}
