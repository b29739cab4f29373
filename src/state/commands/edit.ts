/** Commands that edit the form. */
import { changedPaths } from '../../config/edit.ts';
import type { Change, Experiment, Problem } from '../../config/experiment.ts';
import { changeOf } from '../configStore.ts';
import type { Way } from '../history.ts';
import type { Stores } from '../stores.ts';
import type { SendLive } from './live.ts';

export interface EditCommands {
  /** Changes the form; live settings change in the open run at once. */
  edit(change: Change): Promise<void>;
  /** Changes the form only: a preset or size that a new model is to have. */
  stage(change: Change): void;
  /** Takes back the last edit, of form or rack. */
  undo(): Promise<void>;
  redo(): Promise<void>;
}

/** Edits of the form for other commands. */
export interface FormEdits {
  /** Makes an edit that sends nothing now; `sends`: whether going that way does. */
  set(change: Change, sends: (way: Way) => boolean): void;
  /** Takes an experiment into the form, where no run is open. */
  take(experiment: Experiment, problems: readonly Problem[]): void;
}

export function createEditCommands(
  { config, history }: Stores,
  sendLive: SendLive,
): EditCommands & FormEdits {
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

  function set(change: Change, sends: (way: Way) => boolean): void {
    listed(() => config.getState().edit(change), sends);
  }

  return {
    async edit(change) {
      const before = config.getState().experiment;
      set(change, () => true);
      const refused = await sendLive(before);
      if (refused.length > 0) history.getState().fit(config.getState().experiment);
    },
    // Done again, it waits as it did the first time.
    stage: (change) => set(change, (way) => way === 'undo'),
    set,
    take(experiment, problems) {
      listed(
        () => config.getState().load(experiment, problems),
        () => true,
      );
    },
    undo: () => history.getState().undo(),
    redo: () => history.getState().redo(),
  };
}
