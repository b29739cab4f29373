import type { PlotSize } from './envelope.ts';
import { type Series, stepAt } from './series.ts';

/** Rows of a table that are written in one go. */
const ROWS_AT_ONCE = 2000;

function cell(text: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A column of a table: values at rising steps. */
interface TableColumn {
  title: string;
  length: number;
  step: (i: number) => number;
  value: (i: number) => number;
}

function columnsOf(series: readonly Series[]): TableColumn[] {
  return series.flatMap((line) => {
    const rows = { length: line.values.length, step: (i: number) => stepAt(line, i) };
    const own = { title: line.key, ...rows, value: (i: number) => line.values[i]! };
    const { tokens } = line;
    return tokens === undefined ? [own] : [own, { ...rows, title: tokens.title, value: tokens.at }];
  });
}

/**
 * All values of all lines, not only the drawn ones, by their own steps; a cell is empty where a line
 * has no value, and NaN where it has one that is no finite number.
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
      if (own !== null) text += Number.isFinite(own) ? String(own) : 'NaN';
    }
    text += '\n';
    if (row % ROWS_AT_ONCE !== 0) continue;
    yield text;
    text = '';
  }
  yield text;
}

const STYLES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'stroke-opacity',
  'font-size',
  'font-family',
  'text-anchor',
];

const SVG = 'http://www.w3.org/2000/svg';
/** Height of a row of the legend, and what a letter of it takes. */
const ROW_PX = 17;
const LETTER_PX = 6.4;
const SWATCH_PX = 20;

/** Characters that no XML document can hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\p{Surrogate}]/gu;

/** An element of a picture. Text and attributes stand as they are: nothing is read as markup. */
function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text = '',
): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text.replaceAll(NOT_XML, '\ufffd');
  return made;
}

/** Title and lines of a chart in rows above it, the last of which ends at height 0. */
function legend(
  title: string,
  series: readonly Series[],
  width: number,
  colorOf: (color: string) => string,
): { marks: SVGElement[]; height: number } {
  const font = { 'font-family': 'system-ui, sans-serif', 'font-size': 11 };
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
    marks.push(element('text', { x: left, y, fill: color, ...font }, label));
    x += wide;
  };
  write(title, colorOf('var(--text)'));
  for (const line of series) write(line.label, colorOf(line.color), line);
  const height = (row + 1) * ROW_PX + 7;
  for (const mark of marks) mark.setAttribute('transform', `translate(0 ${ROW_PX - 2 - height})`);
  return { marks, height };
}

/** A picture of a chart, and its size in pixels. */
export interface Picture extends PlotSize {
  svg: string;
}

/** A chart as a file of its own: computed styles written in, background and legend added. */
export function chartSvg(svg: SVGSVGElement, title: string, series: readonly Series[]): Picture {
  const copy = svg.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) throw new TypeError('the chart is not an SVG');
  const originals = svg.querySelectorAll<SVGElement>('*');
  for (const [i, part] of copy.querySelectorAll<SVGElement>('*').entries()) {
    const original = originals[i];
    if (original === undefined) continue;
    const computed = getComputedStyle(original);
    for (const name of STYLES) part.style.setProperty(name, computed.getPropertyValue(name));
    // A line's name is for the page; not every name can stand in a document.
    delete part.dataset.line;
    delete part.dataset.dots;
  }
  const root = getComputedStyle(svg);
  const colorOf = (color: string) =>
    root.getPropertyValue(color.replace(/^var\((.*)\)$/, '$1')) || color;
  const { clientWidth: width, clientHeight } = svg;
  const { marks, height: above } = legend(title, series, width, colorOf);
  const height = clientHeight + above;
  copy.setAttribute('viewBox', `0 ${-above} ${width} ${height}`);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const background = element('rect', {
    x: 0,
    y: -above,
    width,
    height,
    fill: colorOf('var(--surface)'),
  });
  copy.prepend(background, ...marks);
  return { svg: new XMLSerializer().serializeToString(copy), width, height };
}

/** A picture drawn at three times its size. */
export async function chartPng({ svg, width, height }: Picture): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(width * 3, height * 3);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no 2D canvas');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
}
