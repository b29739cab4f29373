/** A metric against a setting or a resource, in lines by all other axes. */

import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { settingAt } from '../../../config/schema.ts';
import type { SweepResult } from '../../../recipes/sweep.ts';
import type { Interval } from '../../kit/figure/Intervals.tsx';
import type { FigurePoint, PointSeries } from '../../kit/figure/Points.tsx';
import { labelOf } from '../../kit/values.ts';
import {
  meanOf,
  type Point,
  pointName,
  pointsOf,
  type Quantity,
  RESOURCE_QUANTITIES,
} from './shown.ts';

/** What metrics are drawn against: axes first. */
export function acrossOptions({ sweep }: SweepResult): Record<string, string> {
  return Object.fromEntries([
    ...sweep.axes.map(({ path }) => [path, labelOf(path)] as const),
    ...RESOURCE_QUANTITIES.map(({ id, label }) => [id, label] as const),
  ]);
}

/** How places along an axis or a resource are written. */
export function formatAcross(across: string): FigureFormat {
  const resource = RESOURCE_QUANTITIES.find(({ id }) => id === across);
  const kind = settingAt(across)?.kind;
  return resource?.format ?? (kind === 'int' || kind === 'nullableInt' ? 'count' : 'units');
}

/** More lines than these are points without one. */
const MOST_LINES = 8;

/** Where a point stands along an axis or a resource. */
function placeOf(point: Point, across: string): number {
  const resource = RESOURCE_QUANTITIES.find(({ id }) => id === across);
  if (resource !== undefined) return meanOf(point, resource).mean;
  return point.values.get(across)?.number ?? Number.NaN;
}

/** Lines by the other axes' values; null where the values of the axis are no numbers. */
export function linesAgainst(
  result: SweepResult,
  metric: Quantity,
  across: string,
): PointSeries[] | null {
  const points = pointsOf(result);
  if (points.some((point) => !Number.isFinite(placeOf(point, across)))) return null;
  const isAxis = result.sweep.axes.some(({ path }) => path === across);
  const others = result.sweep.axes.map(({ path }) => path).filter((path) => path !== across);
  const isDrawn = result.sweep.axes.some((axis) => 'draws' in axis && axis.draws === true);
  const groups = new Map<string, FigurePoint[]>();
  for (const point of points) {
    const key = isAxis && !isDrawn ? pointName(point, others) : '';
    const { mean, interval, values } = meanOf(point, metric);
    if (!Number.isFinite(mean)) continue;
    const name = pointName(
      point,
      result.sweep.axes.map(({ path }) => path),
    );
    const placed = { x: placeOf(point, across), y: mean, name, ySpread: interval, values };
    groups.set(key, [...(groups.get(key) ?? []), placed]);
  }
  const sorted = [...groups].map(([label, own]) => ({
    label: label === '' ? metric.label : label,
    points: own.sort((a, b) => a.x - b.x),
  }));
  if (sorted.length <= MOST_LINES && isAxis && !isDrawn) return sorted;
  return [{ label: metric.label, points: sorted.flatMap((one) => one.points), isLoose: true }];
}

/** A row per point, where a setting has names instead of numbers. */
export function rowsAgainst(result: SweepResult, metric: Quantity): Interval[] {
  const paths = result.sweep.axes.map(({ path }) => path);
  return pointsOf(result).map((point) => {
    const { mean, interval, values } = meanOf(point, metric);
    return { category: pointName(point, paths), mean, wide: interval ?? null, values };
  });
}
