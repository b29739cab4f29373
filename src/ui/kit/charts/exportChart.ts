/** Files of a chart; loaded with the first of them. */
import { saveFile } from '../files.ts';
import { onPaper, picturePng } from '../picture.ts';
import { Budget, DRAWN_AT_ONCE } from './budget.ts';
import { chartSvg, type Mark, seriesCsv } from './exporters.ts';
import type { Series } from './series.ts';

/** A chart to be exported. */
export interface ExportedChart {
  /** Name of the file, without its ending. */
  name: string;
  title: string;
  lines: (budget: Budget) => readonly Series[];
  /** What happened to the run, for the picture. */
  happened?: () => readonly Mark[];
  svg: SVGSVGElement | null;
}

/** Lets what else is waiting have its turn. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** The lines with all of their values, worked out in small tasks. */
async function wholeLines(lines: ExportedChart['lines']): Promise<readonly Series[]> {
  for (;;) {
    const budget = new Budget(DRAWN_AT_ONCE);
    const series = lines(budget);
    if (!budget.isShort) return series;
    await nextTask();
  }
}

/** A table as a file, written in small tasks. */
async function tableOf(series: readonly Series[]): Promise<Blob> {
  const pieces: string[] = [];
  for (const piece of seriesCsv(series)) {
    pieces.push(piece);
    await nextTask();
  }
  return new Blob(pieces, { type: 'text/csv' });
}

/** Gives the person all values of a chart, or its picture. */
export async function exportChart(
  { name, title, lines, happened, svg }: ExportedChart,
  format: 'csv' | 'svg' | 'png',
): Promise<void> {
  const series = await wholeLines(lines);
  if (format === 'csv') saveFile(`${name}.csv`, await tableOf(series), 'text/csv');
  if (format === 'csv' || svg === null) return;
  const picture = await onPaper(() => chartSvg(svg, title, series, happened?.()));
  if (format === 'svg') saveFile(`${name}.svg`, picture.svg, 'image/svg+xml');
  else saveFile(`${name}.png`, await picturePng(picture), 'image/png');
}
