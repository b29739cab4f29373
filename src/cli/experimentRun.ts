/** `npm run experiment` without its device: what it reads, trains and writes. */
import type { Experiment } from '../config/experiment.ts';
import { counted } from '../config/plural.ts';
import { type StepRecords, scalarColumn } from '../config/telemetry.ts';
import type { OwnText } from '../data/ownText.ts';
import { seamsAround } from '../runs/handedBack.ts';
import { inDomains } from '../train/session/elsewhere.ts';
import type { SessionEvent } from '../train/session/events.ts';
import { createSession, type Session } from '../train/session/session.ts';
import { exitCode } from './exitCode.ts';
import {
  checkOpened,
  type ExperimentArguments,
  outputsOf,
  parseArguments,
  USAGE,
} from './experimentArguments.ts';
import { readSource } from './experimentSource.ts';
import type { CliIo } from './io.ts';
import { jsonPieces } from './jsonPieces.ts';
import {
  checkAsk,
  conversionFile,
  type LadimoDeps,
  linkedConversion,
  readLadimoSettings,
  runLadimo,
} from './ladimo.ts';
import { type Metrics, MetricsLog, type RoutingMetrics, routingMetrics } from './metrics.ts';
import { Attempts, checkWritable, writeOutput } from './outputFiles.ts';
import { readOwnText } from './ownFile.ts';
import { nameOfFile, RunLog } from './runFile.ts';

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
  { out, convert }: ExperimentArguments,
  conversion: Uint8Array,
  io: CliIo,
  deps: LadimoDeps,
): Promise<void> {
  const ask = { ...convert, own: null, isReplayable: false };
  const ladimo = await runLadimo({ conversion }, ask, io, deps);
  if (out !== null) await writeOutput(out, jsonPieces({ ladimo }));
}

/** A session whose training is over, and what was heard of it. */
interface Trained {
  read: Awaited<ReturnType<typeof readAll>>;
  session: Session;
  log: MetricsLog;
  runLog: RunLog;
  routing: RoutingMetrics | null;
}

/** Takes all steps. @throws what a session throws, with the steps before taken */
async function trainAll(
  { at, routing }: ExperimentArguments,
  steps: number,
  session: Session,
  { log, runLog }: Pick<Trained, 'log' | 'runLog'>,
): Promise<RoutingMetrics | null> {
  const between = at.filter((step) => step < steps);
  await trainBetween(session, between, runLog);
  return log.stopped === null ? train(session, steps, routing) : null;
}

async function writeMetrics(out: string | null, metrics: unknown, attempts: Attempts) {
  if (out === null) return;
  await attempts.make(`--out ${out}`, () => writeOutput(out, jsonPieces(metrics)));
}

/** Writes all that training gave: the model first, which cannot be made again from the others. */
async function writeTrained(
  { out, checkpoint, run: file, withText }: ExperimentArguments,
  { read, session, log, runLog, routing }: Trained,
  attempts: Attempts,
): Promise<{ bytes: Uint8Array | null; metrics: Metrics }> {
  const { own, parent, elsewhere, settings } = read;
  const needsBytes = checkpoint !== null || settings !== null || file !== null;
  const bytes = needsBytes
    ? await attempts.make('the checkpoint', () => session.checkpoint())
    : null;
  if (checkpoint !== null && bytes !== null)
    await attempts.make(`--checkpoint ${checkpoint}`, () => writeOutput(checkpoint, bytes));
  const { report, experiment, stepsTaken: steps } = session;
  if (file !== null)
    await attempts.make(`--run ${file}`, async () => {
      if (bytes !== null) runLog.keep(steps, bytes);
      const seams = elsewhere === null ? {} : { seams: seamsAround(elsewhere) };
      const about = { name: nameOfFile(file), report, experiment, steps, parent, ...seams };
      await runLog.write(file, runLog.row(about), withText ? own : null);
    });
  const metrics = log.toMetrics(report, experiment);
  if (routing !== null) metrics.routing = routing;
  await writeMetrics(out, metrics, attempts);
  return { bytes, metrics };
}

async function run(given: ExperimentArguments, io: CliIo, deps: LadimoDeps): Promise<number> {
  const read = await readAll(given, io);
  const { experiment, state, own, parent, elsewhere, settings, steps, choice } = read;
  const log = new MetricsLog();
  const runLog = new RunLog();
  const emit = listener([log, runLog], io);
  const session = await createSession(deps, experiment, { emit, own, state, snapshotEvery: 0 });
  const { adapter, parameters, problems } = session.report;
  io.stderr(`${adapter.description}; ${parameters} parameters\n`);
  for (const { severity, message } of problems) io.stderr(`${severity}: ${message}\n`);
  if (elsewhere !== null) takeIn(elsewhere, session, [log, runLog], io);
  const taken = session.stepsTaken;
  const isWorthIt = settings !== null || elsewhere !== null;
  const isTrained = isWorthIt && steps === taken;
  if (steps <= taken && !isTrained)
    throw new Error(`--steps ${steps}: the checkpoint has taken ${counted(taken, 'step')} already`);
  checkSteps({ at: given.at, steps }, taken);
  const attempts = new Attempts(io);
  const routing = isTrained
    ? null
    : await attempts.make('training', () => trainAll(given, steps, session, { log, runLog }));
  const isStopped = attempts.hasFailed || (log.stopped !== null && log.stopped.kind !== 'finished');
  // Where a later step cannot be taken, those before it are not lost.
  if (attempts.hasFailed && session.stepsTaken === taken) return 1;
  const trained = { read, session, log, runLog, routing };
  const { bytes, metrics } = await writeTrained(given, trained, attempts);
  await session.dispose();
  if (settings === null || bytes === null || isStopped)
    return attempts.hasFailed || isStopped ? 1 : 0;
  const ask = { ...given.convert, own, isReplayable: state === null && parent === null, choice };
  const ladimo = await runLadimo({ bytes, settings }, ask, io, deps);
  await writeMetrics(given.out, { ...metrics, ladimo }, attempts);
  return attempts.hasFailed ? 1 : 0;
}

/** Runs the command on the devices of `deps`; resolves to its exit code. */
export async function experimentCommand(
  argv: readonly string[],
  io: CliIo,
  deps: LadimoDeps,
): Promise<number> {
  return exitCode(io, USAGE, () => {
    const given = parseArguments(argv);
    return async () => {
      const conversion = await conversionFile(given.source);
      // What a file holds decides which options it takes; a wrong one is wrong usage all the same.
      return exitCode(io, USAGE, () => {
        checkOpened(given, conversion !== null);
        return async () => {
          await checkWritable(outputsOf(given));
          if (conversion === null) return run(given, io, deps);
          await runConversion(given, conversion, io, deps);
          return 0;
        };
      });
    };
  });
}
