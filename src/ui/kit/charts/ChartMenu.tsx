import { memo, type RefObject } from 'react';
import { saveFile } from '../files.ts';
import { DownloadIcon } from '../icons.tsx';
import { Menu } from '../Menu.tsx';
import type { MenuRow } from '../menuRows.ts';
import { useLab } from '../useLab.tsx';
import { Budget, DRAWN_AT_ONCE } from './budget.ts';
import { chartPng, chartSvg, seriesCsv } from './exporters.ts';
import type { Series } from './series.ts';

interface ChartMenuProps {
  name: string;
  title: string;
  lines: (budget: Budget) => readonly Series[];
  frame: RefObject<HTMLDivElement | null>;
}

/** Lets what else is waiting have its turn. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** The lines with all of their values, worked out in small tasks. */
async function wholeLines(lines: ChartMenuProps['lines']): Promise<readonly Series[]> {
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

/** Exports of one chart: all steps as CSV, the picture as SVG or PNG. */
export const ChartMenu = memo(function ChartMenu(props: ChartMenuProps) {
  const { name, title, lines, frame } = props;
  const { view } = useLab();

  async function saveTable(): Promise<void> {
    saveFile(`${name}.csv`, await tableOf(await wholeLines(lines)), 'text/csv');
  }

  async function savePicture(format: 'svg' | 'png'): Promise<void> {
    const svg = frame.current?.querySelector('svg');
    if (!svg) return;
    const picture = chartSvg(svg, title, await wholeLines(lines));
    if (format === 'svg') saveFile(`${name}.svg`, picture.svg, 'image/svg+xml');
    else saveFile(`${name}.png`, await chartPng(picture), 'image/png');
  }

  const attempt = (save: Promise<void>) => {
    save.catch((error: unknown) => {
      view.getState().say(`The chart could not be exported: ${String(error)}`);
    });
  };

  const rows = (): MenuRow[] => [
    { label: 'CSV, every step', onSelect: () => attempt(saveTable()) },
    { label: 'SVG', onSelect: () => attempt(savePicture('svg')) },
    { label: 'PNG, 3×', onSelect: () => attempt(savePicture('png')) },
  ];
  return (
    <Menu className="btn quiet icon small" label={`Export ${title}`} rows={rows}>
      <DownloadIcon />
    </Menu>
  );
});
