/** `npm run experiment` without its device: what it reads, trains and writes. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { checkedStudent } from '../config/conversionLink.ts';
import type { Experiment } from '../config/experiment.ts';
import { parseJson } from '../config/json.ts';
import { counted } from '../config/plural.ts';
import { type StepRecords, scalarColumn } from '../config/telemetry.ts';
import type { OwnText } from '../data/ownText.ts';
import { MAX_RUNS } from '../links/share.ts';
import { seamsAround } from '../runs/handedBack.ts';
import { inDomains } from '../train/session/elsewhere.ts';
import { errorMessage } from '../train/session/errors.ts';
import type { SessionEvent } from '../train/session/events.ts';
import { createSession, type Session } from '../train/session/session.ts';
import { exitCode } from './exitCode.ts';
import { readSource, type SourceArguments } from './experimentSource.ts';
import type { CliIo } from './io.ts';
import {
  checkAsk,
  conversionFile,
  LADIMO_USAGE,
  type LadimoAsk,
  type LadimoDeps,
  linkedConversion,
  readLadimoSettings,
  runLadimo,
} from './ladimo.ts';
import { type Metrics, MetricsLog, type RoutingMetrics, routingMetrics } from './metrics.ts';
import { readOwnText } from './ownFile.ts';
import { nameOfFile, RunLog } from './runFile.ts';

export const USAGE = `Usage: npm run experiment -- LINK_OR_FILE [--out FILE] [--run FILE.zip] [options]
  LINK_OR_FILE       a link (fragment or whole URL, '' for the default experiment), an experiment
                     as JSON, a file of metrics, or what to go on from: a checkpoint (.safetensors)
                     or a run (.zip), from its last checkpoint or that of --from STEP
  --out FILE         metrics as JSON: every step's telemetry, validation, samples, adapter; needed
                     without --run
  --run FILE.zip     the whole run with its last checkpoint, as the page opens and writes it
  --at STEP          also the checkpoint of STEP in FILE.zip; may be given several times
  --with-text        also the own text in FILE.zip
  --experiment FILE  what a checkpoint of another program does not tell: heads, tokenizer, batch …
  --side N           which run of a link that compares several, 1 to 8 (default: the first)
  --steps N          train until N steps are taken (default: optimizer.totalSteps)
  --routing          also token ids, chosen slots, gates, drops and domains of the last batch
  --checkpoint FILE  parameters, moments, step and data cursor as safetensors
  --text FILE        the own text; used alone where the experiment's mix has none
${LADIMO_USAGE}Exit code 1 when something failed or a value was refused, 2 for wrong usage.
`;

export interface ExperimentArguments extends SourceArguments {
  out: string | null;
  run: string | null;
  /** Steps whose checkpoints the run's file has besides the last, rising. */
  at: number[];
  withText: boolean;
  steps: number | null;
  routing: boolean;
  checkpoint: string | null;
  text: string | null;
  ladimo: string | null;
  /** What of a conversion is measured and written. */
  convert: Omit<LadimoAsk, 'own' | 'isReplayable'>;
}

/** Step of an option. @throws RangeError for anything but a whole number from 1 */
function stepOf(option: string, text: string): number {
  const step = text === '' ? Number.NaN : Number(text);
  if (Number.isInteger(step) && step >= 1) return step;
  throw new RangeError(`--${option} ${text} is not a whole number from 1`);
}

/** @throws RangeError for anything but the number of a run of a link */
function sideOf(text: string): number {
  const side = text === '' ? Number.NaN : Number(text);
  if (Number.isInteger(side) && side >= 1 && side <= MAX_RUNS) return side;
  throw new RangeError(`--side ${text} is not a whole number from 1 to ${MAX_RUNS}`);
}

const OPTIONS = {
  out: { type: 'string' },
  run: { type: 'string' },
  at: { type: 'string', multiple: true },
  'with-text': { type: 'boolean', default: false },
  from: { type: 'string' },
  side: { type: 'string' },
  experiment: { type: 'string' },
  steps: { type: 'string' },
  routing: { type: 'boolean', default: false },
  checkpoint: { type: 'string' },
  text: { type: 'string' },
  ladimo: { type: 'string' },
  student: { type: 'string' },
  conversion: { type: 'string' },
  probes: { type: 'string' },
  throughput: { type: 'string' },
  recover: { type: 'string', multiple: true },
  choice: { type: 'string' },
  write: { type: 'string' },
} as const;

/** @throws RangeError for what names no student */
function choiceOf(text: string): LadimoAsk['choice'] {
  try {
    return checkedStudent(parseJson(text));
  } catch (error) {
    throw new RangeError(`--choice ${text}: ${errorMessage(error)}`);
  }
}

function convertOf(values: {
  student?: string;
  conversion?: string;
  probes?: string;
  throughput?: string;
  recover?: string[];
  choice?: string;
  write?: string;
}): ExperimentArguments['convert'] {
  const count = (option: 'probes' | 'throughput') =>
    values[option] === undefined ? null : stepOf(option, values[option]);
  const { student = null, conversion = null, write = null, recover: domains = [] } = values;
  const recover = domains.map((text) => {
    const [, domain = '', steps] = /^([^:]*)(?::(.*))?$/.exec(text) ?? [];
    return { domain, steps: steps === undefined ? null : stepOf('recover', steps) };
  });
  const choice = values.choice === undefined ? null : choiceOf(values.choice);
  const counts = { probes: count('probes'), throughput: count('throughput') };
  return { student, conversion, recover, choice, write, ...counts };
}

/** @throws TypeError or RangeError for wrong usage */
export function parseArguments(argv: readonly string[]): ExperimentArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: OPTIONS,
  });
  const [source, ...rest] = positionals;
  if (source === undefined || rest.length > 0)
    throw new RangeError(`${counted(positionals.length, 'experiment')} given; one is needed`);
  const { out = null, run = null, routing, checkpoint = null, text = null } = values;
  const { ladimo = null, experiment = null, at = [] } = values;
  if (out === null && run === null) throw new RangeError('--out FILE is needed, or --run FILE.zip');
  if (out === null && (routing || ladimo !== null))
    throw new RangeError(`${routing ? '--routing' : '--ladimo FILE'} needs --out FILE`);
  if (run === null && (at.length > 0 || values['with-text']))
    throw new RangeError('--at STEP and --with-text need --run FILE.zip');
  const convert = convertOf(values);
  const isConverted =
    ladimo !== null || source.endsWith('.zip') || linkedConversion(source) !== null;
  if (convert.student !== null && !isConverted)
    throw new RangeError('--student FILE needs --ladimo FILE, or a conversion link or file');
  const stepsAt = at.map((step) => stepOf('at', step)).sort((a, b) => a - b);
  const steps = values.steps === undefined ? null : stepOf('steps', values.steps);
  const from = values.from === undefined ? null : stepOf('from', values.from);
  const side = values.side === undefined ? null : sideOf(values.side);
  const withText = values['with-text'];
  return {
    ...{
      source,
      experiment,
      from,
      side,
      out,
      run,
      at: stepsAt,
      withText,
      steps,
      routing,
      checkpoint,
    },
    ...{ text, ladimo, convert },
  };
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
      const { step, ce, generated } = event;
      const beside =
        generated === undefined ? '' : ` (not causal; as generated ${generated.toFixed(4)})`;
      io.stderr(`step ${step}  validation ce ${ce.toFixed(4)}${beside}\n`);
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

/** Takes the checkpoints that the run's file is to have before the last step. */
async function trainBetween(session: Session, at: readonly number[], log: RunLog): Promise<void> {
  for (const step of at) {
    await session.runTo(step);
    if (session.stepsTaken !== step) return;
    log.keep(step, await session.checkpoint());
  }
}

/** @throws RangeError for steps that the run does not take */
function checkSteps({ at, steps }: { at: readonly number[]; steps: number }, taken: number): void {
  const outside = at.find((step) => step <= taken || step > steps);
  if (outside !== undefined)
    throw new RangeError(`--at ${outside}: the run takes steps ${taken + 1} to ${steps}`);
}

/** What a run is trained from, and by what rules it is converted afterwards. */
async function readAll(given: ExperimentArguments, io: CliIo) {
  const { own: ownOfRun, ...source } = await readSource(given, io);
  const { experiment: read, state, parent, elsewhere = null } = source;
  const own = given.text === null ? ownOfRun : await readOwnText(given.text);
  const experiment = withOwnText(read, own, io);
  const linked = state === null ? linkedConversion(given.source) : null;
  const settings =
    given.ladimo === null
      ? (linked?.settings ?? null)
      : await readLadimoSettings(given.ladimo, experiment, io);
  // What was trained elsewhere may reach further than it was meant to here.
  const planned = Math.max(experiment.optimizer.totalSteps, elsewhere ? (state?.step ?? 0) : 0);
  const steps = given.steps ?? linked?.steps ?? planned;
  const choice = given.convert.choice ?? linked?.student ?? null;
  if (settings !== null) checkAsk({ ...given.convert, choice }, settings, experiment);
  return { experiment, state, own, parent, elsewhere, settings, steps, choice };
}

/** Hears a session's events. */
function listener(logs: readonly { add(event: SessionEvent): void }[], io: CliIo) {
  const print = progressPrinter(io);
  return (event: SessionEvent) => {
    for (const log of logs) log.add(event);
    print(event);
  };
}

/** Steps that another program took before the session, as if they were its own. */
function takeIn(
  elsewhere: StepRecords,
  { report, stepsTaken }: Session,
  logs: readonly { add(event: SessionEvent): void }[],
  io: CliIo,
): void {
  const records = inDomains(elsewhere, report.domains.length);
  for (const log of logs) log.add({ type: 'steps', records, tokensPerSec: 0, stepsPerSec: 0 });
  io.stderr(`steps ${records.firstStep} to ${stepsTaken} were taken in PyTorch\n`);
}

/** Goes on with the conversion of a file. */
async function runConversion(
  given: ExperimentArguments,
  conversion: Uint8Array,
  io: CliIo,
  deps: LadimoDeps,
): Promise<number> {
  const { out, source } = given;
  if (out === null) throw new RangeError(`${source} is a conversion: --out FILE is needed`);
  const ask = { ...given.convert, own: null, isReplayable: false };
  await writeFile(out, JSON.stringify({ ladimo: await runLadimo({ conversion }, ask, io, deps) }));
  return 0;
}

async function run(given: ExperimentArguments, io: CliIo, deps: LadimoDeps): Promise<number> {
  const conversion = await conversionFile(given.source);
  if (conversion !== null) return runConversion(given, conversion, io, deps);
  const { experiment, state, own, parent, elsewhere, settings, steps, choice } = await readAll(
    given,
    io,
  );
  const log = new MetricsLog();
  const runLog = new RunLog();
  const emit = listener([log, runLog], io);
  const session = await createSession(deps, experiment, { emit, own, state, snapshotEvery: 0 });
  const { adapter, parameters, problems } = session.report;
  io.stderr(`${adapter.description}; ${parameters} parameters\n`);
  for (const { severity, message } of problems) io.stderr(`${severity}: ${message}\n`);
  if (elsewhere !== null) takeIn(elsewhere, session, [log, runLog], io);
  const isWorthIt = settings !== null || elsewhere !== null;
  const isTrained = isWorthIt && steps === session.stepsTaken;
  if (steps <= session.stepsTaken && !isTrained)
    throw new Error(
      `--steps ${steps}: the checkpoint has taken ${counted(session.stepsTaken, 'step')} already`,
    );
  checkSteps({ at: given.at, steps }, session.stepsTaken);
  const between = given.at.filter((step) => step < steps);
  await trainBetween(session, between, runLog);
  const isOver = isTrained || log.stopped !== null;
  const routing = isOver ? null : await train(session, steps, given.routing);
  const metrics: Metrics = log.toMetrics(session.report, session.experiment);
  if (routing !== null) metrics.routing = routing;
  if (given.out !== null) await writeFile(given.out, JSON.stringify(metrics));
  const { checkpoint } = given;
  const needsBytes = checkpoint !== null || settings !== null || given.run !== null;
  const bytes = needsBytes ? await session.checkpoint() : null;
  if (given.run !== null && bytes !== null) {
    const { report, stepsTaken } = session;
    runLog.keep(stepsTaken, bytes);
    const name = nameOfFile(given.run);
    const seams = elsewhere === null ? {} : { seams: seamsAround(elsewhere) };
    const at = { experiment: session.experiment, steps: stepsTaken };
    const about = { name, report, parent, ...at, ...seams };
    await runLog.write(given.run, runLog.row(about), given.withText ? own : null);
  }
  await session.dispose();
  if (checkpoint !== null && bytes !== null) await writeFile(checkpoint, bytes);
  if (log.stopped !== null && log.stopped.kind !== 'finished') return 1;
  if (settings !== null && bytes !== null && given.out !== null) {
    const isReplayable = state === null && parent === null;
    const ask = { ...given.convert, own, isReplayable, choice };
    const ladimo = await runLadimo({ bytes, settings }, ask, io, deps);
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
  return exitCode(io, USAGE, () => {
    const given = parseArguments(argv);
    return () => run(given, io, deps);
  });
}
