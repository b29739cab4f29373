import { checkConstraints } from '../config/constraints.ts';
import { actsWithoutSteps, changedPaths, experimentAtStep, isLive } from '../config/edit.ts';
import type { Change, Experiment, Problem } from '../config/experiment.ts';
import type { OwnText, SampleRequest, TrainerApi, TrainerEvent } from '../worker/api.ts';
import { type Benchmark, createBenchmark } from './benchmark.ts';
import { type ConfigStore, changeOf, pendingPaths } from './configStore.ts';
import { type Failure, failureOf } from './failure.ts';
import { tooLarge } from './fits.ts';
import { createProfiler, type Profiler } from './profiler.ts';
import { createRackCommands, type RackCommands } from './rackCommands.ts';
import type { RackStore } from './rackStore.ts';
import { createReplacing, RESET_WITHOUT_ASKING } from './replacing.ts';
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
  /**
   * Takes an experiment from a link or file into the form, in the place of the run that is open;
   * false when it, or its person, would not have that. `name`: where it comes from.
   */
  load(experiment: Experiment, problems: readonly Problem[], name?: string): Promise<boolean>;
  takeOwnText(own: OwnText | null): void;
  sample(request: SampleRequest): Promise<void>;
  /** Checkpoint bytes, or null when it failed. */
  checkpoint(): Promise<Uint8Array | null>;
  /** Opens a checkpoint, `name`; one that cannot be used leaves the open run as it is. */
  restore(bytes: Uint8Array, name?: string): Promise<void>;
  /** After a lost device: the trainer's last checkpoint, else the run from its start. */
  recover(): Promise<void>;
  /** Edits of the expert space, of the open run where there is one. */
  rack: RackCommands;
  profiler: Profiler;
  /** Measures the device as `npm run bench` does. */
  benchmark: Benchmark;
}

/** Shortest time that a second look for an adapter shows. */
const LOOK_MS = 600;

const OPEN_PHASES = new Set(['ready', 'running', 'paused', 'finished']);

export function createCommands(client: TrainerClient, stores: Stores): Commands {
  const { config, run, view, rack } = stores;
  const replacing = createReplacing(stores);

  /** @param title what did not happen when it fails */
  async function attempt<T>(action: () => Promise<T>, title?: string): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      const failure = failureOf(error, title);
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

  /** Why an experiment cannot start, as far as that is known before anything is given up for it. */
  function refusalOf(experiment: Experiment): Failure | null {
    const { adapter, report } = run.getState();
    return ruleBroken(experiment) ?? tooLarge(experiment, adapter, report);
  }

  async function open(experiment: Experiment): Promise<boolean> {
    const broken = refusalOf(experiment);
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

  /** Opens a new model; one that is open goes only when the new one was checked, and may. */
  async function replace(experiment: Experiment): Promise<boolean> {
    if (replacing.isOpen() && ruleBroken(experiment) === null) {
      const { own } = config.getState();
      const check = () => client.check(experiment, own);
      const refuse = (error: unknown) =>
        run.getState().set({ failure: failureOf(error, 'The new model was not opened') });
      if ((await replacing.checked('The new model', check, refuse)) === null) return false;
      if (!(await replacing.mayGo('The new model', 'Open the new model'))) return false;
    }
    return open(experiment);
  }

  /** Opens what a checkpoint holds, in the place of what is open. */
  async function openCheckpoint(bytes: Uint8Array, name: string): Promise<void> {
    run.getState().set({ phase: 'opening', failure: null, stopped: null, progress: null });
    const { own } = config.getState();
    const report = await attempt(() => client.restore(bytes, own), `${name} was not opened`);
    if (report !== null) showOpened(report.experiment, report);
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
    return replace(formExperiment());
  }

  /** The form's values as a run of their own: events already in force become its start values. */
  function formExperiment(): Experiment {
    const { experiment, running } = config.getState();
    return running === null ? experiment : { ...experiment, events: [] };
  }

  /**
   * Of edited live settings, those to send. After the last step, what changes training alone waits
   * in the form; when there are steps again, all that waited goes along.
   */
  function pathsInTime(edited: string[], inForce: Experiment, moved: string[]): string[] {
    const next = run.getState().step + 1;
    const isOver = run.getState().phase === 'finished' || inForce.optimizer.totalSteps < next;
    if (!isOver || edited.length === 0) return edited;
    const goesOn = config.getState().experiment.optimizer.totalSteps >= next;
    const isRaised = goesOn && edited.includes('optimizer.totalSteps');
    return isRaised ? moved.filter(isLive) : edited.filter(actsWithoutSteps);
  }

  /** Sends what an edit of the form changed among the live settings of the open run. */
  async function sendLive(before: Experiment): Promise<void> {
    if (!OPEN_PHASES.has(run.getState().phase)) return;
    const { experiment, running } = config.getState();
    if (running === null) return;
    const inForce = experimentAtStep(running, run.getState().step + 1);
    const moved = new Set(changedPaths(inForce, experiment));
    const edited = changedPaths(before, experiment).filter(
      (path) => isLive(path) && moved.has(path),
    );
    const paths = pathsInTime(edited, inForce, [...moved]);
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

  /** Shows what of a link or file could not be taken, or breaks a rule. */
  function tellProblems(): void {
    const { experiment, problems } = config.getState();
    if (problems.length > 0 || ruleBroken(experiment) !== null)
      view.getState().set({ sheet: 'problems' });
  }

  const commands: Commands = {
    async probe() {
      const { isLooking, failure } = run.getState();
      if (isLooking) return;
      run.getState().set({ isLooking: true });
      const [adapter] = await Promise.all([
        attempt(() => client.probe()),
        failure === null ? null : new Promise((resolve) => setTimeout(resolve, LOOK_MS)),
      ]);
      run.getState().set({ isLooking: false, ...(adapter && { adapter, failure: null }) });
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
      if (await ensureOpen()) await attempt(() => client.start(), 'Training did not start');
    },
    async pause() {
      await attempt(() => client.pause(), 'Training was not paused');
    },
    async step() {
      if (await ensureOpen()) await attempt(() => client.step(), 'No step was taken');
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
      }, 'The run was not reset');
      if (done === null) return;
      const base: Experiment = { ...running, events: [] };
      run.getState().cleared();
      rack.getState().forget();
      config.getState().set({ running: base, experiment: base, refused: {} });
      config.getState().follow(kept);
      view.getState().set({ scrub: null, zoom: null });
    },
    async askReset() {
      const reason =
        'Reset takes the model back to its initial weights and drops the live changes. The curve stays, faint, behind the next run; the parameters do not.';
      const question = { name: 'Reset', action: 'Reset', reason, problems: [] };
      const mustAsk = run.getState().step > RESET_WITHOUT_ASKING;
      if (!mustAsk || (await replacing.ask(question))) await commands.reset();
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
      view.getState().set({ scrub: null, zoom: null });
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
      if ((await replace(formExperiment())) && wasRunning) await attempt(() => client.start());
    },
    discardPending() {
      const { running } = config.getState();
      if (running === null) return;
      const now = experimentAtStep(running, run.getState().step + 1);
      config.getState().edit(changeOf(now, pendingPaths(config.getState(), run.getState().step)));
    },
    async forkPending() {
      const refusal = refusalOf(formExperiment());
      if (refusal !== null) {
        run.getState().set({ failure: refusal });
        return;
      }
      const { step } = run.getState();
      const change = changeOf(
        config.getState().experiment,
        pendingPaths(config.getState(), step).filter((path) => !isLive(path)),
      );
      const bytes = await attempt(() => client.fork(change), 'The run was not forked');
      if (bytes === null) return;
      const { own } = config.getState();
      const check = () => client.checkCheckpoint(bytes, own);
      const refuse = (error: unknown) =>
        run.getState().set({ failure: failureOf(error, 'The fork was not opened') });
      const head = await replacing.checked('The fork', check, refuse);
      if (head === null) return;
      // A fork that goes on has all that was trained.
      const isLoss = head.step < step;
      if (isLoss && !(await replacing.mayGo('A model that starts anew', 'Start anew'))) return;
      await openCheckpoint(bytes, 'The fork');
    },
    async load(experiment, problems, name = 'The link') {
      if (replacing.isOpen() && !(await replacing.mayLoad(name, experiment, problems)))
        return false;
      if (run.getState().phase !== 'empty') await commands.cancel();
      run.getState().set({ failure: null, stopped: null });
      config.getState().load(experiment, problems);
      tellProblems();
      return true;
    },
    takeOwnText(own) {
      config.getState().set({ own });
    },
    async sample(request) {
      const sample = await attempt(() => client.sample(request), 'No sample was taken');
      if (sample !== null) run.getState().addSample(sample);
    },
    async checkpoint() {
      return attempt(() => client.checkpoint(), 'The checkpoint was not saved');
    },
    async restore(bytes, name = 'The checkpoint') {
      if (replacing.isOpen()) {
        const { own } = config.getState();
        const check = () => client.checkCheckpoint(bytes, own);
        if ((await replacing.checked(name, check)) === null) return;
        if (!(await replacing.mayGo(name, 'Open it'))) return;
      }
      await openCheckpoint(bytes, name);
    },
    async recover() {
      const { running, experiment } = config.getState();
      const bytes = await client.checkpoint().catch(failureOf);
      const isLost = 'code' in bytes && bytes.code === 'DeviceLost';
      if (!('code' in bytes)) await openCheckpoint(bytes, 'The last checkpoint');
      else if (isLost || (await replacing.mayGo('The run from its start', 'Start anew')))
        await open(running ?? experiment);
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
