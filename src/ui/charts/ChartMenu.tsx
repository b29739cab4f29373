import { DropdownMenu } from 'radix-ui';
import type { RefObject } from 'react';
import { saveFile } from '../files.ts';
import { DownloadIcon } from '../shell/icons.tsx';
import { useLab } from '../useLab.tsx';
import { chartPng, chartSvg, seriesCsv } from './exporters.ts';
import type { Series, Steps } from './series.ts';

interface ChartMenuProps {
  name: string;
  title: string;
  series: readonly Series[];
  steps: Steps;
  frame: RefObject<HTMLDivElement | null>;
}

/** Exports of one chart: all steps as CSV, the picture as SVG or PNG. */
export function ChartMenu({ name, title, series, steps, frame }: ChartMenuProps) {
  const { view } = useLab();

  async function savePicture(format: 'svg' | 'png'): Promise<void> {
    const svg = frame.current?.querySelector('svg');
    if (!svg) return;
    try {
      const text = chartSvg(svg, title, series);
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
            onSelect={() => saveFile(`${name}.csv`, seriesCsv(series, steps), 'text/csv')}
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
}
