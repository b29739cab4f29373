import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { type FigureAxisPx, pixelAt, valueAtPixel } from './axis.ts';
import { formatValue } from './formats.ts';
import { labelWidth } from './label.ts';

/** A line of a histogram that a person moves. */
export interface QuantileLine {
  at: number;
  label: string;
  /** Hears of every place on the way; without it the line stands still. */
  onMove?: (at: number) => void;
}

interface LinesProps {
  lines: readonly QuantileLine[];
  axis: FigureAxisPx;
  top: number;
  bottom: number;
}

/** On which side of its line a label stands: away from the nearer neighbour, else towards the middle. */
export function labelIsLeft(
  lines: readonly Pick<QuantileLine, 'at' | 'label'>[],
  axis: FigureAxisPx,
  i: number,
): boolean {
  const x = (line: (typeof lines)[number]) => pixelAt(axis, line.at);
  const own = lines[i]!;
  const close = lines.filter(
    (line, j) => j !== i && Math.abs(x(line) - x(own)) < labelWidth(own.label) + 12,
  );
  if (close.length === 0) return x(own) > (axis.from + axis.to) / 2;
  return close.every((line) => x(line) > x(own) || (x(line) === x(own) && lines.indexOf(line) > i));
}

/** The lines as they are drawn and exported, with their labels above. */
export function QuantileLines({ lines, axis, top, bottom }: LinesProps) {
  return lines.map(({ at, label }, i) => {
    const x = pixelAt(axis, at);
    const toLeft = labelIsLeft(lines, axis, i);
    return (
      <g key={label}>
        <line className="figure-quantile" x1={x} x2={x} y1={top - 12} y2={bottom} />
        <text
          className="figure-number"
          x={toLeft ? x - 4 : x + 4}
          y={top - 4}
          textAnchor={toLeft ? 'end' : 'start'}
        >
          {label}
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
  line,
  axis,
  top,
  bottom,
  format,
}: Omit<LinesProps, 'lines'> & { line: QuantileLine; format: FigureFormat }) {
  const { at, label, onMove } = line;
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
      style={{ left: pixelAt(axis, at), top: top - 12, height: bottom - top + 12 }}
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
export function QuantileHandles({ lines, ...rest }: LinesProps & { format: FigureFormat }) {
  return lines
    .filter(({ onMove }) => onMove !== undefined)
    .map((line) => <Handle key={line.label} line={line} {...rest} />);
}
