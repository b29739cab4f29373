import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { sameValue } from '../../../config/edit.ts';
import type { Slot } from '../../../config/experiment.ts';
import { MAX_SLOTS } from '../../../config/settings.ts';
import {
  changeKind,
  cloneSlot,
  removeSlot,
  reorder,
  type SpaceEdit,
} from '../../../config/surgeryPlan.ts';
import { slotSigns } from '../../kit/slotNames.ts';
import { useLab, useRack } from '../../kit/useLab.tsx';
import { movedOrder, partnerOf, usualWidth, widthEdit, widthRange } from './edits.ts';
import { type RowActions, SlotRow } from './SlotRow.tsx';
import type { RackView } from './useRackView.ts';
import { type Lift, useReorder } from './useReorder.ts';

/** The same object for ever, whose functions do what those of the last render do. */
function useStable(actions: RowActions): RowActions {
  const latest = useRef(actions);
  latest.current = actions;
  return useMemo(
    () => ({
      preview: (slot, hidden) => latest.current.preview(slot, hidden),
      commit: () => latest.current.commit(),
      resize: (slot, hidden) => latest.current.resize(slot, hidden),
      become: (slot, to) => latest.current.become(slot, to),
      clone: (slot) => latest.current.clone(slot),
      remove: (slot) => latest.current.remove(slot),
      move: (slot, by) => latest.current.move(slot, by),
      lift: (slot, event) => latest.current.lift(slot, event),
    }),
    [],
  );
}

function dropSide(lift: Lift | null, r: number): 'before' | 'after' | null {
  if (lift === null || lift.to !== r || lift.from === r) return null;
  return lift.to > lift.from ? 'after' : 'before';
}

function pairPlace(slots: readonly Slot[], r: number, pairs: boolean): 'first' | 'second' | null {
  const partner = pairs ? partnerOf(slots, r) : null;
  return partner === null ? null : partner > r ? 'first' : 'second';
}

/** What the columns are; each control has its name, so it is for the eye only. */
function Head() {
  return (
    <div className="rack-row rack-head" aria-hidden="true">
      <span />
      <span className="num">slot</span>
      <span />
      <span>kind</span>
      <span className="of-bar">hidden width × load</span>
      <span className="num">hidden</span>
      <span className="num">load</span>
    </div>
  );
}

/** The slots as rows of bars, and the gestures that edit them. */
export function RackSlots({ view }: { view: RackView }) {
  const list = useRef<HTMLOListElement>(null);
  const { commands } = useLab();
  const { pairs, snap, sent } = useRack((s) => s);
  const [said, setSaid] = useState('');
  const focus = useRef<number | null>(null);
  const { draft, setDraft, scale, disabled } = view;
  const { slots, rows } = view.list;
  const signs = slotSigns(
    slots.map(({ kind }) => kind),
    slots,
  );

  function edit(change: SpaceEdit, text: string): void {
    setDraft(null);
    setSaid(text);
    void commands.rack.edit(change);
  }
  function resize(slot: number, hidden: number): void {
    edit(widthEdit(slot, hidden, pairs), `Slot ${slot} is ${hidden} wide`);
  }
  function move(from: number, to: number): void {
    if (to < 0 || to >= slots.length) return;
    focus.current = to;
    edit(reorder(movedOrder(slots.length, from, to)), `Slot ${from} is at place ${to} now`);
  }
  const { lift, start } = useReorder(list, move);
  const actions = useStable({
    preview: (slot, hidden) => setDraft(hidden === null ? null : { slot, hidden }),
    commit() {
      if (draft === null) return;
      const now = view.plan?.experts ?? view.experts;
      if (sameValue(view.drawn.experts, now)) setDraft(null);
      else resize(draft.slot, draft.hidden);
    },
    resize,
    become: (slot, to) => edit(changeKind(slot, to), `Slot ${slot} is of kind ${to.kind} now`),
    clone: (slot) => edit(cloneSlot(slot), `Slot ${slot} is cloned at place ${slot + 1}`),
    remove(slot) {
      focus.current = Math.min(slot, slots.length - 2);
      edit(removeSlot(slot), `Slot ${slot} is removed`);
    },
    move: (slot, by) => move(slot, slot + by),
    lift: start,
  });
  // The focus goes along with a slot that moved, once it is drawn at its new place.
  useLayoutEffect(() => {
    if (focus.current === null) return;
    const row = list.current?.querySelector(`[data-slot="${focus.current}"] .rack-handle`);
    if (row instanceof HTMLElement) row.focus();
    focus.current = null;
  });

  return (
    <>
      <Head />
      <ol ref={list} className="rack-list" aria-label="Slots" aria-busy={sent !== null}>
        {rows.map((row, r) => (
          <SlotRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
            key={r}
            index={r}
            row={row}
            sign={signs[r] ?? ''}
            slots={slots}
            scale={scale}
            range={widthRange(slots, r, { pairs, snap, most: scale })}
            snap={snap}
            width={usualWidth(slots)}
            pair={pairPlace(slots, r, pairs)}
            disabled={disabled}
            isFull={slots.length >= MAX_SLOTS}
            isLifted={lift?.from === r}
            drop={dropSide(lift, r)}
            actions={actions}
          />
        ))}
      </ol>
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </>
  );
}
