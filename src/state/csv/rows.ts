import Papa from 'papaparse';

/** A row of a CSV file. */
export interface Row {
  /** Line of the file on which it begins, from 1. */
  line: number;
  cells: string[];
}

/** How a file separates its cells and its rows. */
export interface Dialect {
  delimiter: ',' | ';' | '\t';
  /** LF stands for CR LF too. */
  newline: '\n' | '\r';
}

const DELIMITERS = [',', ';', '\t'] as const;

/** Index of the first line break outside of quotes, −1 where the text has none. */
function firstBreak(text: string, from: number): number {
  let isQuoted = false;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (char === '\n' || char === '\r')) return i;
  }
  return -1;
}

function cellsOf(line: string, delimiter: string): string[] {
  const { data } = Papa.parse<string[]>(line, { delimiter, newline: '\n' });
  return data[0] ?? [];
}

/**
 * The dialect of a text that holds its first line whole, or all there is: of the delimiters that
 * make a header of that line the one with the most cells, else the one with the most cells.
 * @returns null where the first line does not end in the text
 */
export function dialectOf(
  text: string,
  isWhole: boolean,
  isHeader: (cells: readonly string[]) => boolean,
): Dialect | null {
  const start = text.search(/[^\r\n]/);
  if (start < 0 && !isWhole) return null;
  const end = firstBreak(text, Math.max(0, start));
  // What follows a CR tells CR LF from CR alone.
  if (!isWhole && (end < 0 || end === text.length - 1)) return null;
  const header = text.slice(Math.max(0, start), end < 0 ? text.length : end);
  const newline = end >= 0 && text[end] === '\r' && text[end + 1] !== '\n' ? '\r' : '\n';
  const [best] = DELIMITERS.map((delimiter) => {
    const cells = cellsOf(header, delimiter);
    return { delimiter, rank: cells.length + (isHeader(cells) ? 1e6 : 0) };
  }).sort((a, b) => b.rank - a.rank);
  return { delimiter: best?.delimiter ?? ',', newline };
}

/** Where rows end in LF, a CR before it is no part of the last cell. */
function dropCr(cells: string[]): void {
  const end = cells.length - 1;
  if (cells[end]?.endsWith('\r')) cells[end] = cells[end]!.slice(0, -1);
}

/** Splits a text that comes in pieces into rows; blank lines are passed over. */
export class RowReader {
  readonly #isHeader: (cells: readonly string[]) => boolean;
  #dialect: Dialect | null = null;
  #rest = '';
  #line = 1;

  /** @param isHeader whether cells may be those of the first row: tells the delimiter */
  constructor(isHeader: (cells: readonly string[]) => boolean) {
    this.#isHeader = isHeader;
  }

  /** Null before the first line was read. */
  get dialect(): Dialect | null {
    return this.#dialect;
  }

  /**
   * Rows that a further piece completes.
   * @throws RangeError that names the line of a quoted cell which does not end
   */
  read(piece: string, isLast: boolean): Row[] {
    const text = this.#rest + piece;
    this.#dialect ??= dialectOf(text, isLast, this.#isHeader);
    if (this.#dialect === null || text === '') {
      this.#rest = text;
      return [];
    }
    const parser = new Papa.Parser({ ...this.#dialect });
    const { data, errors, meta }: Papa.ParseResult<string[]> = parser.parse(text, 0, !isLast);
    this.#rest = isLast ? '' : text.slice(meta.cursor);
    const broken = errors.find(({ type }) => type === 'Quotes')?.row;
    const rows: Row[] = [];
    for (const [i, cells] of data.entries()) {
      if (i === broken)
        throw new RangeError(`line ${this.#line}: a quoted cell does not end as it should`);
      const line = this.#line;
      this.#line += 1 + this.#breaksWithin(cells);
      if (this.#dialect.newline === '\n') dropCr(cells);
      if (cells.some((cell) => cell.trim() !== '')) rows.push({ line, cells });
    }
    return rows;
  }

  #breaksWithin(cells: readonly string[]): number {
    const newline = this.#dialect?.newline ?? '\n';
    let breaks = 0;
    for (const cell of cells) {
      for (let i = cell.indexOf(newline); i >= 0; i = cell.indexOf(newline, i + 1)) breaks += 1;
    }
    return breaks;
  }
}
