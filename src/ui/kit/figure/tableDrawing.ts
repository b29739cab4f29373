/** A table as a drawing, for figures that are nothing else. */
import { element, FONT, LETTER_PX } from '../picture.ts';
import { cellText, type FigureTable, isWords } from './table.ts';

const ROW_PX = 18;
const PAD_PX = 8;

/** With a rule above, below its head and at its end; words stand to the left, numbers to the right. */
export function tableDrawing(table: FigureTable): SVGSVGElement {
  const head = table.columns.map(({ title }) => title);
  const rows = table.rows.map((row) =>
    row.map((value, i) => cellText(value, table.columns[i]?.format)),
  );
  const widths = head.map((title, i) => {
    const letters = Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0));
    return Math.ceil(letters * LETTER_PX) + 2 * PAD_PX;
  });
  const width = widths.reduce((sum, one) => sum + one, 0);
  const height = (rows.length + 1) * ROW_PX + PAD_PX;
  const text = (value: string, column: number, row: number, more = {}) => {
    const left = widths.slice(0, column).reduce((sum, one) => sum + one, PAD_PX);
    const words = isWords(table, column);
    const x = words ? left : left + (widths[column] ?? 0) - 2 * PAD_PX;
    const place = { x, y: (row + 1) * ROW_PX - 5, 'text-anchor': words ? 'start' : 'end' };
    return element('text', { ...place, fill: 'var(--text)', ...FONT, ...more }, value);
  };
  const rule = (y: number) =>
    element('line', { x1: 0, x2: width, y1: y, y2: y, stroke: 'var(--text)', 'stroke-width': 1 });
  const svg = element('svg', { width, height, viewBox: `0 0 ${width} ${height}` });
  svg.append(
    ...[0.5, ROW_PX + 0.5, (rows.length + 1) * ROW_PX + 0.5].map(rule),
    ...head.map((title, i) => text(title, i, 0, { 'font-weight': 600 })),
    ...rows.flatMap((row, r) => row.map((value, i) => text(value, i, r + 1))),
  );
  if (svg instanceof SVGSVGElement) return svg;
  throw new TypeError('this browser draws no SVG');
}
