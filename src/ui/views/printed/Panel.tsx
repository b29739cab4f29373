import { useMemo } from 'react';
import { PAPER_NAMES } from '../../../analysis/papers/printed.ts';
import { PAPERS } from '../../../analysis/papers.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Points } from '../../kit/figure/Points.tsx';
import { PrintedData } from '../../kit/figure/PrintedData.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import { pointSeries, pointsTable, printedPoints } from './equalres.ts';
import type { PrintedFields } from './fields.ts';
import './printed.css';

type Props = Pick<ViewProps<PrintedFields>, 'value' | 'set'>;

/** EqualRes's own points, in a figure of their own. */
function EqualRes({ value: { size, against }, set }: Props) {
  const points = useMemo(() => printedPoints({ size, against }), [size, against]);
  const { series, across } = useMemo(() => pointSeries(points, against), [points, against]);
  const isRate = against === 'ra';
  const best = points.reduce((least, point) => (point.bpc < least.bpc ? point : least));
  return (
    <FigureFrame
      name={`switchyard-printed-equalres-${size}-${against}`}
      title={`EqualRes’s own points, ${size}`}
      tools={
        <>
          <Picker
            label="Size of the models"
            value={size}
            options={{ '2B': '2B', '3B': '3B', '7B': '7B' }}
            choose={(size) => set({ size })}
          />
          <Picker
            label="Against"
            value={against}
            options={{ ra: 'against ra', C: 'against C' }}
            choose={(against) => set({ against })}
          />
        </>
      }
      caption={() =>
        `Bits per character of EqualRes’s ${size} models as printed, against ${isRate ? 'activation rate' : 'training compute'}; lowest ${best.bpc} (${best.series}, ${best.table}).`
      }
      table={() => pointsTable(points)}
      runs={[]}
    >
      <Points
        series={series}
        across={across}
        x={
          isRate
            ? { label: 'activation rate ra', format: 'percent' }
            : { label: 'training compute C, FLOPs', format: 'units' }
        }
        y={{ label: 'bits per character', format: 'bits' }}
      />
    </FigureFrame>
  );
}

export const about: Explanation = {
  label: 'Printed by the papers',
  meaning:
    'The papers’ own tables as reference data, each cell with the digits that are printed; and EqualRes’s own points as a figure.',
  source: 'MoDSE, MoE++, TC-MoE, EqualRes, LaDiMo',
};

/** The papers' own tables, to be looked through and taken along. */
export default function PrintedPanel({ value, set }: ViewProps<PrintedFields>) {
  const { paper, table } = value;
  const { title = '', tables = [] } = PAPERS.find(({ id }) => id === paper) ?? {};
  const shown = tables[Math.min(table, tables.length - 1)];
  return (
    <PanelFrame
      className="printed"
      sub={title}
      tools={
        <Picker
          label="Paper"
          value={paper}
          options={PAPER_NAMES}
          choose={(paper) => set({ paper, table: 0 })}
        />
      }
    >
      <ul className="printed-tables">
        {tables.map((one, i) => (
          <li key={one.where}>
            <button
              type="button"
              className="link-btn"
              aria-pressed={one === shown}
              onClick={() => set({ table: i })}
            >
              {one.where}
            </button>{' '}
            {one.holds}
          </li>
        ))}
      </ul>
      {shown !== undefined && <PrintedData of={shown} />}
      {paper === 'equalres' && <EqualRes value={value} set={set} />}
    </PanelFrame>
  );
}
