/** What `npm run experiment` begins from: a link, an experiment, a checkpoint, or a file of runs. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Experiment, Problem } from '../config/experiment.ts';
import { readExperimentFile } from '../config/experimentFile.ts';
import { decodeLink, hasRuns } from '../config/permalink.ts';
import { counted, listed } from '../config/plural.ts';
import type { OwnText } from '../data/ownText.ts';
import { askedOf, described } from '../runs/foreign/answers.ts';
import type { RunRow } from '../runs/record.ts';
import { type Checkpoint, decodeCheckpoint } from '../train/session/checkpoint.ts';
import { errorMessage } from '../train/session/errors.ts';
import type { CliIo } from './io.ts';

export interface Source {
  experiment: Experiment;
  state: Checkpoint['state'] | null;
  /** The own text that came along. */
  own: OwnText | null;
  /** The run that it goes on from. */
  parent: RunRow['parent'];
  /** Steps that another program took after the parent's. */
  elsewhere?: Checkpoint['elsewhere'];
}

export interface SourceArguments {
  source: string;
  /** What a checkpoint without an experiment does not tell. */
  experiment: string | null;
  /** Step of the checkpoint of a file of runs; null: the last. */
  from: number | null;
  /** Which run of a link that compares several, from 1; null: the first, which is said. */
  side: number | null;
}

export function refuseErrors(problems: readonly Problem[], io: CliIo): void {
  for (const { severity, path, message } of problems)
    io.stderr(`${severity}${path === '' ? '' : ` ${path}`}: ${message}\n`);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (errors > 0)
    throw new Error(
      `the experiment has ${counted(errors, 'problem')}, told above; nothing was trained`,
    );
}

/**
 * One experiment of a link or a fragment.
 * @throws RangeError for a side that the link does not have
 */
async function readLink(link: string, side: number | null, io: CliIo): Promise<Experiment> {
  if (!hasRuns(link) && (side ?? 1) === 1) {
    const { experiment, problems } = decodeLink(link);
    refuseErrors(problems, io);
    return experiment;
  }
  const { decodeShare } = await import('../links/share.ts');
  const { experiments, results, problems } = decodeShare(link);
  refuseErrors(problems, io);
  const n = experiments.length;
  const experiment = experiments[(side ?? 1) - 1];
  if (experiment === undefined)
    throw new RangeError(
      `--side ${side}: the link holds ${counted(n, 'run')}; 1 to ${n} are possible`,
    );
  const name = results[(side ?? 1) - 1]?.name;
  const called = name ? ` ("${name}")` : '';
  if (n > 1)
    io.stderr(
      `The link holds ${n} runs: run ${side ?? 1}${called} is trained${
        side === null ? `; --side N takes another, 1 to ${n}` : ''
      }.\n`,
    );
  return experiment;
}

const isFile = (source: string) =>
  source !== '' && (source.endsWith('.json') || existsSync(source));

/** The experiment of a link, a fragment or a file. */
async function readExperiment(
  source: string,
  io: CliIo,
  side: number | null = null,
): Promise<Experiment> {
  if (!isFile(source)) return readLink(source, side, io);
  const { experiment, problems } = readExperimentFile(source, await io.readFile(source));
  refuseErrors(problems, io);
  return experiment;
}

/** A checkpoint with its experiment, of this lab or, with what it does not tell, of another program. */
async function readCheckpoint(
  { source, experiment }: SourceArguments,
  io: CliIo,
): Promise<Checkpoint> {
  const { asCheckpoint, readForeign } = await import('../runs/foreign/foreign.ts');
  const bytes = await readFile(source);
  const foreign = readForeign(bytes);
  if (foreign === null) {
    if (experiment !== null)
      throw new RangeError(
        'it has an experiment of its own; --experiment is for those that have none',
      );
    return decodeCheckpoint(bytes);
  }
  const told = described(foreign);
  if (experiment === null)
    throw new RangeError(
      `it names no experiment. Its shapes tell ${told}; give the rest with --experiment FILE: ${listed(askedOf(foreign), ', ')}`,
    );
  const answers = await readExperiment(experiment, io);
  io.stderr(`From the checkpoint's shapes: ${told}.\n`);
  return decodeCheckpoint(asCheckpoint(foreign, answers));
}

/** Events up to a step, as text to compare. */
const eventsUpTo = ({ events }: Experiment, step: number) =>
  JSON.stringify(events.filter(([at]) => at <= step));

/** The run of a file, at its last checkpoint or the one that is asked for. */
async function readRunFile({ source, from }: SourceArguments, io: CliIo): Promise<Source> {
  const { readRuns } = await import('../runs/files/readRuns.ts');
  const { runs, problems } = await readRuns(await readFile(source));
  for (const { severity, path, message } of problems)
    io.stderr(`${severity}${path === '' ? '' : ` ${path}`}: ${message}\n`);
  const [run, ...more] = runs;
  if (run === undefined) throw new RangeError('no run of it can be read');
  if (more.length > 0)
    throw new RangeError(
      `it holds ${counted(runs.length, 'run')} (${listed(
        runs.map(({ row }) => row.name),
        ', ',
      )}); one is needed`,
    );
  const { id, name, experiment, checkpoints } = run.row;
  if (experiment === null)
    throw new RangeError(`"${name}" is curves alone: no experiment, so nothing to go on with`);
  const steps = checkpoints.map(({ step }) => step);
  const step = from ?? steps.at(-1);
  const own = await run.ownText();
  if (step === undefined) {
    io.stderr(`${source} holds no checkpoint: "${name}" begins anew.\n`);
    return { experiment, state: null, own, parent: { id, step: 0, name } };
  }
  if (!steps.includes(step))
    throw new RangeError(
      `it holds no checkpoint of step ${step}; it has ${listed(steps.map(String), ', ') || 'none'}`,
    );
  const checkpoint = decodeCheckpoint(await run.checkpoint(step));
  // The run's experiment has the events that came after the checkpoint, too.
  if (eventsUpTo(checkpoint.experiment, step) !== eventsUpTo(experiment, step))
    throw new RangeError(`the checkpoint of step ${step} is of other events than "${name}"`);
  return { experiment, state: checkpoint.state, own, parent: { id, step, name } };
}

/** @throws RangeError or Error with the source's name and what is wrong with it */
export async function readSource(given: SourceArguments, io: CliIo): Promise<Source> {
  const { source, experiment, from, side } = given;
  const isCheckpoint = source.endsWith('.safetensors');
  const isRunFile = source.endsWith('.zip');
  if (experiment !== null && !isCheckpoint)
    throw new RangeError('--experiment FILE is for checkpoints (.safetensors) without experiment');
  if (from !== null && !isRunFile)
    throw new RangeError('--from STEP is for files of runs (.zip), which have several checkpoints');
  if (side !== null && (isCheckpoint || isRunFile || isFile(source)))
    throw new RangeError('--side N is for links, which may hold several runs');
  if (!isCheckpoint && !isRunFile) {
    const read = await readExperiment(source, io, side);
    return { experiment: read, state: null, own: null, parent: null };
  }
  try {
    if (isRunFile) return await readRunFile(given, io);
    const { parent = null, ...checkpoint } = await readCheckpoint(given, io);
    return { ...checkpoint, own: null, parent };
  } catch (error) {
    throw new Error(`${source}: ${errorMessage(error)}`, { cause: error });
  }
}
