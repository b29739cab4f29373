import { applyChange, experimentAtStep, recordEvent, sameValue } from '../config/edit.ts';
import type { Change, Experiment, ExpertsConfig } from '../config/experiment.ts';
import { redoChange, surgeryEvents, undoChange } from '../config/surgeryHistory.ts';
import {
  addToPlan,
  emptyPlan,
  planChange,
  type SpaceEdit,
  type SurgeryPlan,
  spaceChange,
} from '../config/surgeryPlan.ts';
import type { Stores, TrainerClient } from './commands.ts';
import { failureOf } from './failure.ts';
import { isOperable, type Refusal, spaceInForce } from './rackStore.ts';

/** What a person can do to the expert space. None rejects: refusals are in the rack store. */
export interface RackCommands {
  /** One edit of the lists that are chosen: of the running model, of what waits, or of the form. */
  edit(edit: SpaceEdit): Promise<void>;
  /** Applies together what waits. */
  apply(): Promise<void>;
  discard(): void;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** Opens a new model with what the running one refused. */
  asNewModel(): Promise<void>;
  /** Whether the last edit, of form and rack together, was one of the open run's rack. */
  isLastEdit(): boolean;
  /** Whether the next edit to do again, of form and rack together, is the rack's. */
  isNextEdit(): boolean;
}

/** What the rack needs of the other commands. */
export interface FormCommands {
  edit(change: Change): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  stage(change: Change): void;
  applyPending(): Promise<void>;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function createRackCommands(
  client: TrainerClient,
  { config, run, rack }: Stores,
  form: () => FormCommands,
): RackCommands {
  const operable = () => isOperable(run.getState(), config.getState());
  const inForce = () => spaceInForce(run.getState(), config.getState());
  const refuse = (refusal: Refusal) => rack.getState().set({ refusal });

  /** What waits belongs to another expert space once the run's own events changed it. */
  function dropIfStale(): boolean {
    const { plan, base, sent } = rack.getState();
    if (plan === null || sent !== null || sameValue(base, inForce())) return false;
    const message =
      'The run’s own events changed the expert space meanwhile; the edits that waited are dropped.';
    rack.getState().set({ plan: null, base: null, past: [], future: [] });
    refuse({ message, experts: null });
    return true;
  }

  /** Lets run and form know a surgery before its event arrives, which may take another way. */
  function confirm(step: number, change: Change, count: number): void {
    const { running, experiment } = config.getState();
    if (running === null) return;
    const next =
      surgeryEvents(running).length > count ? running : recordEvent(running, step, change);
    const { surgery: _, ...space } = change;
    config.getState().set({ running: next });
    run.getState().set({ step: Math.max(run.getState().step, step - 1) });
    const before = surgeryEvents(next, step).at(-1)?.before;
    // Edits of the form that wait for a new model stay.
    if (before !== undefined && Object.keys(spaceChange(before, experiment.experts)).length === 0)
      config.getState().adopt(space);
  }

  /** Makes a surgery of the running model; false where it is refused. */
  async function operate(change: Change, experts: ExpertsConfig): Promise<boolean> {
    const { running } = config.getState();
    if (running === null) return false;
    const count = surgeryEvents(running).length;
    rack.getState().set({ sent: experts, refusal: null });
    try {
      const step = await client.change(change);
      confirm(step, change, count);
      return true;
    } catch (error) {
      const { message } = failureOf(error);
      const isUndo = 'undo' in Object(change.surgery);
      refuse({ message, experts: isUndo ? null : experts });
      return false;
    } finally {
      rack.getState().set({ sent: null });
    }
  }

  /** Sends what waits, and then what was added meanwhile while edits apply at once. */
  async function send(): Promise<void> {
    let isFirst = true;
    while (rack.getState().sent === null && operable()) {
      const { plan, base, mode } = rack.getState();
      if (plan === null || base === null || !(isFirst || mode === 'once')) return;
      isFirst = false;
      rack.getState().set({ plan: null, base: null, past: [], future: [] });
      const change = planChange(base, plan);
      if (change === null) return;
      if (await operate(change, plan.experts)) {
        const { done } = rack.getState();
        rack.getState().set({ done: [...done, config.getState().past.length], undone: [] });
        continue;
      }
      // What was refused can be mended while it waits; what was added to it cannot stand alone.
      const kept = mode === 'collect' ? { plan, base } : { plan: null, base: null };
      rack.getState().set({ ...kept, past: [], future: [] });
      return;
    }
  }

  function planned(edit: SpaceEdit): void {
    const { plan, base, past, layers, sent } = rack.getState();
    const from = base ?? sent ?? inForce();
    const next = addToPlan(plan ?? emptyPlan(from), layers, edit);
    rack.getState().set({
      plan: planChange(from, next) === null ? null : next,
      base: planChange(from, next) === null ? null : from,
      past: [...past, plan],
      future: [],
      refusal: null,
    });
  }

  /** Moves between what waited before and after an edit. */
  function travel(from: 'past' | 'future', to: 'past' | 'future'): boolean {
    const state = rack.getState();
    const plan = state[from].at(-1);
    if (plan === undefined) return false;
    const moved: Partial<Record<'past' | 'future', readonly (SurgeryPlan | null)[]>> = {
      [from]: state[from].slice(0, -1),
      [to]: [...state[to], state.plan],
    };
    const base = plan === null ? null : (state.base ?? state.sent ?? inForce());
    rack.getState().set({ ...moved, plan, base, refusal: null });
    return true;
  }

  /** Takes back the last surgery, or the last taking back. */
  async function invert(
    inverse: (experiment: Experiment, step: number) => Change | null,
    from: 'done' | 'undone',
    to: 'done' | 'undone',
  ): Promise<void> {
    const { running } = config.getState();
    if (running === null || !operable() || rack.getState().sent !== null) return;
    const change = inverse(running, run.getState().step + 1);
    if (change === null) return;
    const { experts } = applyChange(experimentAtStep(running, run.getState().step + 1), change);
    if (!(await operate(change, experts))) return;
    const state = rack.getState();
    rack.getState().set({
      [from]: state[from].slice(0, -1),
      [to]: [...state[to], config.getState().past.length],
    });
  }

  return {
    async edit(edit) {
      try {
        if (!operable()) {
          const { experts } = config.getState().experiment;
          const { layers } = rack.getState();
          const next = addToPlan(emptyPlan(experts), layers, edit).experts;
          rack.getState().set({ refusal: null });
          await form().edit(spaceChange(experts, next));
          return;
        }
        if (dropIfStale()) return;
        planned(edit);
      } catch (error) {
        refuse({ message: messageOf(error), experts: null });
        return;
      }
      if (rack.getState().mode === 'once') await send();
    },
    async apply() {
      if (!dropIfStale()) await send();
    },
    discard() {
      rack.getState().set({ plan: null, base: null, past: [], future: [], refusal: null });
    },
    async undo() {
      if (!operable()) return form().undo();
      if (travel('past', 'future')) return;
      await invert(undoChange, 'done', 'undone');
    },
    async redo() {
      if (!operable()) return form().redo();
      if (travel('future', 'past')) return;
      await invert(redoChange, 'undone', 'done');
    },
    async asNewModel() {
      const { refusal } = rack.getState();
      if (refusal?.experts == null) return;
      form().stage(spaceChange(config.getState().experiment.experts, refusal.experts));
      rack.getState().forget();
      await form().applyPending();
    },
    isLastEdit() {
      const { past, done } = rack.getState();
      if (!operable()) return false;
      return past.length > 0 || (done.at(-1) ?? -1) >= config.getState().past.length;
    },
    isNextEdit() {
      const { future, undone } = rack.getState();
      if (!operable()) return false;
      return future.length > 0 || undone.at(-1) === config.getState().past.length;
    },
  };
}
