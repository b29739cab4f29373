/** Commands of the expert rack. */
import { settingsInForce } from '../../config/edit.ts';
import {
  addToPlan,
  emptyPlan,
  planChange,
  type SpaceEdit,
  spaceChange,
} from '../../config/surgeryPlan.ts';
import type { Edit, Way } from '../history.ts';
import { isOperable } from '../rackStore.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { EditCommands } from './edit.ts';
import type { PendingCommands } from './pending.ts';
import { createPlan, isPlan } from './plan.ts';
import { createSurgeries } from './surgery.ts';

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

const isOfRack = (edit: Edit) => edit.of !== 'form';

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function createRackCommands(
  client: TrainerClient,
  stores: Stores,
  form: Pick<EditCommands, 'edit' | 'stage'> & Pick<PendingCommands, 'applyPending'>,
): RackCommands {
  const { config, run, rack, history } = stores;
  const surgeries = createSurgeries(client, stores);
  const waiting = createPlan(stores);
  const operable = () => isOperable(run.getState(), config.getState());
  const refuse = (message: string) => rack.getState().set({ refusal: { message, experts: null } });

  /** Sends what waits; what is added meanwhile waits for its turn. */
  async function send(): Promise<void> {
    const { running } = config.getState();
    const { plan, base, mode } = rack.getState();
    if (running === null || plan === null || base === null || !operable()) return;
    const { past } = history.getState();
    const waited = new Set(past.filter(isPlan).map(({ id }) => id));
    rack.getState().set({ plan: null, base: null });
    const change = planChange(base, plan);
    if (change === null) return;
    const before = settingsInForce(running, run.getState().step);
    if (await surgeries.operate(change, plan.experts)) {
      history.getState().replace(waited, surgeries.edit(before, change));
      return;
    }
    // What was refused can be mended while it waits; what was added to it cannot stand alone.
    history.getState().drop((edit) => isPlan(edit) && !(mode === 'collect' && waited.has(edit.id)));
    rack.getState().set(mode === 'collect' ? { plan, base } : { plan: null, base: null });
  }

  /** Moves among the rack's own edits; surgeries that the run came with are listed when asked for. */
  async function travel(way: Way): Promise<void> {
    const { past, future, list, ...move } = history.getState();
    if (!operable()) return move[way]();
    const entries = way === 'undo' ? past : future;
    const last = surgeries.last(way);
    if (last !== null && !entries.some(isOfRack)) list(way, last);
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
        if (waiting.dropIfStale()) return;
        waiting.add(edit);
      } catch (error) {
        refuse(messageOf(error));
        return;
      }
      if (rack.getState().mode === 'once') await history.getState().turn(send);
    },
    async apply() {
      if (!waiting.dropIfStale()) await history.getState().turn(send);
    },
    discard() {
      waiting.drop();
      rack.getState().set({ refusal: null });
    },
    undo: () => travel('undo'),
    redo: () => travel('redo'),
    async asNewModel() {
      const { refusal } = rack.getState();
      if (refusal?.experts == null) return;
      form.stage(spaceChange(config.getState().experiment.experts, refusal.experts));
      waiting.drop();
      rack.getState().set({ refusal: null });
      await form.applyPending();
    },
  };
}
