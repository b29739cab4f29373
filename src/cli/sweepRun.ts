/** `npm run sweep` without its device: which runs are trained, and where their results go. */
import { basename, join, resolve } from 'node:path';
import { PRODUCT_VERSION } from '../config/product.ts';
import type { JobUnit } from '../queue/job.ts';
import { sweepJob } from '../queue/sweepJob.ts';
import { parseSweepResult } from '../recipes/parseResult.ts';
import type { Sweep, SweepResult, SweepRun } from '../recipes/sweep.ts';
import { mergeSweepRuns } from '../recipes/sweepResults.ts';
import { parseSweep, sameSweep, sweepDigest } from '../recipes/sweeps.ts';
import type { MeasureDeps } from '../train/recipes/measures.ts';
import { errorMessage } from '../train/session/errors.ts';
import { exitCode } from './exitCode.ts';
import type { CliIo } from './io.ts';
import {
  inShard,
  type MergeArguments,
  parseMerge,
  parseWork,
  SWEEP_OPTIONS,
  type WorkArguments,
} from './recipeArguments.ts';
import { asText, differsIn, type Ground, ResultFolder, readJson } from './resultFiles.ts';
import { commandFiles, writeWhole } from './workFiles.ts';
import { type Work, workThrough } from './workThrough.ts';

export const USAGE = `Usage: npm run sweep -- FILE… [options]
       npm run sweep -- merge FILES --out FILE
  FILE               a sweep as JSON, as the page saves it (docs/recipes.md)
  --seeds N | A-B    the seeds 1 to N, or A to B (default: those of the sweep)
  --shard i/n        every n-th run, a point and a seed, from the i-th on
  --out DIR          folder of the results (default results): DIR/<name>/<point>-<seed>.json for
                     every run, DIR/<name>.json for all of them; <name> is that of FILE
  --resume           goes on with what the same call left in DIR; without it, runs are trained anew.
                     Where DIR holds one of them of another sweep, version or adapter, nothing is run
  merge              puts results of one sweep together, in any order
Exit code 1 when something failed or was refused, 2 for wrong usage.
`;

interface Named {
  name: string;
  sweep: Sweep;
}

/** @throws Error that names the file and what is wrong with it */
async function readSweep(file: string, { seeds }: WorkArguments): Promise<Named> {
  try {
    const sweep = parseSweep(await readJson(file));
    const name = basename(file).replace(/\.json$/, '');
    return { name, sweep: seeds === null ? sweep : { ...sweep, seeds } };
  } catch (error) {
    throw new Error(`${file}: ${errorMessage(error)}`);
  }
}

/** @throws Error where a run's file holds a result of something else */
async function workOf(
  unit: JobUnit,
  { name, sweep }: Named,
  given: WorkArguments,
  { io, deps, adapter }: { io: CliIo; deps: MeasureDeps; adapter: string },
): Promise<Work> {
  const folder = new ResultFolder(given.out, name);
  const file = `${unit.group}-${unit.seed}`;
  const ground: Ground = {
    ...{ kind: 'sweepRun', digest: sweepDigest(sweep) },
    ...{ version: PRODUCT_VERSION, adapter },
  };
  const isAlike = (json: unknown): json is SweepRun => differsIn(json, ground) === undefined;
  const own = { ...ground, point: Number(unit.group), seed: unit.seed };
  const there = await folder.read(file, own);
  return {
    name,
    title: `${name} point ${unit.group} seed ${unit.seed}`,
    seconds: (speed) => unit.seconds(speed),
    onward: unit.onward,
    runKeys: unit.runKeys,
    isDone: given.resume && there !== null,
    run: async (options) => folder.write(file, await unit.run(deps, options)),
    merge: () =>
      folder.writeAll(
        (json) => (isAlike(json) ? json : null),
        (runs) => mergeSweepRuns(sweep, runs),
        io.stderr,
      ),
  };
}

/** @throws Error where results would take the place of a sweep, or of those of another one */
function checkPlaces(sweeps: readonly Named[], { names: files, out }: WorkArguments): void {
  sweeps.forEach(({ name }, i) => {
    const results = join(out, `${name}.json`);
    if (resolve(results) === resolve(files[i]!))
      throw new Error(`${files[i]} would be overwritten by its results: choose another --out`);
    const other = sweeps.findIndex((one) => one.name === name);
    if (other < i)
      throw new Error(`the results of ${files[other]} and ${files[i]} would both be ${results}`);
  });
}

async function run(given: WorkArguments, io: CliIo, deps: MeasureDeps): Promise<void> {
  const sweeps = await Promise.all(given.names.map((file) => readSweep(file, given)));
  checkPlaces(sweeps, given);
  const jobs = sweeps.map((named) => {
    return { named, job: sweepJob({ kind: 'sweep', sweep: named.sweep }) };
  });
  const { adapter } = await deps.requestDevice();
  const on = { io, deps, adapter: adapter.description };
  const units = jobs.flatMap(({ named, job }) => job.units.map((unit) => ({ named, unit })));
  const work: Work[] = [];
  for (const { named, unit } of inShard(units, given.shard))
    work.push(await workOf(unit, named, given, on));
  const asked = sweeps.map(({ name, sweep }) => [name, sweepDigest(sweep), sweep.seeds]);
  const store = commandFiles('sweep', given, asked);
  await workThrough(work, { io, deps, store, resume: given.resume });
}

/** @throws Error that names the file and why it is no result of a sweep */
async function readResult(file: string): Promise<SweepResult> {
  try {
    return parseSweepResult(await readJson(file));
  } catch (error) {
    throw new Error(`${file}: ${errorMessage(error)}`);
  }
}

async function merge({ files, out }: MergeArguments, io: CliIo): Promise<void> {
  const parts = await Promise.all(files.map(readResult));
  const { sweep } = parts[0]!;
  const other = parts.findIndex((part) => !sameSweep(part.sweep, sweep));
  if (other > 0) throw new Error(`${files[0]} and ${files[other]} are of unlike sweeps`);
  const result = mergeSweepRuns(
    sweep,
    parts.flatMap(({ runs }) => runs),
  );
  await writeWhole(out, asText(result));
  io.stderr(
    `${result.runs.length} runs of ${new Set(result.runs.map(({ point }) => point)).size} points\n`,
  );
}

/** Runs the command on the devices of `deps`; resolves to its exit code. */
export function sweepCommand(
  argv: readonly string[],
  io: CliIo,
  deps: MeasureDeps,
): Promise<number> {
  return exitCode(io, USAGE, () => {
    const [first, ...rest] = argv;
    if (first === 'merge') {
      const given = parseMerge(rest);
      return () => merge(given, io);
    }
    const given = parseWork(argv, 'the FILE of a sweep', SWEEP_OPTIONS);
    return () => run(given, io, deps);
  });
}
