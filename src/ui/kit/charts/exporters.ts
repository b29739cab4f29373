import { cell } from '../csv.ts';
import { colorsOf, element, FONT, LETTER_PX, type Picture, pictureOf } from '../picture.ts';
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

/** Title and lines of a chart in rows above it, the last of which ends at height 0. */
function legend(
  title: string,
  series: readonly Series[],
  width: number,
  colorOf: (color: string) => string,
): { marks: SVGElement[]; height: number } {
  const marks: SVGElement[] = [];
  let [x, row] = [8, 0];
  const write = (label: string, color: string, line?: Series) => {
    const wide = label.length * LETTER_PX + (line === undefined ? 12 : SWATCH_PX + 12);
    if (x > 8 && x + wide > width) [x, row] = [8, row + 1];
    const y = row * ROW_PX;
    if (line !== undefined) {
      marks.push(
        element('line', {
          x1: x,
          x2: x + SWATCH_PX - 5,
          y1: y - 4,
          y2: y - 4,
          stroke: color,
          'stroke-width': 2,
          'stroke-opacity': line.isFaint ? 0.4 : 1,
          ...(line.dash || line.isDashed ? { 'stroke-dasharray': line.dash || '5 4' } : {}),
        }),
      );
    }
    const left = line === undefined ? x : x + SWATCH_PX;
    marks.push(element('text', { x: left, y, fill: color, ...FONT }, label));
    x += wide;
  };
  write(title, colorOf('var(--text)'));
  for (const line of series) write(line.label, colorOf(line.color), line);
  const height = (row + 1) * ROW_PX + 7;
  for (const mark of marks) mark.setAttribute('transform', `translate(0 ${ROW_PX - 2 - height})`);
  return { marks, height };
}

/** A chart as a file of its own: background and legend added. */
export function chartSvg(svg: SVGSVGElement, title: string, series: readonly Series[]): Picture {
  const { clientWidth: width, clientHeight: height } = svg;
  const { marks, height: above } = legend(title, series, width, colorsOf(svg));
  return pictureOf(svg, title, { width, height }, { marks, above, below: 0 });
}
