/** Commands of the expert rack. */
import { applyChange, getPath, sameValue, settingsInForce } from '../../config/edit.ts';
import type { Change, Experiment, ExpertsConfig } from '../../config/experiment.ts';
import { redoChange, undoChange } from '../../config/surgeryHistory.ts';
import {
  addToPlan,
  emptyPlan,
  planChange,
  type SpaceEdit,
  type SurgeryPlan,
  spaceChange,
} from '../../config/surgeryPlan.ts';
import { failureOf } from '../failure.ts';
import type { Edit, Way } from '../history.ts';
import { isOperable, type Refusal, spaceInForce } from '../rackStore.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { EditCommands } from './edit.ts';

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
}

const INVERSE = { undo: undoChange, redo: redoChange } as const;

const isPlan = (edit: Edit) => edit.of === 'plan';
const isOfRack = (edit: Edit) => edit.of !== 'form';

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function createRackCommands(
  client: TrainerClient,
  { config, run, rack, history }: Stores,
  form: Pick<EditCommands, 'edit' | 'stage' | 'applyPending'>,
): RackCommands {
  const operable = () => isOperable(run.getState(), config.getState());
  const inForce = () => spaceInForce(run.getState(), config.getState());
  const refuse = (refusal: Refusal) => rack.getState().set({ refusal });

  function dropPlan(): void {
    rack.getState().set({ plan: null, base: null });
    history.getState().drop(isPlan);
  }

  /** What waits belongs to another expert space once the run's own events changed it. */
  function dropIfStale(): boolean {
    const { plan, base, sent } = rack.getState();
    if (plan === null || sent !== null || sameValue(base, inForce())) return false;
    const message =
      'The run’s own events changed the expert space meanwhile; the edits that waited are dropped.';
    dropPlan();
    refuse({ message, experts: null });
    return true;
  }

  /** Makes a surgery of the running model; false where it is refused. */
  async function operate(change: Change, experts: ExpertsConfig): Promise<boolean> {
    rack.getState().set({ sent: experts, refusal: null });
    try {
      await client.change(change);
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

  /** The event that takes back the run's last surgery, or does it again; null where there is none. */
  function inverse(way: Way): { running: Experiment; change: Change } | null {
    const { running } = config.getState();
    if (running === null || !operable()) return null;
    const change = INVERSE[way](running, run.getState().step + 1);
    return change && { running, change };
  }

  /** A surgery that was made of `base`. It goes back and on by further events. */
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

  function planEdit(before: SurgeryPlan | null, after: SurgeryPlan | null): Edit {
    return {
      of: 'plan',
      before: {},
      after: {},
      canAct: operable,
      async act(way) {
        const plan = way === 'undo' ? before : after;
        const base = plan === null ? null : (rack.getState().base ?? inForce());
        rack.getState().set({ plan, base, refusal: null });
        return true;
      },
    };
  }

  /** Sends what waits; what is added meanwhile waits for its turn. */
  async function send(): Promise<void> {
    const { running } = config.getState();
    const { plan, base, mode } = rack.getState();
    if (running === null || plan === null || base === null || !operable()) return;
    const waited = new Set(
      history
        .getState()
        .past.filter(isPlan)
        .map(({ id }) => id),
    );
    rack.getState().set({ plan: null, base: null });
    const change = planChange(base, plan);
    if (change === null) return;
    const before = settingsInForce(running, run.getState().step);
    if (await operate(change, plan.experts)) {
      history.getState().replace(waited, surgeryEdit(before, change));
      return;
    }
    // What was refused can be mended while it waits; what was added to it cannot stand alone.
    history.getState().drop((edit) => isPlan(edit) && !(mode === 'collect' && waited.has(edit.id)));
    rack.getState().set(mode === 'collect' ? { plan, base } : { plan: null, base: null });
  }

  function planned(edit: SpaceEdit): void {
    const { plan, base, layers, sent } = rack.getState();
    const from = base ?? sent ?? inForce();
    const next = addToPlan(plan ?? emptyPlan(from), layers, edit);
    const isNone = planChange(from, next) === null;
    const after = isNone ? null : next;
    rack.getState().set({ plan: after, base: isNone ? null : from, refusal: null });
    if (!sameValue(plan, after)) history.getState().add(planEdit(plan, after));
  }

  /** Moves among the rack's own edits; surgeries that the run came with are listed when asked for. */
  async function travel(way: Way): Promise<void> {
    const { past, future, list, ...move } = history.getState();
    if (!operable()) return move[way]();
    const entries = way === 'undo' ? past : future;
    const found = inverse(way);
    if (found !== null && !entries.some(isOfRack))
      list(way, surgeryEdit(settingsInForce(found.running, run.getState().step), {}));
    await move[way](isOfRack);
  }

  return {
    async edit(edit) {
      try {
        if (!operable()) {
          const { experts } = config.getState().experiment;
          const { layers } = rack.getState();
          const next = addToPlan(emptyPlan(experts), layers, edit).experts;
          rack.getState().set({ refusal: null });
          await form.edit(spaceChange(experts, next));
          return;
        }
        if (dropIfStale()) return;
        planned(edit);
      } catch (error) {
        refuse({ message: messageOf(error), experts: null });
        return;
      }
      if (rack.getState().mode === 'once') await history.getState().turn(send);
    },
    async apply() {
      if (!dropIfStale()) await history.getState().turn(send);
    },
    discard() {
      dropPlan();
      rack.getState().set({ refusal: null });
    },
    undo: () => travel('undo'),
    redo: () => travel('redo'),
    async asNewModel() {
      const { refusal } = rack.getState();
      if (refusal?.experts == null) return;
      form.stage(spaceChange(config.getState().experiment.experts, refusal.experts));
      dropPlan();
      rack.getState().set({ refusal: null });
      await form.applyPending();
    },
  };
}
