/** Keeps the page in step with the trainer. What changes in the run is recorded here and nowhere else. */
import { changedPaths, getPath, sameValue, settingsInForce } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import { surgeryOf } from '../config/surgery.ts';
import { changeOf, withSent } from './configStore.ts';
import type { Stores, TrainerClient } from './stores.ts';

/** @returns how to stop */
export function followTrainer(client: TrainerClient, { config, run, history }: Stores): () => void {
  /** The form shows what the run came to, except where it shows an edit of a person. */
  function followSettings(before: Experiment, after: Experiment): void {
    const { experiment, sent, follow } = config.getState();
    // What the trainer is still to take of a person's edits stands over what it took before.
    const [old, now] = [withSent(before, sent), withSent(after, sent)];
    const shown = (path: string) => getPath(experiment, path) ?? null;
    const paths = changedPaths(old, now).filter((path) =>
      sameValue(shown(path), getPath(old, path) ?? null),
    );
    if (paths.length > 0) follow(changeOf(now, paths));
  }

  return client.onEvent((event) => {
    const { step } = run.getState();
    run.getState().receive(event);
    const { running } = config.getState();
    if (running === null) return;
    if (event.type === 'changed') {
      const changed = { ...running, events: event.experiment.events };
      config.getState().set({ running: changed });
      // The steps before it are taken, though their records may be under way.
      run.getState().set({ step: Math.max(run.getState().step, event.step - 1) });
      followSettings(settingsInForce(running, step), settingsInForce(changed, run.getState().step));
      return;
    }
    const now = run.getState().step;
    const replayed = running.events.filter(([at]) => at > step + 1 && at <= now + 1);
    if (replayed.length === 0) return;
    followSettings(settingsInForce(running, step), settingsInForce(running, now));
    // Surgeries are undone in the order of the run, in which others come later now.
    if (replayed.some(([, change]) => surgeryOf(change) !== null))
      history.getState().drop((edit) => edit.of === 'model');
    history.getState().fit(config.getState().experiment);
  });
}
