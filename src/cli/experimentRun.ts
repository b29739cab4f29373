/** `npm run experiment` without its device: what it reads, trains and writes. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Experiment, Problem } from '../config/experiment.ts';
import { readExperimentFile } from '../config/experimentFile.ts';
import { decodeLink } from '../config/permalink.ts';
import { counted } from '../config/plural.ts';
import { scalarColumn } from '../config/telemetry.ts';
import type { OwnText } from '../data/ownText.ts';
import { type Checkpoint, decodeCheckpoint } from '../train/session/checkpoint.ts';
import { errorMessage } from '../train/session/errors.ts';
import type { SessionEvent } from '../train/session/events.ts';
import { createSession, type Session } from '../train/session/session.ts';
import type { CliIo } from './io.ts';
import { LADIMO_USAGE, type LadimoDeps, readLadimoSettings, runLadimo } from './ladimo.ts';
import { type Metrics, MetricsLog, type RoutingMetrics, routingMetrics } from './metrics.ts';
import { readOwnText } from './ownFile.ts';

export const USAGE = `Usage: npm run experiment -- LINK_OR_FILE --out FILE [options]
  LINK_OR_FILE       a link (fragment or whole URL, '' for the default experiment), an experiment
                     as JSON, a file of metrics, or a checkpoint (.safetensors) to go on from
  --out FILE         metrics as JSON: every step's telemetry, validation, samples, adapter
  --steps N          train until N steps are taken (default: optimizer.totalSteps)
  --routing          also token ids, chosen slots, gates, drops and domains of the last batch
  --checkpoint FILE  parameters, moments, step and data cursor as safetensors
  --text FILE        the own text; used alone where the experiment's mix has none
${LADIMO_USAGE}Exit code 1 when something failed or a value was refused, 2 for wrong usage.
`;

export interface ExperimentArguments {
  source: string;
  out: string;
  steps: number | null;
  routing: boolean;
  checkpoint: string | null;
  text: string | null;
  ladimo: string | null;
  student: string | null;
}

/** @throws TypeError or RangeError for wrong usage */
export function parseArguments(argv: readonly string[]): ExperimentArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      steps: { type: 'string' },
      routing: { type: 'boolean', default: false },
      checkpoint: { type: 'string' },
      text: { type: 'string' },
      ladimo: { type: 'string' },
      student: { type: 'string' },
    },
  });
  const [source, ...rest] = positionals;
  if (source === undefined || rest.length > 0)
    throw new RangeError(`${counted(positionals.length, 'experiment')} given; one is needed`);
  if (values.out === undefined) throw new RangeError('--out FILE is needed');
  const steps = values.steps === undefined ? null : Number(values.steps);
  if (steps !== null && !(Number.isInteger(steps) && steps >= 1))
    throw new RangeError(`--steps ${values.steps} is not a whole number from 1`);
  const { out, routing, checkpoint = null, text = null, ladimo = null, student = null } = values;
  if (student !== null && ladimo === null)
    throw new RangeError('--student FILE needs --ladimo FILE');
  return { source, out, steps, routing, checkpoint, text, ladimo, student };
}

function refuseErrors(problems: readonly Problem[], io: CliIo): void {
  for (const { severity, path, message } of problems)
    io.stderr(`${severity}${path === '' ? '' : ` ${path}`}: ${message}\n`);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (errors > 0)
    throw new Error(
      `the experiment has ${counted(errors, 'problem')}, told above; nothing was trained`,
    );
}

/** The experiment of a link or a file, and the state of a checkpoint. */
async function readSource(
  source: string,
  io: CliIo,
): Promise<Omit<Checkpoint, 'state'> & { state: Checkpoint['state'] | null }> {
  const isFile = /\.(json|safetensors)$/.test(source) || existsSync(source);
  if (!isFile || source === '') {
    const { experiment, problems } = decodeLink(source);
    refuseErrors(problems, io);
    return { experiment, state: null };
  }
  if (source.endsWith('.safetensors')) {
    const bytes = await readFile(source);
    try {
      return decodeCheckpoint(bytes);
    } catch (error) {
      throw new Error(`${source}: ${errorMessage(error)}`, { cause: error });
    }
  }
  const { experiment, problems } = readExperimentFile(source, await io.readFile(source));
  refuseErrors(problems, io);
  return { experiment, state: null };
}

/** The experiment with the own text in its mix. */
function withOwnText(experiment: Experiment, own: OwnText | null, io: CliIo): Experiment {
  if (own === null || (experiment.data.mix.own ?? 0) > 0) return experiment;
  io.stderr(`The mix has no own text: "${own.name}" is used alone.\n`);
  return { ...experiment, data: { ...experiment.data, mix: { own: 1 }, hash: null } };
}

/** Says on `io.stderr` how far a session is, at most every two seconds. */
function progressPrinter(io: CliIo): (event: SessionEvent) => void {
  let last = 0;
  return (event) => {
    if (event.type === 'steps') {
      if (performance.now() - last < 2000) return;
      last = performance.now();
      const { firstStep, n, scalars } = event.records;
      const ce = scalars[scalars.length - scalars.length / n + scalarColumn('ce')]!;
      const speed = `${event.stepsPerSec.toFixed(2)} steps/s`;
      io.stderr(`step ${firstStep + n - 1}  ce ${ce.toFixed(4)}  ${speed}\n`);
    } else if (event.type === 'validation') {
      io.stderr(`step ${event.step}  validation ce ${event.ce.toFixed(4)}\n`);
    } else if (event.type === 'stopped' && event.reason.kind !== 'finished') {
      io.stderr(`stopped: ${event.reason.message}\n`);
    }
  };
}

/** Trains to step N; the routing asked for is that of step N's batch, as the step routes it. */
async function train(
  session: Session,
  steps: number,
  wantsRouting: boolean,
): Promise<RoutingMetrics | null> {
  if (!wantsRouting) {
    await session.runTo(steps);
    return null;
  }
  await session.runTo(steps - 1);
  if (session.stepsTaken !== steps - 1) return null;
  const routing = routingMetrics(await session.inspect('routing', null));
  await session.runTo(steps);
  return routing;
}

async function run(given: ExperimentArguments, io: CliIo, deps: LadimoDeps): Promise<number> {
  const { experiment: read, state } = await readSource(given.source, io);
  const own = given.text === null ? null : await readOwnText(given.text);
  const experiment = withOwnText(read, own, io);
  const settings =
    given.ladimo === null ? null : await readLadimoSettings(given.ladimo, experiment, io);
  const log = new MetricsLog();
  const print = progressPrinter(io);
  const emit = (event: SessionEvent) => {
    log.add(event);
    print(event);
  };
  const session = await createSession(deps, experiment, { emit, own, state, snapshotEvery: 0 });
  const { adapter, parameters, problems } = session.report;
  io.stderr(`${adapter.description}; ${parameters} parameters\n`);
  for (const { severity, message } of problems) io.stderr(`${severity}: ${message}\n`);
  const steps = given.steps ?? experiment.optimizer.totalSteps;
  const isTrained = settings !== null && steps === session.stepsTaken;
  if (steps <= session.stepsTaken && !isTrained)
    throw new Error(
      `--steps ${steps}: the checkpoint has taken ${counted(session.stepsTaken, 'step')} already`,
    );
  const routing = isTrained ? null : await train(session, steps, given.routing);
  const metrics: Metrics = log.toMetrics(session.report, session.experiment);
  if (routing !== null) metrics.routing = routing;
  await writeFile(given.out, JSON.stringify(metrics));
  const { checkpoint, student } = given;
  const bytes = checkpoint !== null || settings !== null ? await session.checkpoint() : null;
  await session.dispose();
  if (checkpoint !== null && bytes !== null) await writeFile(checkpoint, bytes);
  if (log.stopped !== null && log.stopped.kind !== 'finished') return 1;
  if (settings !== null && bytes !== null) {
    const ladimo = await runLadimo(bytes, settings, { own, student }, io, deps);
    await writeFile(given.out, JSON.stringify({ ...metrics, ladimo }));
  }
  return 0;
}

/** Runs the command on the devices of `deps`; resolves to its exit code. */
export async function experimentCommand(
  argv: readonly string[],
  io: CliIo,
  deps: LadimoDeps,
): Promise<number> {
  let given: ExperimentArguments;
  try {
    given = parseArguments(argv);
  } catch (error) {
    io.stderr(`${errorMessage(error)}\n${USAGE}`);
    return 2;
  }
  try {
    return await run(given, io, deps);
  } catch (error) {
    io.stderr(`error: ${errorMessage(error)}\n`);
    return 1;
  }
}
