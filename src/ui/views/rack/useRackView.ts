import { type RefObject, useMemo, useRef, useState } from 'react';
import type { RunSource } from '../../../analysis/source.ts';
import { sameValue } from '../../../config/edit.ts';
import type { Experiment, ExpertsConfig } from '../../../config/experiment.ts';
import { redoChange, undoChange } from '../../../config/surgeryHistory.ts';
import {
  addToPlan,
  emptyPlan,
  type Layers,
  type SurgeryPlan,
} from '../../../config/surgeryPlan.ts';
import type { Edit } from '../../../state/history.ts';
import { isOperable } from '../../../state/rackStore.ts';
import { settingsShown } from '../../kit/settingsShown.ts';
import { useConfig, useHistory, useRack, useRun } from '../../kit/useLab.tsx';
import { useLiveVersion } from '../../kit/useLive.ts';
import { NEW_WIDTH, widthEdit } from './edits.ts';
import { type RackList, type RackSizes, rackList, rackSizes } from './rackView.ts';

/** The track stands for this multiple of the widest expert. */
const ROOM = 1.25;

/** A width that is being dragged or keyed. */
export interface Draft {
  slot: number;
  hidden: number;
}

/** Everything that the rack shows. */
export interface RackView {
  /** Whether edits change a running model. */
  isOpen: boolean;
  /** Whether no edit is possible: a run opens, or has failed. */
  disabled: boolean;
  settings: Experiment;
  /** Expert space that edits start from. */
  experts: ExpertsConfig;
  /** What waits, without the draft; null without any. */
  plan: SurgeryPlan | null;
  /** What is drawn: what waits and the draft. */
  drawn: SurgeryPlan;
  list: RackList;
  /** Width that a whole track stands for. */
  scale: number;
  draft: Draft | null;
  setDraft: (draft: Draft | null) => void;
  /** Sizes of the model in force and as drawn. */
  before: RackSizes;
  after: RackSizes;
  canUndo: boolean;
  canRedo: boolean;
}

/** The plan with the draft; the plan itself where that width cannot be. */
function withDraft(plan: SurgeryPlan, draft: Draft | null, layers: Layers, pairs: boolean) {
  if (draft === null) return plan;
  try {
    return addToPlan(plan, layers, widthEdit(draft.slot, draft.hidden, pairs));
  } catch {
    return plan;
  }
}

function scaleOf({ rows }: RackList, snap: number): number {
  const widths = rows.map(({ hidden, was }) => Math.max(hidden, was ?? 0));
  return Math.ceil((ROOM * Math.max(NEW_WIDTH, ...widths)) / snap) * snap;
}

/** Scale of the tracks; it stands still while a width is dragged. */
function useScale(list: RackList, snap: number, isDragged: boolean): number {
  const frozen = useRef<number | null>(null);
  if (!isDragged) frozen.current = null;
  else frozen.current ??= scaleOf(list, snap);
  return frozen.current ?? scaleOf(list, snap);
}

function useWays(isOpen: boolean, running: Experiment | null, step: number) {
  const { past, future } = useHistory((s) => s);
  if (!isOpen || running === null) return { canUndo: past.length > 0, canRedo: future.length > 0 };
  const waits = (edits: readonly Edit[]) => edits.some((edit) => edit.of === 'plan');
  return {
    canUndo: waits(past) || undoChange(running, step + 1) !== null,
    canRedo: waits(future) || redoChange(running, step + 1) !== null,
  };
}

/** @param frame element whose visibility paces the drawing */
export function useRackView(frame: RefObject<HTMLElement | null>, source: RunSource): RackView {
  const version = useLiveVersion(frame);
  const experiment = useConfig((s) => s.experiment);
  const running = useConfig((s) => s.running);
  const isOpen = useRun((s) => isOperable(s, { running }));
  const vocabulary = useRun((s) => s.report?.vocabulary ?? 0);
  const { plan, base, sent, layers, pairs, snap } = useRack((s) => s);
  const [draft, setDraft] = useState<Draft | null>(null);
  // Not subscribed to: the panel is drawn anew with every version that it shows.
  const { step } = source;
  const settings = useMemo(
    () => settingsShown(isOpen, experiment, running, step),
    [isOpen, experiment, running, step],
  );
  const experts = (isOpen ? (base ?? sent) : null) ?? settings.experts;
  const drawn = useMemo(
    () => withDraft(plan ?? emptyPlan(experts), draft, layers, pairs),
    [plan, experts, draft, layers, pairs],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the loads grow in place; version tells
  const list = useMemo(
    () => rackList({ settings, experts, plan: drawn, chosen: layers, loads: source }),
    [settings, experts, drawn, layers, source, version],
  );
  const [before, after] = useMemo(() => {
    const now = rackSizes(settings, experts, vocabulary);
    const isSame = sameValue(drawn.experts, experts);
    return [now, isSame ? now : rackSizes(settings, drawn.experts, vocabulary)];
  }, [settings, experts, drawn, vocabulary]);
  return {
    isOpen,
    disabled: running !== null && !isOpen,
    settings,
    experts,
    plan: isOpen ? plan : null,
    drawn,
    list,
    scale: useScale(list, snap, draft !== null),
    draft,
    setDraft,
    before,
    after,
    ...useWays(isOpen, running, step),
  };
}
