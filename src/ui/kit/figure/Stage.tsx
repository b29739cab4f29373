import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useContext,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { FigureContext } from './context.ts';
import { type CellPlace, insideCells, movedCell } from './cursor.ts';
import { FigureTip } from './FigureTip.tsx';
import type { Box } from './hatch.ts';
import { sentenceOf, type Told } from './told.ts';
import { useDrawnWidth } from './useDrawnWidth.ts';
import './figure.css';

/** A drawing at some width, and where its places are. */
export interface Laid {
  height: number;
  /** What is drawn, as elements of an SVG. */
  drawing: ReactNode;
  box: (at: CellPlace) => Box;
  /** The place at a point; null where there is none. */
  hit: (x: number, y: number) => CellPlace | null;
}

interface StageProps {
  /** Places; none where a drawing has nothing to show. */
  rows: number;
  columns: number;
  /** Lays the drawing out; called again when the width changes or the stage is drawn anew. */
  lay: (width: number) => Laid;
  tell: (at: CellPlace) => Told;
  onSelect?: ((at: CellPlace) => void) | undefined;
  /** What a person does by `onSelect`: "show layer". */
  selects?: string | undefined;
  /** Over the drawing, in its pixels. */
  over?: (width: number) => ReactNode;
}

/** The cursor of a stage: the pointer's place, else that of the keys while it has the focus. */
function useCursor({ rows, columns, onSelect }: StageProps) {
  const [hover, setHover] = useState<CellPlace | null>(null);
  const [place, setPlace] = useState<CellPlace>({ row: 0, column: 0 });
  const [isFocused, setFocused] = useState(false);
  const own = insideCells(place, rows, columns);
  const shown = hover ?? (isFocused ? own : null);

  function onKeyDown(event: KeyboardEvent): void {
    const next = movedCell(event.key, own, rows, columns);
    if (next !== null) {
      setHover(null);
      setFocused(true);
      setPlace(next);
    } else if (event.key === 'Escape' && isFocused) setFocused(false);
    else if ((event.key === 'Enter' || event.key === ' ') && onSelect) onSelect(own);
    else return;
    event.preventDefault();
  }

  return {
    own,
    shown: shown === null ? null : insideCells(shown, rows, columns),
    point: setHover,
    put(at: CellPlace): void {
      setPlace(at);
      onSelect?.(at);
    },
    onKeyDown,
    // A press of the pointer shows its place by itself.
    onFocus: () => setFocused(hover === null),
    onBlur: () => setFocused(false),
  };
}

/** The one cell that the page holds: the cursor's, which is read out. */
function Cell({ id, at, text }: { id: string; at: CellPlace; text: string }) {
  const row = { role: 'row', 'aria-rowindex': at.row + 1 };
  const cell = { role: 'gridcell', 'aria-colindex': at.column + 1, 'aria-selected': true };
  return (
    <div {...row} className="visually-hidden">
      <div id={id} {...cell}>
        {text}
      </div>
    </div>
  );
}

/** A drawing with a cursor on its values: one stop of the tab key, a table's cells to a listener. */
export function Stage(props: StageProps) {
  const { rows, columns, lay, tell, selects, over } = props;
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const { title } = useContext(FigureContext);
  const width = useDrawnWidth(frame);
  // Moving the cursor lays nothing out.
  const laid = useMemo(() => (width === 0 ? null : lay(width)), [lay, width]);
  const cursor = useCursor(props);
  const isEmpty = rows === 0 || columns === 0;
  const { own, shown } = cursor;
  const cellId = `${id}-${own.row}-${own.column}`;

  function placeOf(event: MouseEvent): CellPlace | null {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return laid?.hit(event.clientX - left, event.clientY - top) ?? null;
  }

  const hint = selects === undefined ? '' : `; Enter: ${selects}`;
  return (
    <div ref={frame} className="figure-stage">
      {laid !== null && (
        <svg
          className="figure-drawing"
          width={width}
          height={laid.height}
          viewBox={`0 0 ${width} ${laid.height}`}
          role="img"
          aria-label={`${title}: its numbers are in the table below`}
        >
          {laid.drawing}
        </svg>
      )}
      {laid !== null && !isEmpty && (
        // biome-ignore lint/a11y/useSemanticElements: a table of the page would hold all of its cells
        <div
          className={props.onSelect === undefined ? 'figure-cursor' : 'figure-cursor selects'}
          role="grid"
          tabIndex={0}
          aria-label={`Values of ${title}${hint}`}
          aria-rowcount={rows}
          aria-colcount={columns}
          aria-activedescendant={cellId}
          onKeyDown={cursor.onKeyDown}
          onFocus={cursor.onFocus}
          onBlur={cursor.onBlur}
          onPointerMove={(event) => cursor.point(placeOf(event))}
          onPointerDown={(event) => cursor.point(placeOf(event))}
          onPointerLeave={() => cursor.point(null)}
          onClick={(event) => {
            const at = placeOf(event);
            if (at !== null) cursor.put(at);
          }}
        >
          <Cell id={cellId} at={own} text={sentenceOf(tell(own))} />
          {shown !== null && <Mark box={laid.box(shown)} />}
        </div>
      )}
      {laid !== null && over?.(width)}
      {laid !== null && !isEmpty && shown !== null && (
        <FigureTip frame={frame} box={laid.box(shown)} told={tell(shown)} />
      )}
    </div>
  );
}

function Mark({ box: { x, y, width, height } }: { box: Box }) {
  return <i className="figure-mark" style={{ left: x, top: y, width, height }} />;
}
