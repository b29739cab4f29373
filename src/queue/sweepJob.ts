import type { SweepResult, SweepRun } from '../recipes/sweep.ts';
import { mergeSweepRuns } from '../recipes/sweepResults.ts';
import {
  parseSweep,
  sweepDigest,
  sweepExperiment,
  sweepPoints,
  sweepProblems,
} from '../recipes/sweeps.ts';
import { runSeconds } from '../train/recipes/costs.ts';
import { MEASURING_SHARE } from '../train/recipes/pace.ts';
import { runPoint } from '../train/recipes/sweepPoint.ts';
import { runKey } from '../train/recipes/unitOf.ts';
import type { QueueRequest } from './items.ts';
import type { Job, JobUnit } from './job.ts';

type SweepRequest = Extract<QueueRequest, { kind: 'sweep' }>;

const nameOf = ({ name }: SweepRequest['sweep']) =>
  name === undefined || name === '' ? 'Sweep' : name;

/** Point by point, each with all its seeds. @throws RangeError for what is no sweep, or breaks a rule */
export function sweepJob(request: SweepRequest): Job {
  const sweep = parseSweep(request.sweep);
  const points = sweepPoints(sweep);
  const [problem] = sweepProblems(points);
  if (problem !== undefined)
    throw new RangeError(`point ${problem.point} of the sweep: ${problem.message}`);
  const digest = sweepDigest(sweep);
  const units = points.flatMap((one, point) =>
    sweep.seeds.map((seed): JobUnit => {
      const experiment = sweepExperiment(one, seed);
      const variant = String(point);
      const values = sweep.axes.map(({ path }, i) => `${path} ${JSON.stringify(one.values[i])}`);
      return {
        group: variant,
        seed,
        runs: [{ variant, label: values.join(', '), experiment }],
        runKeys: [runKey(experiment)],
        seconds: (speed) => runSeconds(experiment, speed) / (1 - MEASURING_SHARE),
        run: (deps, options) => runPoint(deps, { digest, point, seed, experiment }, options),
      };
    }),
  );
  return { title: nameOf(sweep), tag: nameOf(sweep), key: ['sweep', digest], units };
}

/** Of the newest adapter where there are several; null without any run. */
export function mergedSweep(request: QueueRequest, runs: readonly SweepRun[]): SweepResult | null {
  const last = runs.toSorted((a, b) => (a.times.begunAt < b.times.begunAt ? -1 : 1)).at(-1);
  if (request.kind !== 'sweep' || last === undefined) return null;
  const alike = runs.filter((run) => run.adapter === last.adapter && run.version === last.version);
  return mergeSweepRuns(parseSweep(request.sweep), alike);
}
