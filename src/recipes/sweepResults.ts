/** Results of sweeps: merged, and the points that no other beats. */
import { canonical } from './canonical.ts';
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
