import { useRef, useState } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { type Series, stepAt } from '../charts/series.ts';
import { useLiveVersion } from '../useLive.ts';
import { TableBehind } from './TableBehind.tsx';
import type { FigureCell, FigureTable } from './table.ts';
import './figure.css';

/** All values of lines by their steps, the latest first. */
export function linesTable(series: readonly Series[], format: FigureFormat): FigureTable {
  const rows = new Map<number, FigureCell[]>();
  for (const [c, line] of series.entries()) {
    for (let i = 0; i < line.values.length; i++) {
      const step = stepAt(line, i);
      const row = rows.get(step) ?? [step, ...series.map(() => null)];
      row[c + 1] = line.values[i]!;
      rows.set(step, row);
    }
  }
  return {
    columns: [
      { title: 'step', format: 'count' },
      ...series.map(({ label }) => ({ title: label, format })),
    ],
    rows: [...rows].sort(([a], [b]) => b - a).map(([, row]) => row),
  };
}

function Opened({ title, lines, format }: Omit<LinesTableProps, 'isOpen'>) {
  const box = useRef<HTMLDivElement>(null);
  useLiveVersion(box);
  return (
    <div ref={box}>
      <TableBehind title={title} table={() => linesTable(lines(), format)} />
    </div>
  );
}

interface LinesTableProps {
  title: string;
  lines: () => readonly Series[];
  format: FigureFormat;
}

/** The numbers behind a chart over steps, made once a person opens them. */
export function LinesTable(props: LinesTableProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      className="figure-details"
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary aria-label={`Table of ${props.title}`}>Table</summary>
      {isOpen && <Opened {...props} />}
    </details>
  );
}
