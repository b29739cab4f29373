/** Results of sweeps: merged, as a table, and the points that no other beats. */
import type { JsonValue } from '../config/experiment.ts';
import { canonical } from './canonical.ts';
import { meanAndDeviation } from './statistics/seeds.ts';
import type { Sweep, SweepResult, SweepRun } from './sweep.ts';
import { sweepDigest, sweepPoints } from './sweeps.ts';

function timeless({ times: _times, ...run }: SweepRun): object {
  return run;
}

/**
 * Runs of one sweep put together: associative, idempotent, in any order.
 * @throws RangeError for none, for unlike versions, adapters or sweeps, for two unlike results of one run
 */
export function mergeSweepRuns(sweep: Sweep, runs: readonly SweepRun[]): SweepResult {
  const [first] = runs;
  if (first === undefined) throw new RangeError('sweep: there is nothing to merge');
  const digest = sweepDigest(sweep);
  const points = sweepPoints(sweep).length;
  const merged = new Map<string, SweepRun>();
  for (const run of runs) {
    for (const name of ['version', 'adapter'] as const) {
      if (run[name] !== first[name])
        throw new RangeError(
          `runs of unlike ${name} are not merged: "${first[name]}" and "${run[name]}"`,
        );
    }
    if (run.digest !== digest)
      throw new RangeError(`a run of sweep ${run.digest} is none of sweep ${digest}`);
    if (run.point >= points)
      throw new RangeError(`point ${run.point} of a sweep that has ${points}, counted from 0`);
    const key = `${run.point} ${run.seed}`;
    const known = merged.get(key);
    if (known !== undefined && canonical(timeless(known)) !== canonical(timeless(run)))
      throw new RangeError(`two results of point ${run.point} with seed ${run.seed} differ`);
    const isFirst =
      known === undefined ||
      run.times.begunAt + canonical(run) < known.times.begunAt + canonical(known);
    if (isFirst) merged.set(key, run);
  }
  const sorted = [...merged.values()].sort((a, b) => a.point - b.point || a.seed - b.seed);
  const { version, adapter } = first;
  const seeds = [...new Set([...sweep.seeds, ...sorted.map(({ seed }) => seed)])];
  const whole = { ...sweep, seeds: seeds.sort((a, b) => a - b) };
  return { format: 1, kind: 'sweep', sweep: whole, version, adapter, digest, runs: sorted };
}

/** A metric of a point over its seeds. */
export interface SweepCell {
  mean: number | null;
  /** Null for fewer than two seeds. */
  s: number | null;
  n: number;
}

export interface SweepRow {
  point: number;
  /** In order of the axes. */
  values: readonly JsonValue[];
  metrics: Readonly<Record<string, SweepCell>>;
}

/** What a run has besides its metrics: sizes by the accounting, and realised FLOPs. */
function allMetrics({ metrics, run }: SweepRun): Record<string, number | null> {
  const { steps, tokens, resources, realisedFlops } = run;
  return { ...metrics, ...resources, steps, tokens, realisedFlops };
}

/** A row per point that has a run. A run that diverged has no metrics. */
export function sweepTable({ sweep, runs }: SweepResult): SweepRow[] {
  return sweepPoints(sweep).flatMap(({ values }, point) => {
    const own = runs.filter((run) => run.point === point).map(allMetrics);
    if (own.length === 0) return [];
    const names = [...new Set(own.flatMap((metrics) => Object.keys(metrics)))];
    const cells = names.map((name): [string, SweepCell] => {
      const known = own.flatMap((metrics) => metrics[name] ?? []);
      if (known.length === 0) return [name, { mean: null, s: null, n: 0 }];
      const { d: mean, s } = meanAndDeviation(known);
      return [name, { mean, s: known.length < 2 ? null : s, n: known.length }];
    });
    return [{ point, values, metrics: Object.fromEntries(cells) }];
  });
}

/**
 * Places of the points that no other beats where both coordinates are better when lower: none has both
 * at most as high and one lower. By rising x; of equal points all stay.
 */
export function paretoFront(points: readonly { x: number; y: number }[]): number[] {
  const order = points.map((_, i) => i);
  order.sort((a, b) => points[a]!.x - points[b]!.x || points[a]!.y - points[b]!.y);
  const front: number[] = [];
  for (const i of order) {
    const last = front.at(-1);
    const isEqual =
      last !== undefined && points[last]!.x === points[i]!.x && points[last]!.y === points[i]!.y;
    if (last === undefined || points[i]!.y < points[last]!.y || isEqual) front.push(i);
  }
  return front;
}
