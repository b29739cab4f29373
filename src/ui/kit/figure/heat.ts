/** Where the cells of a heat map are, and what is drawn in each. */
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { css, inkOn } from '../diverging.ts';
import type { CellPlace } from './cursor.ts';
import { formatTight } from './formats.ts';
import { type Box, boxPath, type Hatch, hatchPath } from './hatch.ts';
import { type Label, labelStep, labelWidth, leftOf } from './label.ts';
import { type NumberSize, numberSize, numberWidth } from './numberSize.ts';
import type { Scale } from './scales.ts';

/** Colours that a scale is drawn in: cells of one are one path. */
const SHADES = 64;
/** Cells at least so large have a gap between them, in pixels. */
const GAPPED_PX = 9;
const TOP_PX = 18;
const ROW_PX = { most: 26, least: 11, text: 15 } as const;
/** Height that the rows of a large map take together. */
const ROWS_PX = 520;
const LEGEND_PX = 34;
/** Of a line below the scale. */
const TOLD_PX = 14;
/** The scale's own room, and what is told beside it. */
export const RAMP = { width: 132, height: 8, gap: 12 } as const;
/** Height of a label. */
const LABEL_HEIGHT = 12;

/** `empty`: there is nothing to count; `absent`: there is no such place, and nothing is drawn. */
export type CellMark = 'dead' | 'none' | 'empty' | 'absent';
export const MARKS: Readonly<Record<CellMark, string>> = {
  dead: 'dead',
  none: 'undefined',
  empty: 'none',
  absent: 'not there',
};
export const HATCHES: Readonly<Record<Exclude<CellMark, 'absent'>, Hatch>> = {
  dead: 'cross',
  none: 'rising',
  empty: 'falling',
};

export interface HeatCells {
  rows: readonly Label[];
  columns: readonly Label[];
  value: (row: number, column: number) => number | null;
  mark?: ((row: number, column: number) => CellMark | null | undefined) | undefined;
  format: FigureFormat;
  /** What the numbers are; told beside the scale where there is room, else below it. */
  quantity?: string | undefined;
}

/** Places of a map's cells in a drawing. */
export interface HeatGrid {
  left: number;
  top: number;
  cell: Readonly<Record<'width' | 'height', number>>;
  height: number;
  bottom: number;
  width: number;
  /** Every how many columns, and rows, are named. */
  every: number;
  everyRow: number;
  /** Whether what the numbers are is told below the scale. */
  isToldBelow: boolean;
}

export function heatGrid({ rows, columns, quantity = '' }: HeatCells, width: number): HeatGrid {
  const left = leftOf(rows, width);
  const cellHeight = Math.min(
    ROW_PX.most,
    Math.max(ROW_PX.least, Math.floor(ROWS_PX / Math.max(1, rows.length))),
  );
  const cellWidth = Math.min(96, Math.max(1, (width - left - 1) / Math.max(1, columns.length)));
  const texts = columns.map((column) =>
    typeof column === 'string' ? column : (column.short ?? column.label),
  );
  const bottom = TOP_PX + rows.length * cellHeight;
  const isToldBelow = labelWidth(quantity) > width - left - RAMP.width - RAMP.gap;
  return {
    left,
    top: TOP_PX,
    cell: { width: cellWidth, height: cellHeight },
    bottom,
    height: bottom + LEGEND_PX + (isToldBelow ? TOLD_PX : 0),
    width,
    every: labelStep(cellWidth, Math.max(0, ...texts.map(labelWidth)) + 4),
    everyRow: labelStep(cellHeight, LABEL_HEIGHT),
    isToldBelow,
  };
}

export function cellBox({ left, top, cell }: HeatGrid, { row, column }: CellPlace): Box {
  const gap = cell.width >= GAPPED_PX ? 1 : 0;
  return {
    x: left + column * cell.width,
    y: top + row * cell.height,
    width: cell.width - gap,
    height: cell.height - gap,
  };
}

/** The cell at a point; null beside the map. */
export function cellAt(grid: HeatGrid, cells: HeatCells, x: number, y: number): CellPlace | null {
  const column = Math.floor((x - grid.left) / grid.cell.width);
  const row = Math.floor((y - grid.top) / grid.cell.height);
  const isInside =
    row >= 0 && row < cells.rows.length && column >= 0 && column < cells.columns.length;
  return isInside ? { row, column } : null;
}

export interface CellText {
  x: number;
  y: number;
  text: string;
  ink: string;
}

/** What a map's cells are drawn as: few paths however many they are. */
export interface HeatPaths {
  /** Cells of a colour. */
  faces: readonly { shade: number; color: string; path: string }[];
  /** Boxes and strokes of cells without a colour. */
  dead: readonly [boxes: string, strokes: string];
  none: readonly [boxes: string, strokes: string];
  empty: readonly [boxes: string, strokes: string];
  texts: readonly CellText[];
  /** Of the texts. */
  numbers: NumberSize;
}

/** What is special of a cell: what its maker says, else whether it has no value. */
export function markOf({ value, mark }: HeatCells, row: number, column: number): CellMark | null {
  const own = mark?.(row, column) ?? null;
  if (own !== null) return own;
  return Number.isFinite(value(row, column) ?? Number.NaN) ? null : 'none';
}

/** Least width of a cell that any number fits, in pixels. */
const NUMBER_PX = 11;

export function heatPaths(cells: HeatCells, grid: HeatGrid, scale: Scale): HeatPaths {
  const { value: read, format } = cells;
  const faces: string[][] = Array.from({ length: SHADES }, () => []);
  const hatched = {
    dead: [[], []] as [string[], string[]],
    none: [[], []] as [string[], string[]],
    empty: [[], []] as [string[], string[]],
  };
  const texts: CellText[] = [];
  const gap = Math.max(4, Math.min(6, grid.cell.width));
  const mayHaveRoom = grid.cell.height >= ROW_PX.text && grid.cell.width >= NUMBER_PX;
  const numbers = mayHaveRoom ? numberSize(heatValues(cells), format, grid.cell.width) : 'small';
  const write = (box: Box, value: number, ink: string) => {
    const text = mayHaveRoom ? formatTight(value, format) : '';
    if (text === '' || numberWidth(text, numbers) > grid.cell.width) return;
    texts.push({ x: box.x + box.width / 2, y: box.y + box.height / 2, text, ink });
  };
  for (let row = 0; row < cells.rows.length; row++) {
    for (let column = 0; column < cells.columns.length; column++) {
      const mark = markOf(cells, row, column);
      if (mark === 'absent') continue;
      const box = cellBox(grid, { row, column });
      const value = read(row, column) ?? Number.NaN;
      if (mark === null) {
        const shade = Math.round(scale.position(value) * (SHADES - 1));
        faces[shade]?.push(boxPath(box));
        if (mayHaveRoom) write(box, value, inkOn(scale.color(shade / (SHADES - 1))));
      } else {
        hatched[mark][0].push(boxPath(box));
        hatched[mark][1].push(hatchPath(box, HATCHES[mark], gap));
        write(box, value, mark === 'dead' ? 'var(--bad)' : 'var(--text-2)');
      }
    }
  }
  const shades = faces.flatMap((boxes, shade) =>
    boxes.length === 0
      ? []
      : [{ shade, color: css(scale.color(shade / (SHADES - 1))), path: boxes.join('') }],
  );
  const joined = ([boxes, strokes]: [string[], string[]]) =>
    [boxes.join(''), strokes.join('')] as const;
  return {
    faces: shades,
    dead: joined(hatched.dead),
    none: joined(hatched.none),
    empty: joined(hatched.empty),
    texts,
    numbers,
  };
}

/** All values of a map. */
export function* heatValues({ rows, columns, value }: HeatCells): Generator<number> {
  for (let row = 0; row < rows.length; row++)
    for (let column = 0; column < columns.length; column++) yield value(row, column) ?? Number.NaN;
}
