import { encodeValue } from '../config/codec.ts';
import type { JsonValue } from '../config/experiment.ts';
import { counted } from '../config/plural.ts';
import { settingAt } from '../config/schema.ts';
import type { SweepPoint, SweepResult, SweepRun } from '../recipes/sweep.ts';
import { mergeSweepRuns } from '../recipes/sweepResults.ts';
import {
  lengthProblems,
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

/** Digits of a digest that tell runs of sweeps without a name apart. */
const DIGITS = 6;

/** A value as links write it: "8x256", not all slots in JSON. */
function valueText(path: string, value: JsonValue): string {
  const setting = settingAt(path);
  return setting === undefined ? JSON.stringify(value) : encodeValue(setting, value);
}

/** Point by point, each with all its seeds. @throws RangeError for what is no sweep, or breaks a rule */
export function sweepJob(request: SweepRequest): Job {
  const sweep = parseSweep(request.sweep);
  const points = sweepPoints(sweep);
  const nameOfPoint = ({ values }: SweepPoint) =>
    sweep.axes.map(({ path }, i) => `${path} ${valueText(path, values[i]!)}`).join(', ');
  const own = points.find(({ experiment }) => (experiment.data.mix.own ?? 0) > 0);
  if (own !== undefined)
    throw new RangeError(
      `${nameOfPoint(own)}: ${own.experiment.data.mix.own} of its text is your own, which the queue does not have; put it at 0`,
    );
  const problems = [...sweepProblems(points), ...lengthProblems(sweep, points)];
  const [problem] = problems;
  if (problem !== undefined) {
    const others = new Set(problems.map(({ point }) => point)).size - 1;
    const more = others === 0 ? '' : ` (and ${counted(others, 'more point')})`;
    throw new RangeError(`${nameOfPoint(points[problem.point]!)}: ${problem.message}${more}`);
  }
  const digest = sweepDigest(sweep);
  const units = points.flatMap((one, point) =>
    sweep.seeds.map((seed): JobUnit => {
      const experiment = sweepExperiment(one, seed);
      const variant = String(point);
      return {
        group: variant,
        seed,
        runs: [{ variant, label: nameOfPoint(one), experiment }],
        onward: 0,
        runKeys: [runKey(experiment)],
        seconds: (speed) => runSeconds(experiment, speed) / (1 - MEASURING_SHARE),
        run: (deps, options) => runPoint(deps, { digest, point, seed, experiment }, options),
      };
    }),
  );
  const { name = '' } = sweep;
  const title = name || 'Sweep';
  const tag = name || `Sweep ${digest.slice(0, DIGITS)}`;
  return { title, tag, key: ['sweep', digest], units };
}

/** Of the newest adapter where there are several; null without any run. */
export function mergedSweep(request: QueueRequest, runs: readonly SweepRun[]): SweepResult | null {
  const last = runs.toSorted((a, b) => (a.times.begunAt < b.times.begunAt ? -1 : 1)).at(-1);
  if (request.kind !== 'sweep' || last === undefined) return null;
  const alike = runs.filter((run) => run.adapter === last.adapter && run.version === last.version);
  return mergeSweepRuns(parseSweep(request.sweep), alike);
}
