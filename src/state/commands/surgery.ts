/** Surgeries of the running model, and how they go back. */
import { applyChange, getPath, settingsInForce } from '../../config/edit.ts';
import type { Change, Experiment, ExpertsConfig } from '../../config/experiment.ts';
import { redoChange, undoChange } from '../../config/surgeryHistory.ts';
import { failureOf } from '../failure.ts';
import type { Edit, Way } from '../history.ts';
import { isOperable } from '../rackStore.ts';
import type { Stores, TrainerClient } from '../stores.ts';

export interface Surgeries {
  /** Makes a surgery of the running model; false where it is refused. */
  operate(change: Change, experts: ExpertsConfig): Promise<boolean>;
  /** A surgery that was made of `base`. It goes back and on by further events. */
  edit(base: Experiment, change: Change): Edit;
  /** The run's last surgery that can go that way, whoever made it; null where there is none. */
  last(way: Way): Edit | null;
}

const INVERSE = { undo: undoChange, redo: redoChange } as const;

export function createSurgeries(client: TrainerClient, { config, run, rack }: Stores): Surgeries {
  async function operate(change: Change, experts: ExpertsConfig): Promise<boolean> {
    rack.getState().set({ sent: experts, refusal: null });
    try {
      await client.change(change);
      return true;
    } catch (error) {
      const { message } = failureOf(error);
      const isUndo = 'undo' in Object(change.surgery);
      rack.getState().set({ refusal: { message, experts: isUndo ? null : experts } });
      return false;
    } finally {
      rack.getState().set({ sent: null });
    }
  }

  /** The event that takes back the run's last surgery, or does it again; null where there is none. */
  function inverse(way: Way): { running: Experiment; change: Change } | null {
    const { running } = config.getState();
    if (running === null || !isOperable(run.getState(), config.getState())) return null;
    const change = INVERSE[way](running, run.getState().step + 1);
    return change && { running, change };
  }

  function surgeryEdit(base: Experiment, { surgery: _, ...after }: Change): Edit {
    const paths = Object.keys(after);
    return {
      of: 'model',
      before: Object.fromEntries(paths.map((path) => [path, getPath(base, path) ?? null])),
      after,
      canAct: (way) => inverse(way) !== null,
      async act(way) {
        const found = inverse(way);
        if (found === null) return false;
        const now = settingsInForce(found.running, run.getState().step);
        return operate(found.change, applyChange(now, found.change).experts);
      },
    };
  }

  return {
    operate,
    edit: surgeryEdit,
    last(way) {
      const found = inverse(way);
      return found && surgeryEdit(settingsInForce(found.running, run.getState().step), {});
    },
  };
}
