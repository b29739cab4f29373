import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { type FigureAxisPx, pixelAt, valueAtPixel } from './axis.ts';
import { formatValue } from './formats.ts';

/** A line of a histogram that a person moves. */
export interface QuantileLine {
  at: number;
  /** What it is: its value is written behind. */
  label: string;
  /** Hears of every place on the way; without it the line stands still. */
  onMove?: (at: number) => void;
}

interface LinesProps {
  lines: readonly QuantileLine[];
  axis: FigureAxisPx;
  top: number;
  bottom: number;
  format: FigureFormat;
}

/** Height that the label of each line takes above the bins: none covers another. */
export const LANE_PX = 13;

/** The lines as they are drawn and exported, each with its label and value in a row of its own. */
export function QuantileLines({ lines, axis, top, bottom, format }: LinesProps) {
  return lines.map(({ at, label }, i) => {
    const x = pixelAt(axis, at);
    const y = top - (lines.length - i) * LANE_PX;
    const isRight = x > (axis.from + axis.to) / 2;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
      <g key={i}>
        <line className="figure-quantile" x1={x} x2={x} y1={y} y2={bottom} />
        <text
          className="figure-number"
          x={isRight ? x - 4 : x + 4}
          y={y + LANE_PX - 3}
          textAnchor={isRight ? 'end' : 'start'}
        >
          {`${label} ${formatValue(at, format)}`}
        </text>
      </g>
    );
  });
}

/** Parts of the axis that an arrow, and a page, moves a line by. */
const STEPS = { arrow: 100, page: 10 } as const;

/** Where a key moves a line on its axis; null for keys that move nothing. */
export function movedLine(key: string, at: number, { min, max }: FigureAxisPx): number | null {
  const step = (max - min) / STEPS.arrow;
  const page = (max - min) / STEPS.page;
  const targets: Readonly<Record<string, number>> = {
    ...{ ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step },
    ...{ PageDown: at - page, PageUp: at + page, Home: min, End: max },
  };
  const target = targets[key];
  return target === undefined ? null : Math.min(Math.max(target, min), max);
}

function Handle({
  line: { at, label, onMove },
  axis,
  top,
  bottom,
  format,
}: Omit<LinesProps, 'lines'> & { line: QuantileLine }) {
  const handle = useRef<HTMLDivElement>(null);

  function onPointer(event: PointerEvent): void {
    if (event.buttons !== 1 || handle.current?.parentElement == null) return;
    const { left } = handle.current.parentElement.getBoundingClientRect();
    const value = valueAtPixel(axis, event.clientX - left);
    onMove?.(Math.min(Math.max(value, axis.min), axis.max));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const next = movedLine(event.key, at, axis);
    if (next === null) return;
    event.preventDefault();
    onMove?.(next);
  }

  return (
    <div
      ref={handle}
      className="figure-handle"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={axis.min}
      aria-valuemax={axis.max}
      aria-valuenow={at}
      aria-valuetext={formatValue(at, format)}
      style={{ left: pixelAt(axis, at), top, height: bottom - top }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        onPointer(event);
      }}
      onPointerMove={onPointer}
      onKeyDown={onKeyDown}
    />
  );
}

/** What moves the lines: a slider over each. */
export function QuantileHandles({ lines, ...rest }: LinesProps) {
  return lines.map((line, i) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
    line.onMove === undefined ? null : <Handle key={i} line={line} {...rest} />,
  );
}
