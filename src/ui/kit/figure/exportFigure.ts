/** Files of a figure; loaded with the first of them. */
import type { Experiment } from '../../../config/experiment.ts';
import { encodeSealed } from '../../../config/permalink.ts';
import type { Lab } from '../../../state/lab.ts';
import { encodeView } from '../../../state/viewLink.ts';
import { addressWith } from '../address.ts';
import { saveFile } from '../files.ts';
import {
  colorsOf,
  element,
  FONT,
  LETTER_PX,
  onPaper,
  type Picture,
  pictureOf,
  picturePng,
} from '../picture.ts';
import { captionText, type FigureLink, wrapped } from './caption.ts';
import { tableLatex } from './latex.ts';
import { type FigureTable, tableCsv } from './table.ts';
import { tableDrawing } from './tableDrawing.ts';

/** An experiment that a figure shows, with its run's name. */
export interface FigureRun {
  name: string;
  experiment: Experiment;
}

export interface ExportedFigure {
  /** Name of the file, without its ending. */
  name: string;
  title: string;
  caption: () => string;
  table: () => FigureTable;
  runs: readonly FigureRun[];
  /** Null where its table is all that there is. */
  svg: SVGSVGElement | null;
}

export type FigureExport = 'svg' | 'png' | 'csv' | 'latex' | 'caption' | 'copy';

/** Links that open each run's experiment with what is shown now. */
function linksOf({ runs }: ExportedFigure, { view }: Lab): FigureLink[] {
  const shown = view.getState();
  return runs.map(({ name, experiment }) => ({
    name: runs.length === 1 ? '' : name,
    href: addressWith(encodeSealed(experiment, encodeView(shown, shown.fields))),
  }));
}

const LINE_PX = 15;

function sizeOf(svg: SVGSVGElement): Readonly<Record<'width' | 'height', number>> {
  const of = (name: 'width' | 'height') => Number(svg.getAttribute(name));
  return { width: of('width'), height: of('height') };
}

/** The drawing as a picture; with a caption, title above and caption below it. */
export function figurePicture(svg: SVGSVGElement, title: string, caption: string | null): Picture {
  const size = sizeOf(svg);
  if (caption === null) return pictureOf(svg, title, size, { marks: [], above: 0, below: 0 });
  const color = colorsOf(svg);
  const letters = Math.max(20, Math.floor((size.width - 16) / LETTER_PX));
  const text = (line: string, y: number, fill: string, more = {}) =>
    element('text', { x: 8, y, fill: color(fill), ...FONT, ...more }, line);
  const head = wrapped(title, letters).map((line, i, { length }) =>
    text(line, (i + 1 - length) * LINE_PX - 10, 'var(--text)', { 'font-weight': 600 }),
  );
  const lines = wrapped(caption, letters);
  const foot = lines.map((line, i) =>
    text(line, size.height + (i + 1) * LINE_PX + 4, 'var(--text-2)'),
  );
  return pictureOf(svg, title, size, {
    marks: [...head, ...foot],
    above: head.length * LINE_PX + 14,
    below: lines.length * LINE_PX + 14,
  });
}

async function savePicture(
  { name, title, caption }: ExportedFigure,
  svg: SVGSVGElement,
  form: 'svg' | 'png',
  isWhole: boolean,
): Promise<void> {
  const picture = await onPaper(() => figurePicture(svg, title, isWhole ? caption() : null));
  if (form === 'svg') return saveFile(`${name}.svg`, picture.svg, 'image/svg+xml');
  saveFile(`${name}.png`, await picturePng(picture), 'image/png');
}

/**
 * Gives the person a figure in some form.
 * @param isWhole whether a picture has title and caption in it
 * @throws Error where the browser draws or copies nothing
 */
export async function exportFigure(
  figure: ExportedFigure,
  lab: Lab,
  form: FigureExport,
  isWhole = false,
): Promise<void> {
  const { name, title, svg } = figure;
  if (form === 'csv') return saveFile(`${name}.csv`, tableCsv(figure.table()), 'text/csv');
  if (form === 'latex') return saveFile(`${name}.tex`, tableLatex(figure.table()), 'text/plain');
  if (form === 'caption' || form === 'copy') {
    const text = captionText(title, figure.caption(), linksOf(figure, lab));
    if (form === 'caption') return saveFile(`${name}.txt`, `${text}\n`, 'text/plain');
    await navigator.clipboard.writeText(text);
    return lab.view.getState().say('Caption copied.');
  }
  if (svg !== null) return savePicture(figure, svg, form, isWhole);
  const drawn = tableDrawing(figure.table());
  // Styles are known of what stands in the page only.
  document.body.append(drawn);
  try {
    await savePicture(figure, drawn, form, isWhole);
  } finally {
    drawn.remove();
  }
}
