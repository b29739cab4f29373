/** Commands that edit the form, and what becomes of edits that wait for a new model. */
import { actsWithoutSteps, changedPaths, isLive, settingsInForce } from '../../config/edit.ts';
import type { Change, Experiment, Problem } from '../../config/experiment.ts';
import { changeOf, pendingPaths } from '../configStore.ts';
import { failureOf } from '../failure.ts';
import type { Way } from '../history.ts';
import { OPEN_PHASES } from '../rackStore.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { Opening } from './opening.ts';

export interface EditCommands {
  /** Changes the form; live settings change in the open run at once. */
  edit(change: Change): Promise<void>;
  /** Changes the form only: a preset or size that a new model is to have. */
  stage(change: Change): void;
  /** Takes an experiment into the form, where no run is open. */
  take(experiment: Experiment, problems: readonly Problem[]): void;
  /** Takes back the last edit, of form or rack. */
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
}

export function createEditCommands(
  client: TrainerClient,
  { config, run, history }: Stores,
  opening: Opening,
): EditCommands {
  const { attempt, replacing } = opening;

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

  /**
   * Sends what an edit of the form changed among the live settings of the open run.
   * @returns the paths that were refused, which the form shows as before
   */
  async function sendLive(before: Experiment): Promise<readonly string[]> {
    const { experiment, running } = config.getState();
    if (running === null || !OPEN_PHASES.has(run.getState().phase)) return [];
    const inForce = settingsInForce(running, run.getState().step);
    const moved = new Set(changedPaths(inForce, experiment));
    const edited = changedPaths(before, experiment).filter(
      (path) => isLive(path) && moved.has(path),
    );
    const paths = pathsInTime(edited, inForce, [...moved]);
    if (paths.length === 0) return [];
    try {
      await client.change(changeOf(experiment, paths));
      const refused = { ...config.getState().refused };
      for (const path of paths) delete refused[path];
      config.getState().set({ refused });
      return [];
    } catch (error) {
      const { message } = failureOf(error);
      config.getState().follow(changeOf(before, paths));
      const refused = Object.fromEntries(paths.map((path) => [path, message]));
      config.getState().set({ refused: { ...config.getState().refused, ...refused } });
      return paths;
    }
  }

  /** Makes an edit of the form, and has it listed where it changes something. */
  function listed(make: () => void, sends: (way: Way) => boolean): void {
    const before = config.getState().experiment;
    make();
    const after = config.getState().experiment;
    const paths = changedPaths(before, after);
    const isOther = before.events !== after.events;
    if (paths.length === 0 && !isOther) return;
    history.getState().add({
      of: 'form',
      before: changeOf(before, paths),
      after: changeOf(after, paths),
      canAct: () => true,
      async act(way, to) {
        const { experiment, edit, set } = config.getState();
        edit(to);
        const { events } = way === 'undo' ? before : after;
        if (isOther) set({ experiment: { ...config.getState().experiment, events } });
        const refused = sends(way) ? await sendLive(experiment) : [];
        return refused.length === 0 || Object.keys(to).some((path) => !refused.includes(path));
      },
    });
  }

  return {
    async edit(change) {
      const before = config.getState().experiment;
      listed(
        () => config.getState().edit(change),
        () => true,
      );
      const refused = await sendLive(before);
      if (refused.length > 0) history.getState().fit(config.getState().experiment);
    },
    stage(change) {
      // Done again, it waits as it did the first time.
      listed(
        () => config.getState().edit(change),
        (way) => way === 'undo',
      );
    },
    take(experiment, problems) {
      listed(
        () => config.getState().load(experiment, problems),
        () => true,
      );
    },
    undo: () => history.getState().undo(),
    redo: () => history.getState().redo(),
    async applyPending() {
      const wasRunning = run.getState().phase === 'running';
      if ((await opening.replace(opening.formExperiment())) && wasRunning)
        await attempt(() => client.start());
    },
    discardPending() {
      const { running } = config.getState();
      if (running === null) return;
      const { step } = run.getState();
      const now = settingsInForce(running, step);
      const change = changeOf(now, pendingPaths(config.getState(), step));
      // Taken back, the edits wait again.
      listed(
        () => config.getState().edit(change),
        () => false,
      );
    },
    async forkPending() {
      const refusal = opening.refusalOf(opening.formExperiment());
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
      await opening.openCheckpoint(bytes, 'The fork');
    },
  };
}
