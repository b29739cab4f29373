/** Axes: positions and ticks. The page maps steps to pixels itself, for crosshair and zoom. */

export interface Axis {
  min: number;
  max: number;
  isLog: boolean;
}

/** Position of a value on an axis, 0 … 1 inside of it. */
export function position(axis: Axis, value: number): number {
  if (axis.isLog) return Math.log(value / axis.min) / Math.log(axis.max / axis.min);
  return (value - axis.min) / (axis.max - axis.min);
}

/** Value at a position of an axis. */
export function valueAtPosition(axis: Axis, at: number): number {
  if (axis.isLog) return axis.min * (axis.max / axis.min) ** at;
  return axis.min + at * (axis.max - axis.min);
}

function linearTicks(min: number, max: number, count: number, least: number): number[] {
  const rough = Math.max(least, (max - min) / count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const excess = rough / power;
  const factor = excess >= 7 ? 10 : excess >= 3.2 ? 5 : excess >= 1.5 ? 2 : 1;
  const step = factor * power;
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

function logTicks(min: number, max: number, count: number, least: number): number[] {
  const decades = Math.log10(max / min);
  const factors = decades > count ? [1] : decades > count / 2 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(12));
      const isInside = tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9);
      if (isInside && tick >= least) ticks.push(tick);
    }
  }
  const every = Math.ceil(ticks.length / (count + 2));
  return ticks.length >= 2
    ? ticks.filter((_, i) => i % every === 0)
    : linearTicks(min, max, count, least);
}

/**
 * Round values on an axis, about `count` of them.
 * @param least what lies between two of them at least: 1 where only whole values have a meaning
 */
export function ticksOf(axis: Axis, count: number, least = 0): number[] {
  const { min, max, isLog } = axis;
  if (!(max > min)) return [min];
  return isLog ? logTicks(min, max, count, least) : linearTicks(min, max, count, least);
}

/**
 * Where labels at some heights stand, so that none covers another: moved apart by as little as it
 * takes, and kept inside of 0 … `height`. In the order given.
 */
export function spread(tops: readonly number[], gap: number, height: number): number[] {
  const order = [...tops.keys()].sort((a, b) => tops[a]! - tops[b]!);
  const places = [...tops];
  let edge = 0;
  for (const i of order) {
    places[i] = Math.max(places[i]!, edge);
    edge = places[i]! + gap;
  }
  let end = height;
  for (const i of order.reverse()) {
    places[i] = Math.min(places[i]!, end);
    end = places[i]! - gap;
  }
  return places;
}

/**
 * Value axis around some values: a little air above and below; a log axis stays above 0.
 * @param values what must be visible; values that are not finite are left out
 */
export function valueAxis(values: Iterable<number>, isLog: boolean): Axis {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value) || (isLog && value <= 0)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) return { min: isLog ? 0.1 : 0, max: 1, isLog };
  if (isLog) {
    const air = Math.max(1.02, (max / min) ** 0.06);
    return { min: min / air, max: max * air, isLog };
  }
  const air = max > min ? (max - min) * 0.06 : max === 0 ? 1 : Math.abs(max) * 0.1;
  const floor = min >= 0 ? Math.max(0, min - air) : min - air;
  return { min: floor, max: max + air, isLog };
}

/** Least part of an axis that its values fill, and most that they may reach into the air around. */
const LEAST_FILLED = 0.8;
const AIR_USED = 0.04;

/**
 * The axis before, while it still suits what is wanted now, so that axes do not move with every
 * value; else the one wanted.
 */
export function steadyAxis(before: Axis | null, wanted: Axis): Axis {
  if (before === null || before.isLog !== wanted.isLog) return wanted;
  const [low, high] = [position(before, wanted.min), position(before, wanted.max)];
  const suits = low >= -AIR_USED && high <= 1 + AIR_USED && high - low >= LEAST_FILLED;
  return suits ? before : wanted;
}
