import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { hashChain } from '../../src/config/hash.ts';
import { piecesOf } from '../../src/state/csv/decode.ts';
import { readCurves } from '../../src/state/csv/read.ts';
import { RowReader } from '../../src/state/csv/rows.ts';
import { stepColumn } from '../../src/state/csv/titles.ts';

const FILES = 1000;
const DELIMITERS = [',', ';', '\t'] as const;
const NEWLINES = ['\n', '\r\n', '\r'] as const;
const ENCODINGS = ['utf-8', 'utf-8 marked', 'utf-16le', 'utf-16be'] as const;
const WORDS = [
  '',
  'a',
  'b c',
  'é',
  '漢字',
  '🙂',
  'it’s',
  '"',
  '""',
  '<img src=x>',
  'x&lt',
  '…',
  '=1+1',
];

/** Draws of one file. */
function drawsOf(file: number) {
  let count = 0;
  const below = (n: number) => hashChain(11, file, count++) % n;
  return { below, pick: <T>(list: readonly T[]): T => list[below(list.length)]! };
}

type Draws = ReturnType<typeof drawsOf>;

interface Made {
  bytes: Uint8Array<ArrayBuffer>;
  text: string;
  delimiter: (typeof DELIMITERS)[number];
  newline: (typeof NEWLINES)[number];
  /** Losses by step, as they were written. */
  losses: [step: number, loss: number][];
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

/** A cell as it is written: in quotes where it must be, and now and then where it need not. */
function written(
  cell: string,
  { delimiter, newline }: Pick<Made, 'delimiter' | 'newline'>,
  d: Draws,
) {
  const mustBe = [delimiter, newline, '"', '\n', '\r'].some((sign) => cell.includes(sign));
  return mustBe || d.below(3) === 0 ? quoted(cell) : cell;
}

function encoded(text: string, encoding: (typeof ENCODINGS)[number]): Uint8Array<ArrayBuffer> {
  if (encoding === 'utf-8') return new TextEncoder().encode(text);
  if (encoding === 'utf-8 marked') return new TextEncoder().encode(`\uFEFF${text}`);
  const bytes = new Uint8Array(2 * text.length + 2);
  const view = new DataView(bytes.buffer);
  const isLittle = encoding === 'utf-16le';
  view.setUint16(0, 0xfeff, isLittle);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i + 2, text.charCodeAt(i), isLittle);
  return bytes;
}

/** A file of a step, a loss and columns of odd text. */
function make(file: number): Made {
  const d = drawsOf(file);
  const dialect = { delimiter: d.pick(DELIMITERS), newline: d.pick(NEWLINES) };
  const odd = () => {
    const parts = [
      d.pick(WORDS),
      d.pick([...WORDS, dialect.delimiter, dialect.newline]),
      d.pick(WORDS),
    ];
    return parts.join('');
  };
  const width = d.below(4);
  const before = d.below(width + 1);
  const row = (step: string, loss: string, others: string[]) => {
    const cells = [...others.slice(0, before), step, loss, ...others.slice(before)];
    return cells.map((cell) => written(cell, dialect, d)).join(dialect.delimiter);
  };
  const texts = () => Array.from({ length: width }, odd);
  const losses: Made['losses'] = [];
  const rows = [
    row(
      'step',
      'loss',
      texts().map((text, i) => `${text}_${i}`),
    ),
  ];
  for (let i = 0, step = 0; i < 1 + d.below(30); i++) {
    step += 1 + d.below(1000);
    const loss = d.below(1e6) / 1e5;
    losses.push([step, loss]);
    rows.push(row(String(step), String(loss), texts()));
  }
  const text = rows.join(dialect.newline) + (d.below(2) === 0 ? dialect.newline : '');
  return { bytes: encoded(text, d.pick(ENCODINGS)), text, ...dialect, losses };
}

/** Rows as the page reads them; the text comes in pieces of a few letters, so that all is cut somewhere. */
async function rowsOf(bytes: Uint8Array<ArrayBuffer>, piece: number): Promise<string[][]> {
  const reader = new RowReader((cells) => stepColumn(cells) >= 0);
  let text = '';
  for await (const part of piecesOf(new Blob([bytes]))) text += part.text;
  const rows: string[][] = [];
  for (let i = 0; i < text.length; i += piece) {
    const isLast = i + piece >= text.length;
    rows.push(...reader.read(text.slice(i, i + piece), isLast).map(({ cells }) => cells));
  }
  return rows;
}

/** Where lines end in LF, a CR at the end of a row belongs to its line break, even in quotes. */
function withoutCr(row: string[]): string[] {
  return row.map((cell, i) => (i === row.length - 1 ? cell.replace(/\r$/, '') : cell));
}

it(`reads ${FILES} files as another parser reads them`, async () => {
  for (let file = 0; file < FILES; file++) {
    const { bytes, text, delimiter, newline, losses } = make(file);
    const theirs: string[][] = parse(text, { delimiter, record_delimiter: newline });
    const ours = await rowsOf(bytes, 1 + (hashChain(12, file) % 200));
    expect(ours, `file ${file}`).toEqual(newline === '\r' ? theirs : theirs.map(withoutCr));

    const [run] = await readCurves(new Blob([bytes]), 'a.csv', () => {});
    const curve = run?.columns.ce;
    const read = Array.from(curve?.values ?? [], (value, i) => {
      return [curve?.steps?.[i] ?? (curve?.firstStep ?? 0) + i, value];
    });
    expect(read, `file ${file}`).toEqual(losses);
  }
});
