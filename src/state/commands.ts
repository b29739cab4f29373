import { checkConstraints } from '../config/constraints.ts';
import { changedPaths, experimentAtStep, isLive } from '../config/edit.ts';
import type { Change, Experiment, Problem } from '../config/experiment.ts';
import type { OwnText, SampleRequest, TrainerApi, TrainerEvent } from '../worker/api.ts';
import { type Benchmark, createBenchmark } from './benchmark.ts';
import { type ConfigStore, changeOf, pendingPaths } from './configStore.ts';
import { type Failure, failureOf } from './failure.ts';
import { createProfiler, type Profiler } from './profiler.ts';
import { createRackCommands, type RackCommands } from './rackCommands.ts';
import type { RackStore } from './rackStore.ts';
import type { RunStore } from './runStore.ts';
import type { ViewStore } from './viewStore.ts';

/** The trainer as the page holds it (`createTrainerClient`). */
export type TrainerClient = TrainerApi & {
  onEvent(listener: (event: TrainerEvent) => void): () => void;
  terminate(): void;
};

export interface Stores {
  config: ConfigStore;
  run: RunStore;
  view: ViewStore;
  rack: RackStore;
}

/** Everything a person can ask for. None rejects: what goes wrong is in the run store's `failure`. */
export interface Commands {
  probe(): Promise<void>;
  /** Measures the adapter unless a run opens or trains; `isAsked`: a person waits for it. */
  measure(isAsked: boolean): Promise<void>;
  /** Opens the experiment where none is open, then trains; asks first when a link had problems. */
  start(): Promise<void>;
  pause(): Promise<void>;
  step(): Promise<void>;
  reset(): Promise<void>;
  /** Resets, but asks first where many steps of training would be lost. */
  askReset(): Promise<void>;
  /** Space: start, or pause while it runs. */
  toggle(): Promise<void>;
  /** Closes the run that is open or opening. */
  cancel(): Promise<void>;
  /** Changes the form; live settings change in the open run at once. */
  edit(change: Change): Promise<void>;
  /** Changes the form only: a preset or size that a new model is to have. */
  stage(change: Change): void;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** Opens a new model with the form's values; trains on if the old one did. */
  applyPending(): Promise<void>;
  discardPending(): void;
  /**
   * A run of its own with the form's values that goes on where this one stands, as far as these
   * leave the model's parameters as they are; else it starts anew.
   */
  forkPending(): Promise<void>;
  load(experiment: Experiment, problems: readonly Problem[]): Promise<void>;
  takeOwnText(own: OwnText | null): void;
  sample(request: SampleRequest): Promise<void>;
  /** Checkpoint bytes, or null when it failed. */
  checkpoint(): Promise<Uint8Array | null>;
  restore(bytes: Uint8Array): Promise<void>;
  /** After a lost device: the trainer's last checkpoint, else the run from its start. */
  recover(): Promise<void>;
  /** Edits of the expert space, of the open run where there is one. */
  rack: RackCommands;
  profiler: Profiler;
  /** Measures the device as `npm run bench` does. */
  benchmark: Benchmark;
}

/** Steps that are reset without asking. */
export const RESET_WITHOUT_ASKING = 50;

const OPEN_PHASES = new Set(['ready', 'running', 'paused', 'finished']);

export function createCommands(client: TrainerClient, stores: Stores): Commands {
  const { config, run, view, rack } = stores;

  async function attempt<T>(action: () => Promise<T>): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      const failure = failureOf(error);
      const wasOpening = run.getState().phase === 'opening';
      run.getState().set({
        failure: failure.code === 'Cancelled' ? null : failure,
        progress: null,
        ...(wasOpening ? { phase: 'empty', report: null } : {}),
      });
      if (wasOpening) config.getState().set({ running: null });
      return null;
    }
  }

  /** Shows the run that was opened from `experiment`; the form keeps the person's own V. */
  function showOpened(experiment: Experiment, report: Awaited<ReturnType<TrainerApi['open']>>) {
    const running: Experiment = {
      ...experiment,
      data: { ...experiment.data, hash: report.experiment.data.hash },
      events: report.experiment.events,
    };
    run.getState().opened(report);
    rack.getState().forget();
    config.getState().set({ running, experiment: experimentAtStep(running, 1), refused: {} });
    view.getState().set({ scrub: null, zoom: null });
  }

  /** What keeps an experiment from running, in one sentence each; null when nothing does. */
  function ruleBroken(experiment: Experiment): Failure | null {
    const errors = checkConstraints(experiment).filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return null;
    return { code: 'ConfigInvalid', message: errors.map(({ message }) => message).join('. ') };
  }

  async function open(experiment: Experiment): Promise<boolean> {
    const broken = ruleBroken(experiment);
    if (broken !== null) {
      run.getState().set({ failure: broken });
      return false;
    }
    run.getState().set({ phase: 'opening', failure: null, stopped: null, progress: null });
    const report = await attempt(() => client.open(experiment, config.getState().own));
    if (report === null) return false;
    showOpened(experiment, report);
    return true;
  }

  function mustAsk(): boolean {
    const { problems, accepted } = config.getState();
    if (problems.length === 0 || accepted) return false;
    view.getState().set({ sheet: 'problems' });
    return true;
  }

  /** Makes sure that a run is open which can take a step; false when it could not be. */
  async function ensureOpen(): Promise<boolean> {
    if (mustAsk()) return false;
    const { phase, step } = run.getState();
    const hasPending = pendingPaths(config.getState(), step).length > 0;
    if (phase === 'paused' || (phase === 'ready' && !(step === 0 && hasPending))) return true;
    if (phase === 'running' || phase === 'opening') return false;
    if (phase === 'finished' && !hasPending) return false;
    return open(formExperiment());
  }

  /** The form's values as a run of their own: events already in force become its start values. */
  function formExperiment(): Experiment {
    const { experiment, running } = config.getState();
    return running === null ? experiment : { ...experiment, events: [] };
  }

  /** Sends what an edit of the form changed among the live settings of the open run. */
  async function sendLive(before: Experiment): Promise<void> {
    if (!OPEN_PHASES.has(run.getState().phase)) return;
    const { experiment, running } = config.getState();
    if (running === null) return;
    const inForce = experimentAtStep(running, run.getState().step + 1);
    const moved = new Set(changedPaths(inForce, experiment));
    const paths = changedPaths(before, experiment).filter(
      (path) => isLive(path) && moved.has(path),
    );
    if (paths.length === 0) return;
    const change = changeOf(experiment, paths);
    try {
      await client.change(change);
      const refused = { ...config.getState().refused };
      for (const path of paths) delete refused[path];
      config.getState().set({ refused });
    } catch (error) {
      const { message } = failureOf(error);
      config.getState().follow(changeOf(before, paths));
      config.getState().set({
        refused: {
          ...config.getState().refused,
          ...Object.fromEntries(paths.map((path) => [path, message])),
        },
      });
    }
  }

  async function edited(edit: () => void): Promise<void> {
    const before = config.getState().experiment;
    edit();
    await sendLive(before);
  }

  const commands: Commands = {
    async probe() {
      const adapter = await attempt(() => client.probe());
      if (adapter !== null) run.getState().set({ adapter, failure: null });
    },
    async measure(isAsked) {
      const { isMeasuring, phase } = run.getState();
      if (isMeasuring || phase === 'running' || phase === 'opening') return;
      run.getState().set({ isMeasuring: true });
      try {
        run.getState().set({ speed: await client.measure() });
      } catch (error) {
        const failure = failureOf(error);
        if (isAsked && failure.code !== 'Cancelled') run.getState().set({ failure });
      }
      run.getState().set({ isMeasuring: false });
    },
    async start() {
      if (await ensureOpen()) await attempt(() => client.start());
    },
    async pause() {
      await attempt(() => client.pause());
    },
    async step() {
      if (await ensureOpen()) await attempt(() => client.step());
    },
    async reset() {
      const { running } = config.getState();
      if (running === null) return;
      const kept = changeOf(
        config.getState().experiment,
        pendingPaths(config.getState(), run.getState().step).filter((path) => !isLive(path)),
      );
      const done = await attempt(async () => {
        await client.reset();
        return true;
      });
      if (done === null) return;
      const base: Experiment = { ...running, events: [] };
      run.getState().cleared();
      rack.getState().forget();
      config.getState().set({ running: base, experiment: base, refused: {} });
      config.getState().follow(kept);
      view.getState().set({ scrub: null, zoom: null });
    },
    async askReset() {
      if (run.getState().step > RESET_WITHOUT_ASKING) view.getState().set({ sheet: 'reset' });
      else await commands.reset();
    },
    async toggle() {
      if (run.getState().phase === 'running') await commands.pause();
      else await commands.start();
    },
    async cancel() {
      await attempt(() => client.dispose());
      run.getState().closed();
      rack.getState().forget();
      config.getState().set({ running: null });
    },
    async edit(change) {
      await edited(() => config.getState().edit(change));
    },
    stage(change) {
      config.getState().edit(change);
    },
    async undo() {
      if (commands.rack.isLastEdit()) await commands.rack.undo();
      else await edited(() => config.getState().undo());
    },
    async redo() {
      if (commands.rack.isNextEdit()) await commands.rack.redo();
      else await edited(() => config.getState().redo());
    },
    async applyPending() {
      const wasRunning = run.getState().phase === 'running';
      if (await open(formExperiment())) {
        if (wasRunning) await attempt(() => client.start());
      }
    },
    discardPending() {
      const { running } = config.getState();
      if (running === null) return;
      const now = experimentAtStep(running, run.getState().step + 1);
      config.getState().edit(changeOf(now, pendingPaths(config.getState(), run.getState().step)));
    },
    async forkPending() {
      const { step } = run.getState();
      const change = changeOf(
        config.getState().experiment,
        pendingPaths(config.getState(), step).filter((path) => !isLive(path)),
      );
      const bytes = await attempt(() => client.fork(change));
      if (bytes !== null) await commands.restore(bytes);
    },
    async load(experiment, problems) {
      const { phase } = run.getState();
      if (OPEN_PHASES.has(phase) || phase === 'opening') await commands.cancel();
      run.getState().set({ failure: null, stopped: null });
      config.getState().load(experiment, problems);
      if (problems.length > 0) view.getState().set({ sheet: 'problems' });
    },
    takeOwnText(own) {
      config.getState().set({ own });
    },
    async sample(request) {
      const sample = await attempt(() => client.sample(request));
      if (sample !== null) run.getState().addSample(sample);
    },
    async checkpoint() {
      return attempt(() => client.checkpoint());
    },
    async restore(bytes) {
      run.getState().set({ phase: 'opening', failure: null, stopped: null, progress: null });
      const report = await attempt(() => client.restore(bytes));
      if (report !== null) showOpened(report.experiment, report);
    },
    async recover() {
      const { running, experiment } = config.getState();
      run.getState().set({ failure: null, stopped: null });
      const bytes = await client.checkpoint().catch(() => null);
      if (bytes !== null) await commands.restore(bytes);
      else await open(running ?? experiment);
    },
    rack: createRackCommands(client, stores, () => commands),
    profiler: createProfiler(client, stores, ensureOpen),
    benchmark: createBenchmark(stores.run),
  };
  return commands;
}

/** Keeps config and run store in step with the trainer; returns how to stop. */
export function listen(client: TrainerClient, { config, run }: Stores): () => void {
  return client.onEvent((event) => {
    const before = run.getState().step;
    run.getState().receive(event);
    const { running } = config.getState();
    if (running === null) return;
    if (event.type === 'changed') {
      config.getState().set({ running: { ...running, events: event.experiment.events } });
    }
    const after = run.getState().step;
    for (const [at, change] of running.events) {
      if (at > before + 1 && at <= after + 1) config.getState().adopt(change);
    }
  });
}
