/** The cell cursor of a figure: where keys move it. */

/** A place of a drawing: its row and its column. */
export interface CellPlace {
  row: number;
  column: number;
}

/** What keys do on a figure that has the focus. */
export const FIGURE_KEYS: readonly { keys: readonly string[]; label: string; text: string }[] = [
  {
    keys: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'],
    label: '← → ↑ ↓',
    text: 'Move to the next value of a focused figure; its numbers are read out',
  },
  {
    keys: ['Home', 'End', 'PageUp', 'PageDown'],
    label: 'Home End Page ↑ ↓',
    text: 'Go to the first or last value of the row, or of the column',
  },
];

/** Where a key moves the cursor; null for keys that move nothing. */
export function movedCell(
  key: string,
  { row, column }: CellPlace,
  rows: number,
  columns: number,
): CellPlace | null {
  const targets: Readonly<Record<string, CellPlace>> = {
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + 1 },
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + 1, column },
    Home: { row, column: 0 },
    End: { row, column: columns - 1 },
    PageUp: { row: 0, column },
    PageDown: { row: rows - 1, column },
  };
  const target = targets[key];
  return target === undefined ? null : insideCells(target, rows, columns);
}

export function insideCells(at: CellPlace, rows: number, columns: number): CellPlace {
  const within = (value: number, count: number) => Math.max(0, Math.min(value, count - 1));
  return { row: within(at.row, rows), column: within(at.column, columns) };
}
