import { memo, type RefObject } from 'react';
import { saveFile } from '../files.ts';
import { DownloadIcon } from '../shell/icons.tsx';
import { Menu, type MenuRow } from '../shell/Menu.tsx';
import { useLab } from '../useLab.tsx';
import { chartPng, chartSvg, seriesCsv } from './exporters.ts';
import type { Series } from './series.ts';

interface ChartMenuProps {
  name: string;
  title: string;
  lines: () => readonly Series[];
  frame: RefObject<HTMLDivElement | null>;
}

/** Exports of one chart: all steps as CSV, the picture as SVG or PNG. */
export const ChartMenu = memo(function ChartMenu(props: ChartMenuProps) {
  const { name, title, lines, frame } = props;
  const { view } = useLab();

  async function savePicture(format: 'svg' | 'png'): Promise<void> {
    const svg = frame.current?.querySelector('svg');
    if (!svg) return;
    try {
      const text = chartSvg(svg, title, lines());
      if (format === 'svg') saveFile(`${name}.svg`, text, 'image/svg+xml');
      else
        saveFile(
          `${name}.png`,
          await chartPng(text, svg.clientWidth, svg.clientHeight),
          'image/png',
        );
    } catch (error) {
      view.getState().say(`The picture could not be made: ${String(error)}`);
    }
  }

  const rows = (): MenuRow[] => [
    {
      label: 'CSV, every step',
      onSelect: () => saveFile(`${name}.csv`, seriesCsv(lines()), 'text/csv'),
    },
    { label: 'SVG', onSelect: () => void savePicture('svg') },
    { label: 'PNG, 3×', onSelect: () => void savePicture('png') },
  ];
  return (
    <Menu className="btn quiet icon small" label={`Export ${title}`} rows={rows}>
      <DownloadIcon />
    </Menu>
  );
});
