import { type CSSProperties, type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { counted } from '../../../config/plural.ts';
import { formatRatio } from '../../kit/format.ts';
import { snapped, stepped, type WidthRange } from './edits.ts';
import type { RackSlot } from './rackView.ts';

/** Multiples of `snap` that a page key moves by. */
const PAGE = 8;

export interface WidthBarProps {
  index: number;
  row: RackSlot;
  /** Width that the whole track stands for. */
  scale: number;
  range: WidthRange;
  snap: number;
  disabled: boolean;
  /** Shows a width without applying it; null goes back. */
  preview: (hidden: number | null) => void;
  commit: () => void;
}

function keyedWidth(event: KeyboardEvent, hidden: number, snap: number, range: WidthRange) {
  switch (event.key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return stepped(hidden, 1, snap, range);
    case 'ArrowLeft':
    case 'ArrowDown':
      return stepped(hidden, -1, snap, range);
    case 'PageUp':
      return stepped(hidden, PAGE, snap, range);
    case 'PageDown':
      return stepped(hidden, -PAGE, snap, range);
    case 'Home':
      return range.min;
    case 'End':
      return range.max;
    default:
      return null;
  }
}

function Handle(props: WidthBarProps & { track: () => DOMRect | undefined }) {
  const { index, row, scale, range, snap, disabled, preview, commit, track } = props;
  const isMoving = useRef(false);

  function moveTo(event: PointerEvent): void {
    const box = track();
    if (!isMoving.current || box === undefined || box.width === 0) return;
    preview(snapped(((event.clientX - box.left) / box.width) * scale, snap, range));
  }

  function finish(keep: boolean): void {
    if (!isMoving.current) return;
    isMoving.current = false;
    if (keep) commit();
    else preview(null);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || disabled) return;
    if (event.key === 'Escape') finish(false);
    const hidden = keyedWidth(event, row.hidden, snap, range);
    if (hidden === null) return;
    event.preventDefault();
    preview(hidden);
  }

  return (
    <div
      className="rack-edge"
      role="slider"
      tabIndex={disabled ? -1 : 0}
      aria-label={`Width of rack slot ${index}`}
      aria-orientation="horizontal"
      aria-valuemin={range.min}
      aria-valuemax={range.max}
      aria-valuenow={row.hidden}
      aria-valuetext={`${counted(row.hidden, 'unit')}${
        Number.isFinite(row.ratio) ? `, load ${formatRatio(row.ratio)} of ideal` : ''
      }`}
      aria-disabled={disabled}
      onKeyDown={onKeyDown}
      onKeyUp={commit}
      onBlur={commit}
      onPointerDown={(event) => {
        if (disabled || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        isMoving.current = true;
      }}
      onPointerMove={moveTo}
      onPointerUp={() => finish(true)}
      onPointerCancel={() => finish(false)}
    />
  );
}

/** Part of a bar that a load fills: half at the ideal, all at twice that. */
function fillOf(ratio: number): number {
  return Number.isFinite(ratio) ? Math.min(1, ratio / 2) : 0;
}

/**
 * A slot as a bar: as wide as its hidden layer, filled as high as its load is against the ideal, so
 * that the filled area is the work it does. Its right edge is dragged or moved by key.
 */
export function WidthBar(props: WidthBarProps) {
  const { row, scale } = props;
  const track = useRef<HTMLDivElement>(null);
  const { slot, hidden, was, ratio } = row;
  const part = (width: number) => `${(100 * Math.min(width, scale)) / scale}%`;
  const style: CSSProperties = hidden === 0 ? {} : { width: part(hidden) };
  const isDead = ratio === 0;
  return (
    <div className="rack-track" ref={track}>
      <div className={`rack-bar ${slot.kind}${isDead ? ' dead' : ''}`} style={style}>
        <i className="fill" style={{ height: `${100 * fillOf(ratio)}%` }} />
      </div>
      {was !== null && slot.kind === 'ffn' && (
        <i className="rack-was" style={{ left: part(was) }} title={`${was} in force`} />
      )}
      {slot.kind === 'ffn' && (
        <div className="rack-grip" style={{ left: part(hidden) }}>
          <Handle {...props} track={() => track.current?.getBoundingClientRect()} />
        </div>
      )}
    </div>
  );
}
