import type { Curves } from '../keptRuns.ts';
import { numberOf, stepIn } from './cells.ts';
import { piecesOf } from './decode.ts';
import { type Row, RowReader } from './rows.ts';
import { type Entry, RunBuilder } from './runBuilder.ts';
import { type Column, type Layout, layoutOf, stepColumn } from './titles.ts';

/** Most rows below the header that are read. */
export const MAX_ROWS = 1_000_000;

/** The curves of one run of a file. */
export interface FileRun extends Curves {
  /** As the file names it; null where the file is one run's. */
  name: string | null;
}

/** Rows of a file become curves. */
class CurveReader {
  readonly #file: string;
  readonly #rows = new RowReader((cells) => stepColumn(cells) >= 0);
  readonly #runs = new Map<string | null, { columns: Column[]; builder: RunBuilder }>();
  #layout: Layout | null = null;
  #width = 0;
  #taken = 0;

  constructor(file: string) {
    this.#file = file;
  }

  read(text: string, isLast: boolean): void {
    for (const row of this.#rows.read(text, isLast)) {
      if (this.#layout === null) this.#begin(row);
      else this.#take(row, this.#layout.stepAt);
    }
  }

  /** @throws RangeError for a file without rows, and for one of too many */
  finish(): FileRun[] {
    if (this.#layout === null) throw new RangeError('line 1: it is empty; it needs step, and loss');
    if (this.#taken === 0) throw new RangeError('it has a header but no lines');
    if (this.#taken > MAX_ROWS) {
      const count = (n: number) => n.toLocaleString('en');
      throw new RangeError(
        `it has ${count(this.#taken)} rows; at most ${count(MAX_ROWS)} are read`,
      );
    }
    const runs = [...this.#runs].map(([name, { builder }]) => ({ name, ...builder.build() }));
    const read = runs.filter(({ columns }) => {
      return Object.keys(columns).some((quantity) => quantity !== 'tokens');
    });
    if (read.length === 0) throw new RangeError('its columns hold no values');
    return read;
  }

  #begin({ cells }: Row): void {
    this.#layout = layoutOf(cells, this.#file);
    this.#width = cells.length;
    for (const column of this.#layout.columns) {
      const run = this.#runs.get(column.run) ?? { columns: [], builder: new RunBuilder() };
      run.columns.push(column);
      this.#runs.set(column.run, run);
    }
  }

  #take({ line, cells }: Row, stepAt: number): void {
    this.#taken += 1;
    // The rest of a file of too many rows is only counted.
    if (this.#taken > MAX_ROWS) return;
    if (cells.length > this.#width && cells.slice(this.#width).some((cell) => cell.trim() !== ''))
      throw new RangeError(
        `line ${line}: it has ${cells.length} cells; the header has ${this.#width}`,
      );
    const step = stepIn(cells[stepAt], line);
    const hasDecimalComma = this.#rows.dialect?.delimiter !== ',';
    for (const { columns, builder } of this.#runs.values()) {
      const entries: Entry[] = [];
      for (const { at, title, quantity } of columns) {
        const value = numberOf(cells[at], title, line, hasDecimalComma);
        if (value !== null) entries.push({ quantity, value });
      }
      if (entries.length > 0) builder.add(step, entries, line);
    }
  }
}

/**
 * The curves of a CSV file, one set per run. Cells may be separated by commas, semicolons or tabs
 * and stand in quotes; a header names them: `step`, and any of the scalars' names, `train` or `loss`
 * for the cross entropy, `validation`, `tokens`, each also behind "name of a run - ". Other columns
 * are passed over; an empty cell says nothing.
 * @param onProgress hears which part of the file was read, 0 … 1
 * @throws RangeError with the line and the reason where it cannot be read
 */
export async function readCurves(
  file: Blob,
  name: string,
  onProgress: (part: number) => void,
): Promise<FileRun[]> {
  const reader = new CurveReader(name);
  for await (const { text, bytesRead, isLast } of piecesOf(file)) {
    reader.read(text, isLast);
    onProgress(file.size === 0 ? 1 : bytesRead / file.size);
  }
  return reader.finish();
}
