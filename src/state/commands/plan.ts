/** Edits of the rack that wait for the running model. */
import { sameValue } from '../../config/edit.ts';
import {
  addToPlan,
  emptyPlan,
  planChange,
  type SpaceEdit,
  type SurgeryPlan,
} from '../../config/surgeryPlan.ts';
import type { Edit } from '../history.ts';
import { isOperable, spaceInForce } from '../rackStore.ts';
import type { Stores } from '../stores.ts';

export interface Plan {
  /** @throws RangeError where the edit is not possible, with the numbers */
  add(edit: SpaceEdit): void;
  drop(): void;
  /** Drops what waits for an expert space that the run's own events have changed; true where it did. */
  dropIfStale(): boolean;
}

export const isPlan = (edit: Edit) => edit.of === 'plan';

export function createPlan({ config, run, rack, history }: Stores): Plan {
  const operable = () => isOperable(run.getState(), config.getState());
  const inForce = () => spaceInForce(run.getState(), config.getState());

  function drop(): void {
    rack.getState().set({ plan: null, base: null });
    history.getState().drop(isPlan);
  }

  function dropIfStale(): boolean {
    const { plan, base, sent } = rack.getState();
    if (plan === null || sent !== null || sameValue(base, inForce())) return false;
    const message =
      'The run’s own events changed the expert space meanwhile; the edits that waited are dropped.';
    drop();
    rack.getState().set({ refusal: { message, experts: null } });
    return true;
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

  function add(edit: SpaceEdit): void {
    const { plan, base, layers, sent } = rack.getState();
    const from = base ?? sent ?? inForce();
    const next = addToPlan(plan ?? emptyPlan(from), layers, edit);
    const isNone = planChange(from, next) === null;
    const after = isNone ? null : next;
    rack.getState().set({ plan: after, base: isNone ? null : from, refusal: null });
    if (!sameValue(plan, after)) history.getState().add(planEdit(plan, after));
  }

  return { add, drop, dropIfStale };
}
