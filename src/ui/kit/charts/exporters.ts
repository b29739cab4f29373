import { cell } from '../csv.ts';
import { colorsOf, element, FONT, LETTER_PX, type Picture, pictureOf } from '../picture.ts';
import { MARGIN, plotSize } from './plotSize.ts';
import { type Series, stepAt } from './series.ts';

/** Rows of a table that are written in one go. */
const ROWS_AT_ONCE = 2000;

/** A column of a table: values at rising steps. */
interface TableColumn {
  title: string;
  length: number;
  step: (i: number) => number;
  value: (i: number) => number;
  /** What stands for a value that is no finite number. */
  none: string;
}

function columnsOf(series: readonly Series[]): TableColumn[] {
  return series.flatMap((line) => {
    const rows = {
      length: line.values.length,
      step: (i: number) => stepAt(line, i),
      none: line.hasUndefined ? '' : 'NaN',
    };
    const own = { title: line.key, ...rows, value: (i: number) => line.values[i]! };
    const { tokens } = line;
    return tokens === undefined ? [own] : [own, { ...rows, title: tokens.title, value: tokens.at }];
  });
}

/**
 * All values of all lines, not only the drawn ones, by their own steps; a cell is empty where a line
 * has no value or an undefined one, and NaN where it has one that is no finite number.
 * @returns the table in pieces
 */
export function* seriesCsv(series: readonly Series[]): Generator<string> {
  const columns = columnsOf(series);
  let text = `${['step', ...columns.map(({ title }) => cell(title))].join(',')}\n`;
  const next = columns.map(() => 0);
  for (let row = 1; ; row++) {
    let step = Number.POSITIVE_INFINITY;
    for (const [c, column] of columns.entries()) {
      if (next[c]! < column.length) step = Math.min(step, column.step(next[c]!));
    }
    if (step === Number.POSITIVE_INFINITY) break;
    text += step;
    for (const [c, column] of columns.entries()) {
      text += ',';
      // Of two values at one step the later counts.
      let own: number | null = null;
      while (next[c]! < column.length && column.step(next[c]!) === step) {
        own = column.value(next[c]!);
        next[c]! += 1;
      }
      if (own !== null) text += Number.isFinite(own) ? String(own) : column.none;
    }
    text += '\n';
    if (row % ROWS_AT_ONCE !== 0) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** Height of a row of the legend, and what a swatch of it takes. */
const ROW_PX = 17;
const SWATCH_PX = 20;

/** Something that happened to the run, drawn across the plot. */
export interface Mark {
  /** Part of the plot's width. */
  at: number;
  title: string;
  color: string;
  dash: string;
}

/** Letters of a mark's words that a legend has room for. */
const MARK_LETTERS = 80;

const clipped = (text: string) =>
  text.length > MARK_LETTERS ? `${text.slice(0, MARK_LETTERS - 1)}…` : text;

type ColorOf = ReturnType<typeof colorsOf>;

/** An entry of the legend: its words, and what stands before them at a place. */
interface Entry {
  label: string;
  color: string;
  swatch?: (x: number, y: number) => SVGElement;
}

function lineEntry({ label, color, isFaint, isDashed, dash }: Series, colorOf: ColorOf): Entry {
  const stroke = colorOf(color);
  const swatch = (x: number, y: number) =>
    element('line', {
      x1: x,
      x2: x + SWATCH_PX - 5,
      y1: y - 4,
      y2: y - 4,
      stroke,
      'stroke-width': 2,
      'stroke-opacity': isFaint ? 0.4 : 1,
      ...(dash || isDashed ? { 'stroke-dasharray': dash || '5 4' } : {}),
    });
  return { label, color: stroke, swatch };
}

/** A line from top to bottom. */
function upright(
  x: number,
  [top, bottom]: readonly [number, number],
  stroke: string,
  dash: string,
) {
  const place = { x1: x, x2: x, y1: top, y2: bottom };
  const dashes = dash === '' ? {} : { 'stroke-dasharray': dash };
  return element('line', { ...place, stroke, 'stroke-width': 1.5, ...dashes });
}

function markEntry({ title, color, dash }: Mark, colorOf: ColorOf): Entry {
  const stroke = colorOf(color);
  const swatch = (x: number, y: number) => upright(x + 7, [y - 9, y + 1], stroke, dash);
  return { label: clipped(title), color: stroke, swatch };
}

/** Entries in rows above a chart, the last of which ends at height 0. */
function legend(entries: readonly Entry[], width: number): { marks: SVGElement[]; height: number } {
  const marks: SVGElement[] = [];
  let [x, row] = [8, 0];
  for (const { label, color, swatch } of entries) {
    const wide = label.length * LETTER_PX + (swatch === undefined ? 12 : SWATCH_PX + 12);
    if (x > 8 && x + wide > width) [x, row] = [8, row + 1];
    const y = row * ROW_PX;
    if (swatch !== undefined) marks.push(swatch(x, y));
    const left = swatch === undefined ? x : x + SWATCH_PX;
    marks.push(element('text', { x: left, y, fill: color, ...FONT }, label));
    x += wide;
  }
  const height = (row + 1) * ROW_PX + 7;
  for (const mark of marks) mark.setAttribute('transform', `translate(0 ${ROW_PX - 2 - height})`);
  return { marks, height };
}

/** A chart as a file of its own: background, legend and what happened to the run added. */
export function chartSvg(
  svg: SVGSVGElement,
  title: string,
  series: readonly Series[],
  happened: readonly Mark[] = [],
): Picture {
  const { clientWidth: width, clientHeight: height } = svg;
  const colorOf = colorsOf(svg);
  const { marks, height: above } = legend(
    [
      { label: title, color: colorOf('var(--text)') },
      ...series.map((line) => lineEntry(line, colorOf)),
      ...happened.map((mark) => markEntry(mark, colorOf)),
    ],
    width,
  );
  const plot = plotSize(width, height);
  const across = happened.map(({ at, color, dash }) =>
    upright(
      MARGIN.left + at * plot.width,
      [MARGIN.top, MARGIN.top + plot.height],
      colorOf(color),
      dash,
    ),
  );
  return pictureOf(
    svg,
    title,
    { width, height },
    { marks: [...marks, ...across], above, below: 0 },
  );
}
