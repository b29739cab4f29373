import { type KeyboardEvent, memo, type PointerEvent } from 'react';
import { sameValue } from '../../../config/edit.ts';
import type { Slot } from '../../../config/experiment.ts';
import { MAX_HIDDEN } from '../../../config/settings.ts';
import { Button } from '../../kit/Button.tsx';
import { formatRatio } from '../../kit/format.ts';
import { CloseIcon, CopyIcon } from '../../kit/icons.tsx';
import { KIND_NAMES } from '../../kit/loads.ts';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { WidthRange } from './edits.ts';
import { KindSelect } from './KindSelect.tsx';
import type { RackSlot } from './rackView.ts';
import { WidthBar } from './WidthBar.tsx';

/** What a row can ask for. */
export interface RowActions {
  preview: (slot: number, hidden: number | null) => void;
  commit: () => void;
  resize: (slot: number, hidden: number) => void;
  become: (slot: number, to: Slot) => void;
  clone: (slot: number) => void;
  remove: (slot: number) => void;
  /** Moves a slot by places; the focus goes along. */
  move: (slot: number, by: number) => void;
  /** A pointer took the handle of a slot. */
  lift: (slot: number, event: PointerEvent<HTMLElement>) => void;
}

export interface SlotRowProps {
  index: number;
  row: RackSlot;
  /** E₃, −E₃, ∅ … */
  sign: string;
  slots: readonly Slot[];
  scale: number;
  range: WidthRange;
  snap: number;
  /** Hidden width of a slot that becomes an FFN expert. */
  width: number;
  /** Place within its pair in pairs mode. */
  pair: 'first' | 'second' | null;
  disabled: boolean;
  isFull: boolean;
  isLifted: boolean;
  /** Side on which the lifted slot would come to lie. */
  drop: 'before' | 'after' | null;
  actions: RowActions;
}

/** Keys of a whole row: Delete removes, Alt and arrows move. */
function onRowKey(event: KeyboardEvent<HTMLElement>, { index, disabled, actions }: SlotRowProps) {
  const { target } = event;
  if (disabled || (target instanceof HTMLElement && target.matches('input, select'))) return;
  const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
  if (event.altKey && by !== 0) actions.move(index, by);
  else if (event.key === 'Delete') actions.remove(index);
  else return;
  event.preventDefault();
}

function classOf({ row, pair, isLifted, drop }: SlotRowProps): string {
  const names = [
    'rack-row',
    pair === null ? '' : `pair-${pair}`,
    isLifted ? 'lifted' : '',
    drop === null ? '' : `drop-${drop}`,
    row.from === null ? 'fresh' : '',
  ];
  return names.filter((name) => name !== '').join(' ');
}

/** Rows are drawn with every report of the trainer: only those that differ are drawn anew. */
function isSame(a: SlotRowProps, b: SlotRowProps): boolean {
  const { actions, slots, ...rest } = a;
  const { actions: otherActions, slots: otherSlots, ...others } = b;
  return actions === otherActions && slots === otherSlots && sameValue(rest, others);
}

/** One slot of the rack: handle, kind, bar, width, load, and what can be done to it. */
export const SlotRow = memo(function SlotRow(props: SlotRowProps) {
  const { index, row, sign, slots, scale, range, snap, width, disabled, isFull, actions } = props;
  const { slot, ratio } = row;
  return (
    <li className={classOf(props)} data-slot={index} onKeyDown={(event) => onRowKey(event, props)}>
      <Button
        className="rack-handle"
        aria-label={`Move rack slot ${index}`}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        title="Drag, or Alt ↑ ↓"
        isOff={disabled}
        onPointerDown={(event) => !disabled && actions.lift(index, event)}
      >
        ⠿
      </Button>
      <span className="rack-index num">{index}</span>
      <span className="glyph" title={KIND_NAMES[slot.kind]} aria-hidden="true">
        {sign}
      </span>
      <KindSelect
        index={index}
        slots={slots}
        width={width}
        disabled={disabled}
        change={(to) => actions.become(index, to)}
      />
      <WidthBar
        index={index}
        row={row}
        scale={scale}
        range={range}
        snap={snap}
        disabled={disabled}
        preview={(hidden) => actions.preview(index, hidden)}
        commit={actions.commit}
      />
      {slot.kind === 'ffn' ? (
        <WholeNumber
          label={`Hidden width of rack slot ${index}`}
          value={row.hidden}
          min={1}
          max={MAX_HIDDEN}
          change={(hidden) => actions.resize(index, hidden)}
        />
      ) : (
        <span className="rack-none num">{slot.kind === 'negated' ? row.hidden : '–'}</span>
      )}
      <span className={`rack-load num${ratio === 0 ? ' dead' : ''}`} data-load={index}>
        {ratio === 0 ? 'dead' : formatRatio(ratio)}
      </span>
      <Button
        className="btn quiet icon small"
        aria-label={`Clone rack slot ${index}`}
        title="Clone with weights, router row and moments"
        isOff={disabled || isFull}
        onClick={() => actions.clone(index)}
      >
        <CopyIcon />
      </Button>
      <Button
        className="btn quiet icon small"
        aria-label={`Remove rack slot ${index}`}
        isOff={disabled || slots.length === 1}
        onClick={() => actions.remove(index)}
      >
        <CloseIcon />
      </Button>
    </li>
  );
}, isSame);
