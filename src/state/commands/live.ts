/** Live settings: what the open run takes of an edit of the form. */
import {
  actsWithoutSteps,
  changedPaths,
  getPath,
  isLive,
  sameValue,
  settingsInForce,
} from '../../config/edit.ts';
import type { Change, Experiment } from '../../config/experiment.ts';
import { changeOf, withSent } from '../configStore.ts';
import { failureOf } from '../failure.ts';
import { OPEN_PHASES } from '../rackStore.ts';
import type { Stores, TrainerClient } from '../stores.ts';

/**
 * Sends what an edit of the form changed among the live settings of the open run.
 * @param before the form before the edit
 * @returns the paths that were refused, which the form shows as before
 */
export type SendLive = (before: Experiment) => Promise<readonly string[]>;

export function createSendLive(client: TrainerClient, { config, run }: Stores): SendLive {
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

  /** Takes back what was refused, unless the person has gone on from there. */
  function revert(change: Change, before: Experiment, message: string): string[] {
    const { experiment, follow, set } = config.getState();
    const paths = Object.keys(change).filter((path) =>
      sameValue(getPath(experiment, path) ?? null, change[path]),
    );
    follow(changeOf(before, paths));
    const refused = Object.fromEntries(paths.map((path) => [path, message]));
    set({ refused: { ...config.getState().refused, ...refused } });
    return paths;
  }

  return async (before) => {
    const { experiment, running, sent } = config.getState();
    if (running === null || !OPEN_PHASES.has(run.getState().phase)) return [];
    const inForce = withSent(settingsInForce(running, run.getState().step), sent);
    const moved = new Set(changedPaths(inForce, experiment));
    const edited = changedPaths(before, experiment).filter(
      (path) => isLive(path) && moved.has(path),
    );
    const paths = pathsInTime(edited, inForce, [...moved]);
    if (paths.length === 0) return [];
    const change = changeOf(experiment, paths);
    config.getState().set({ sent: [...sent, change] });
    // No longer where another run has come, which the answer does not concern.
    const isSent = () => config.getState().sent.includes(change);
    try {
      await client.change(change);
      if (!isSent()) return [];
      const refused = { ...config.getState().refused };
      for (const path of paths) delete refused[path];
      config.getState().set({ refused });
      return [];
    } catch (error) {
      return isSent() ? revert(change, before, failureOf(error).message) : [];
    } finally {
      config.getState().set({ sent: config.getState().sent.filter((one) => one !== change) });
    }
  };
}
