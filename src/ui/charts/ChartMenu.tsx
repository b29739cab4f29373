import { DropdownMenu } from 'radix-ui';
import { memo, type RefObject } from 'react';
import { saveFile } from '../files.ts';
import { DownloadIcon } from '../shell/icons.tsx';
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

  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="btn quiet icon small" aria-label={`Export ${title}`}>
        <DownloadIcon />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          <DropdownMenu.Item
            className="menu-item"
            onSelect={() => saveFile(`${name}.csv`, seriesCsv(lines()), 'text/csv')}
          >
            CSV, every step
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={() => void savePicture('svg')}>
            SVG
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={() => void savePicture('png')}>
            PNG, 3×
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
});
