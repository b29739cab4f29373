import { memo, type RefObject } from 'react';
import { DownloadIcon } from '../icons.tsx';
import { Menu } from '../Menu.tsx';
import type { MenuRow } from '../menuRows.ts';
import { useLab } from '../useLab.tsx';
import type { ExportedChart } from './exportChart.ts';

interface ChartMenuProps extends Omit<ExportedChart, 'svg'> {
  frame: RefObject<HTMLDivElement | null>;
  /** Called around an export: the picture needs all lines in the frame's SVG. */
  whole?: (isWhole: boolean) => void;
}

/** Exports of one chart: all steps as CSV, the picture as SVG or PNG. */
export const ChartMenu = memo(function ChartMenu({ frame, whole, ...chart }: ChartMenuProps) {
  const { view } = useLab();

  async function save(format: 'csv' | 'svg' | 'png'): Promise<void> {
    whole?.(true);
    const svg = frame.current?.querySelector('svg') ?? null;
    try {
      const { exportChart } = await import('./exportChart.ts');
      await exportChart({ ...chart, svg }, format);
    } catch (error) {
      view.getState().say(`The chart could not be exported: ${String(error)}`);
    } finally {
      whole?.(false);
    }
  }

  const rows = (): MenuRow[] => [
    { label: 'CSV, every step', onSelect: () => void save('csv') },
    { label: 'SVG', onSelect: () => void save('svg') },
    { label: 'PNG, 3×', onSelect: () => void save('png') },
  ];
  return (
    <Menu className="btn quiet icon small" label={`Export ${chart.title}`} rows={rows}>
      <DownloadIcon />
    </Menu>
  );
});
