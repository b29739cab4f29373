/** A run that is trained as far as it goes, from where it was left: what recipes measure. */
import type { FiguresAt } from '../../analysis/followed.ts';
import type { Experiment } from '../../config/experiment.ts';
import { PRODUCT_VERSION } from '../../config/product.ts';
import type { LayerSpace, StepRecords } from '../../config/telemetry.ts';
import type { EngineState } from '../engine/engine.ts';
import type { Emit, SessionEvent, SessionReport } from '../session/events.ts';
import type { Followed } from '../session/following.ts';
import type { SessionDeps } from '../session/openRun.ts';
import { createSession, type Session } from '../session/session.ts';
import { goOn, trainTo } from './stopping.ts';
import type { WorkStore } from './workStore.ts';

export interface Validation {
  step: number;
  /** Nats per token. */
  ce: number;
  perDomain: Readonly<Record<string, number>>;
  /** As `ValidationLoss.generated`. */
  generated?: number;
}

export interface TrainedRun {
  /** As it ran: vocabulary and hash of the text filled in. */
  experiment: Experiment;
  state: EngineState;
  /** Telemetry of all steps, in order. */
  records: readonly StepRecords[];
  /** In order of steps; the last one is of the state, where the run reached its end. */
  validation: readonly Validation[];
  /** Figures of a validation batch, at validations. */
  figures: readonly FiguresAt[];
  /** Why it ended before its last step; null where it did not. */
  diverged: string | null;
  layers: readonly LayerSpace[];
  /** Names, in the order of their numbers. */
  domains: readonly string[];
  parameters: number;
  tokens: SessionReport['tokens'];
  charactersPerToken: number;
  /** Seconds spent training and validating. */
  seconds: number;
}

/** A run on its way. */
interface Progress extends TrainedRun {
  isDone: boolean;
  /** Version, form of what is kept, and adapter: no run goes on under another. */
  origin: string;
  /** Whoever keeps the run besides, e.g. the id of its record. */
  note: unknown;
  followed: Followed | null;
}

/** Hears what happens to a run, to keep it elsewhere as well. */
export interface RunListener {
  hear: Emit;
  /** What is handed to the listener of the same run after the process died. */
  note(): unknown;
  /** @param state the last one of a run that is done; null for one that is left */
  close(state: EngineState | null): Promise<void>;
}

export interface TrainOptions {
  store: WorkStore;
  /** Of the run among the kept ones. */
  key: string;
  signal?: AbortSignal | undefined;
  onStep?: ((step: number, of: number) => void) | undefined;
  /**
   * Begins to listen to a run.
   * @param note that of the listener before, where the run goes on; undefined for a new one
   */
  listen?:
    | ((
        report: SessionReport,
        state: EngineState | null,
        note: unknown,
      ) => Promise<RunListener | null>)
    | undefined;
  /** Hears of a run that was trained before, for this unit or another one. */
  reused?: ((note: unknown) => Promise<void>) | undefined;
  /** Milliseconds between two states that are kept; 10 seconds when absent. */
  keepEveryMs?: number;
}

const KEEP_MS = 10_000;
/** Rises with what is kept of a run. */
const KEPT_FORM = 3;

/** What is heard of a run. */
class Heard {
  readonly records: StepRecords[];
  readonly validation: Validation[];
  readonly figures: FiguresAt[];
  diverged: string | null;
  /** Why it cannot go on; null while it can. */
  failure: string | null = null;

  constructor(before: Progress | null) {
    this.records = [...(before?.records ?? [])];
    this.validation = [...(before?.validation ?? [])];
    this.figures = [...(before?.figures ?? [])];
    this.diverged = before?.diverged ?? null;
  }

  hear(event: SessionEvent): void {
    if (event.type === 'steps') this.records.push(event.records);
    else if (event.type === 'validation') {
      const { type: _, ...validation } = event;
      if (this.validation.at(-1)?.step !== event.step) this.validation.push(validation);
    } else if (event.type === 'figures') this.figures.push(event.figures);
    else if (event.type === 'stopped' && event.reason.kind === 'nonFinite')
      this.diverged = event.reason.message;
    else if (event.type === 'stopped' && event.reason.kind !== 'finished')
      this.failure = event.reason.message;
  }
}

/** What is kept of a run, if it is of the same origin. */
async function kept({ store, key }: TrainOptions, origin: string): Promise<Progress | null> {
  const found = (await store.get(key)) as Progress | undefined;
  return found?.origin === origin ? found : null;
}

/** The run as it stands between two steps. */
async function progressOf(
  session: Session,
  heard: Heard,
  before: Progress | null,
  since: number,
): Promise<Omit<Progress, 'origin' | 'isDone'>> {
  const { report } = session;
  return {
    experiment: session.experiment,
    state: await session.readState(true),
    followed: session.followed,
    records: heard.records,
    validation: heard.validation,
    figures: heard.figures,
    diverged: heard.diverged,
    layers: report.layers,
    domains: report.domains,
    parameters: report.parameters,
    tokens: report.tokens,
    charactersPerToken: report.charactersPerToken,
    seconds: (before?.seconds ?? 0) + (performance.now() - since) / 1000,
    note: before?.note,
  };
}

/**
 * Trains an experiment to its last step and validates at the end. What is kept of it under the key
 * goes on, bit for bit as if it had never stopped; a run that is done is read and nothing trained.
 *
 * @throws Cancelled after the signal, with the state kept; as `createSession`
 */
export async function trainedRun(
  deps: SessionDeps,
  experiment: Experiment,
  options: TrainOptions,
): Promise<TrainedRun> {
  const { adapter } = await deps.requestDevice();
  const origin = `${PRODUCT_VERSION} ${KEPT_FORM} ${adapter.description}`;
  const before = await kept(options, origin);
  if (before?.isDone) {
    await options.reused?.(before.note);
    return before;
  }
  goOn(options.signal);
  const heard = new Heard(before);
  const since = performance.now();
  let listener: RunListener | null = null;
  const emit: Emit = (event) => {
    listener?.hear(event);
    heard.hear(event);
    if (event.type !== 'steps') return;
    const { firstStep, n } = event.records;
    options.onStep?.(firstStep + n - 1, experiment.optimizer.totalSteps);
  };
  const state = before?.state ?? null;
  const { followed = null } = before ?? {};
  const session = await createSession(deps, experiment, {
    emit,
    state,
    followed,
    snapshotEvery: 0,
  });
  const closeListener = async (last: EngineState | null) => {
    const closing = listener;
    listener = null;
    await closing?.close(last);
  };
  try {
    listener = (await options.listen?.(session.report, state, before?.note)) ?? null;
    const note = listener?.note() ?? before?.note;
    const keep = async (isDone: boolean) => {
      const progress = await progressOf(session, heard, before, since);
      // Its record is whole before it counts as trained.
      if (isDone) await closeListener(progress.state);
      const run = { ...progress, origin, isDone, note };
      await options.store.put(options.key, run);
      return run;
    };
    await trainOn(session, heard, { ...options, keep });
    if (heard.diverged === null && heard.validation.at(-1)?.step !== session.stepsTaken)
      await session.evaluate();
    return await keep(true);
  } finally {
    await session.dispose();
    await closeListener(null);
  }
}

/** Trains to the last step, or until it is time to keep the state, or to stop. */
async function trainAWhile(session: Session, last: number, options: TrainOptions): Promise<void> {
  const { signal, keepEveryMs = KEEP_MS } = options;
  const timer = setTimeout(() => void session.pause(), keepEveryMs);
  try {
    await trainTo(session, last, signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Takes the steps that are left, and keeps the state every now and then. */
async function trainOn(
  session: Session,
  heard: Heard,
  options: TrainOptions & { keep(isDone: boolean): Promise<unknown> },
): Promise<void> {
  const { totalSteps } = session.experiment.optimizer;
  while (session.stepsTaken < totalSteps && heard.diverged === null) {
    // Told while it was opened, or while its state was kept.
    goOn(options.signal);
    await trainAWhile(session, totalSteps, options);
    if (heard.failure !== null) throw new Error(heard.failure);
    const isOver = session.stepsTaken === totalSteps || heard.diverged !== null;
    const isStopped = options.signal?.aborted === true;
    if (!isOver || isStopped) await options.keep(false);
    goOn(options.signal);
  }
}
