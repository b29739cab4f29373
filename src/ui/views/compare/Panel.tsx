import { useDeferredValue, useId, useMemo } from 'react';
import { type Column, columnsOf, FIRST_COLUMNS } from '../../../analysis/compare/columns.ts';
import { METRIC_ROWS } from '../../../analysis/compare/metrics.ts';
import { X_UNIT_ROWS } from '../../../analysis/compare/places.ts';
import { differingPaths, OWN_SETTINGS } from '../../../analysis/compare/settings.ts';
import { isDiffering, tableCsv } from '../../../analysis/compare/table.ts';
import { counted } from '../../../config/plural.ts';
import { settingAt } from '../../../config/schema.ts';
import type { RunRow } from '../../../runs/record.ts';
import { LogAxes, ResetZoom, Smoothing } from '../../kit/charts/ChartTools.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { saveFile } from '../../kit/files.ts';
import { DownloadIcon } from '../../kit/icons.tsx';
import { Menu } from '../../kit/Menu.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useLab, useView } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { labelOfUnit, useCompareAxis } from './axis.ts';
import { ColumnPicker } from './ColumnPicker.tsx';
import { CompareChart } from './CompareChart.tsx';
import { CompareTable } from './CompareTable.tsx';
import { type Compared, MAX_CHARTS } from './compared.ts';
import { JsonBeside } from './JsonBeside.tsx';
import { useComparedRuns, useTableRows } from './useCompared.ts';
import './compare.css';

/** Columns that are asked for, or those that one begins with and every setting that differs. */
function useColumns(rows: readonly RunRow[], chosen: readonly string[] | null): Column[] {
  return useMemo(
    () => columnsOf(chosen ?? [...differingPaths(rows), ...FIRST_COLUMNS]),
    [rows, chosen],
  );
}

interface ToolsProps {
  value: Compared;
  set: (part: Partial<Compared>) => void;
  columns: readonly Column[];
  /** Paths of the settings in which runs differ. */
  differing: readonly string[];
  save: () => void;
}

function TableTools({ value, set, columns, differing, save }: ToolsProps) {
  const id = useId();
  return (
    <div className="compare-tools">
      <ColumnPicker shown={columns.map(({ id }) => id)} set={(columns) => set({ columns })} />
      <button
        type="button"
        className="btn quiet small"
        aria-pressed={value.onlyDifferent}
        title="Leaves out columns in which all rows are alike"
        onClick={() => set({ onlyDifferent: !value.onlyDifferent })}
      >
        Differences only
      </button>
      <button
        type="button"
        className="btn quiet small"
        aria-pressed={value.isFolded}
        title="Runs that differ in nothing but their seeds become one row, and one line with its deviation"
        onClick={() => set({ isFolded: !value.isFolded })}
      >
        Fold seeds
      </button>
      <label htmlFor={id}>
        Group by{' '}
        <select
          id={id}
          className="select compact"
          value={value.group}
          onChange={(event) => set({ group: event.target.value })}
        >
          <option value="">nothing</option>
          <optgroup label="Settings that differ">
            {differing.map((path) => (
              <option key={path} value={path}>
                {settingAt(path)?.label ?? path}
              </option>
            ))}
          </optgroup>
          <optgroup label="All others">
            {OWN_SETTINGS.filter(({ path }) => !differing.includes(path)).map(({ path, label }) => (
              <option key={path} value={path}>
                {label}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <button
        type="button"
        className="btn quiet icon small"
        aria-label="Export the comparison as CSV"
        title="All columns shown, values in full"
        onClick={save}
      >
        <DownloadIcon />
      </button>
      <button
        type="button"
        className="btn quiet small"
        aria-pressed={value.hasJson}
        onClick={() => set({ hasJson: !value.hasJson })}
      >
        JSON
      </button>
    </div>
  );
}

function ChartTools({ value, set, left }: Pick<ToolsProps, 'value' | 'set'> & { left: number }) {
  const { view } = useLab();
  const scrub = useView((s) => s.scrub);
  const id = useId();
  const look = view.getState().set;
  const toggle = (metric: string) =>
    set({
      metrics: value.metrics.includes(metric)
        ? value.metrics.filter((one) => one !== metric)
        : [...value.metrics, metric].slice(0, MAX_CHARTS),
    });
  return (
    <div className="compare-tools">
      <label htmlFor={id}>
        x:{' '}
        <select
          id={id}
          className="select compact"
          value={value.x}
          title={X_UNIT_ROWS.find((row) => row.id === value.x)?.help}
          onChange={(event) => {
            const x = X_UNIT_ROWS.find((row) => row.id === event.target.value)?.id;
            // A place of one axis is none of another.
            if (x !== undefined) look({ zoom: null, scrub: null, hover: null });
            if (x !== undefined) set({ x });
          }}
        >
          {X_UNIT_ROWS.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <Smoothing />
      <LogAxes />
      <Menu
        className="btn quiet small"
        label="Charts of the comparison"
        align="start"
        rows={() =>
          METRIC_ROWS.map((metric) => ({
            label: `${value.metrics.includes(metric.id) ? '✓' : '  '} ${metric.label}`,
            onSelect: () => toggle(metric.id),
          }))
        }
      >
        Charts…
      </Menu>
      <ResetZoom />
      {scrub !== null && (
        <button
          type="button"
          className="btn quiet small"
          title="Columns “at the step” read the last step again"
          onClick={() => look({ scrub: null })}
        >
          Unpin
        </button>
      )}
      {left > 0 && (
        <span className="muted" role="status">
          {counted(left, 'run')} without known {labelOfUnit(value.x)} {left === 1 ? 'is' : 'are'}{' '}
          left out of the charts
        </span>
      )}
    </div>
  );
}

export const about: Explanation = {
  label: 'Comparison',
  meaning:
    'The runs that are chosen in the library, or all of them, in one table and in the same charts. A run has one colour and dash everywhere, and is lit everywhere when it is pointed at. Runs that differ in their seeds alone can be folded into their mean and one standard deviation of the sample.',
};

/** The chosen runs beside each other: a table, charts, and their experiments. */
export default function ComparePanel({ value, set }: ViewProps<Compared>) {
  const shown = useDeferredValue(value);
  const needsRouting =
    value.x === 'realised' ||
    columnsOf(value.columns ?? []).some(({ needs }) => needs === 'routing');
  const runs = useComparedRuns(needsRouting);
  const runRows = useMemo(() => runs.map(({ row }) => row), [runs]);
  const rows = useTableRows(runs, shown.isFolded);
  const x = useCompareAxis(runs, shown.x);
  const chosen = useColumns(runRows, shown.columns);
  const columns = useMemo(
    () =>
      shown.onlyDifferent ? chosen.filter((column) => isDiffering(rows, column, x.stepOf)) : chosen,
    [chosen, rows, x.stepOf, shown.onlyDifferent],
  );
  const differing = useMemo(() => differingPaths(runRows), [runRows]);
  const metrics = METRIC_ROWS.filter(({ id }) => shown.metrics.includes(id));
  return (
    <PanelFrame className="compare" sub={counted(runs.length, 'run')}>
      {runs.length === 0 ? (
        <p className="empty">
          Runs are compared here: train some, or add curves of other programs to the library.
        </p>
      ) : (
        <>
          <TableTools
            value={value}
            set={set}
            columns={chosen}
            differing={differing}
            save={() =>
              saveFile('switchyard-comparison.csv', tableCsv(rows, columns, x.stepOf), 'text/csv')
            }
          />
          <CompareTable rows={rows} columns={columns} stepOf={x.stepOf} value={shown} set={set} />
          {value.hasJson && <JsonBeside runs={runs} value={shown} />}
          <ChartTools value={value} set={set} left={x.left} />
          <div className="compare-charts">
            {metrics.map(({ id }, i) => (
              <CompareChart
                key={id}
                metric={id}
                rows={rows}
                unit={shown.x}
                x={x}
                height={i === 0 && metrics.length % 2 === 1 ? 320 : 260}
                isFirst={i === 0 && metrics.length % 2 === 1}
              />
            ))}
          </div>
        </>
      )}
    </PanelFrame>
  );
}
