/** What no other point of a sweep beats in both loss and FLOPs. */

import type { SweepResult } from '../../../recipes/sweep.ts';
import { paretoFront } from '../../../recipes/sweepResults.ts';
import type { FigurePoint, PointSeries } from '../../kit/figure/Points.tsx';
import {
  meanOf,
  metricsOf,
  type Point,
  pointName,
  pointsOf,
  RESOURCE_QUANTITIES,
} from './shown.ts';

export interface FrontPoint {
  point: Point;
  name: string;
  flops: number;
  loss: number;
  isFront: boolean;
}

/** Points of a sweep by FLOPs, rising; those without a loss or FLOPs are left out. */
export function frontOf(result: SweepResult, by: 'flops' | 'realised'): FrontPoint[] {
  const flops = RESOURCE_QUANTITIES.find(({ id }) => id === by);
  const loss = metricsOf(result).find(({ id }) => id === 'ce');
  if (flops === undefined || loss === undefined) return [];
  const paths = result.sweep.axes.map(({ path }) => path);
  const all = pointsOf(result)
    .map((point) => ({
      point,
      name: pointName(point, paths),
      flops: meanOf(point, flops).mean,
      loss: meanOf(point, loss).mean,
    }))
    .filter((one) => Number.isFinite(one.flops) && Number.isFinite(one.loss))
    .sort((a, b) => a.flops - b.flops || a.loss - b.loss);
  const front = paretoFront(all.map(({ flops: x, loss: y }) => ({ x, y })));
  return all.map((one, i) => ({ ...one, isFront: front.includes(i) }));
}

/** The points that are beaten, and the front with a line through it. */
export function frontSeries(result: SweepResult, points: readonly FrontPoint[]): PointSeries[] {
  const loss = metricsOf(result).find(({ id }) => id === 'ce');
  const placed = ({ point, name, flops, loss: y }: FrontPoint): FigurePoint => {
    const { interval, values } = loss === undefined ? {} : meanOf(point, loss);
    return { x: flops, y, name, ySpread: interval, values };
  };
  const beaten = points.filter(({ isFront }) => !isFront).map(placed);
  return [
    { label: 'Pareto front', points: points.filter(({ isFront }) => isFront).map(placed) },
    ...(beaten.length > 0 ? [{ label: 'beaten by another', points: beaten, isLoose: true }] : []),
  ];
}
