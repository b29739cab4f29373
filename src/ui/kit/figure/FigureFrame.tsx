import { type ReactNode, useContext, useId, useMemo, useRef, useState } from 'react';
import { DownloadIcon } from '../icons.tsx';
import { Menu } from '../Menu.tsx';
import type { MenuRow } from '../menuRows.ts';
import { PlaceContext } from '../place.ts';
import { useLab } from '../useLab.tsx';
import { FigureContext, LevelContext } from './context.ts';
import type { ExportedFigure, FigureExport, FigureRun } from './exportFigure.ts';
import { TableBehind } from './TableBehind.tsx';
import type { FigureTable } from './table.ts';
import './figure.css';

interface FigureFrameProps {
  /** Name of its files, without their ending. */
  name: string;
  title: string;
  /** What the figure says, with its numbers; the links of its runs are added. */
  caption: () => string;
  table: () => FigureTable;
  /** Beside the heading: pickers and buttons. */
  tools?: ReactNode;
  /** The runs that it shows; the one of the place around when absent. */
  runs?: readonly FigureRun[];
  /** The drawing: a component of this folder, or any SVG of class `figure-drawing`. */
  children: ReactNode;
}

/** A figure: its heading, the drawing, the table behind it, and what it is exported as. */
export function FigureFrame(props: FigureFrameProps) {
  const { name, title, caption, table, tools, runs, children } = props;
  const lab = useLab();
  const place = useContext(PlaceContext);
  const drawing = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const Heading = useContext(LevelContext);

  async function save(form: FigureExport, isWhole = false): Promise<void> {
    const { head } = place?.source ?? lab.source;
    const figure: ExportedFigure = {
      ...{ name, title, caption, table },
      runs: runs ?? [{ name: '', experiment: head.experiment }],
      svg: drawing.current?.querySelector<SVGSVGElement>('svg.figure-drawing') ?? null,
    };
    try {
      const { exportFigure } = await import('./exportFigure.ts');
      await exportFigure(figure, lab, form, isWhole);
    } catch (error) {
      lab.view.getState().say(`The figure could not be exported: ${String(error)}`);
    }
  }

  const rows = (): MenuRow[] => [
    { label: 'SVG', onSelect: () => void save('svg') },
    { label: 'SVG with title and caption', onSelect: () => void save('svg', true) },
    { label: 'PNG, 3×', onSelect: () => void save('png') },
    { label: 'PNG, 3×, with title and caption', onSelect: () => void save('png', true) },
    { label: 'CSV, all digits', onSelect: () => void save('csv') },
    { label: 'LaTeX table', onSelect: () => void save('latex') },
    'line',
    { label: 'Caption', onSelect: () => void save('caption') },
    { label: 'Copy caption', onSelect: () => void save('copy') },
  ];
  return (
    <figure className="figure" aria-labelledby={id}>
      <div className="figure-head">
        <Heading id={id}>{title}</Heading>
        <div className="figure-tools">
          {tools}
          <Menu className="btn quiet icon small" label={`Export ${title}`} rows={rows}>
            <DownloadIcon />
          </Menu>
        </div>
      </div>
      <div ref={drawing} className="figure-body">
        <FigureContext value={useMemo(() => ({ title }), [title])}>{children}</FigureContext>
      </div>
      <details
        className="figure-details"
        onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      >
        <summary aria-label={`Table of ${title}`}>Table</summary>
        {isOpen && <TableBehind title={title} table={table} />}
      </details>
    </figure>
  );
}
