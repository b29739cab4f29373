import { memo, type SyntheticEvent, useMemo, useRef } from 'react';
import type { Column } from '../../../analysis/compare/columns.ts';
import { groupedBy } from '../../../analysis/compare/settings.ts';
import {
  bestOf,
  cellOf,
  type StepOf,
  sortedRows,
  type TableRow,
} from '../../../analysis/compare/table.ts';
import { settingAt } from '../../../config/schema.ts';
import { RunSwatch } from '../../kit/RunSwatch.tsx';
import { useLab, useLibrary } from '../../kit/useLab.tsx';
import { useRowWindow } from '../../kit/useWindow.ts';
import { cellText, describeSetting, isNumeric, noteOf, settingText } from './cells.ts';
import type { Compared } from './compared.ts';
import { keyOfRow, nameOfRow } from './useCompared.ts';

/** Height of a row, as the style sheet has it. */
const TABLE_ROW_PX = 30;

interface CompareTableProps {
  rows: readonly TableRow[];
  columns: readonly Column[];
  stepOf: StepOf;
  value: Compared;
  set: (part: Partial<Compared>) => void;
}

/** A line of the table: a row, or the head of a group. */
type Entry = { row: TableRow } | { group: string; count: number };

/** Rows in their order, under the heads of their groups where they are grouped. */
function entriesOf(
  rows: readonly TableRow[],
  { order, isDescending, group }: Compared,
  columns: readonly Column[],
  stepOf: StepOf,
): Entry[] {
  const column = columns.find(({ id }) => id === order);
  const sort = (some: readonly TableRow[]) =>
    order === 'name'
      ? byName(some, isDescending)
      : column === undefined
        ? some
        : sortedRows(some, column, isDescending, stepOf);
  const setting = settingAt(group);
  if (setting === undefined) return sort(rows).map((row) => ({ row }));
  const whole = rows.map((row) => ({ row: row.runs[0].row, whole: row }));
  return groupedBy(whole, group).flatMap(({ value, runs }) => {
    const [first] = runs;
    const { experiment } = first?.row ?? {};
    const text = experiment ? describeSetting(setting, experiment) : 'curves of other programs';
    const head = value === null ? text : `${setting.label} ${text}`;
    const own = sort(runs.map(({ whole }) => whole));
    return [{ group: head, count: runs.length }, ...own.map((row) => ({ row }))];
  });
}

function byName(rows: readonly TableRow[], isDescending: boolean): TableRow[] {
  const way = isDescending ? -1 : 1;
  return [...rows].sort(
    (a, b) => way * nameOfRow(a).localeCompare(nameOfRow(b), 'en', { numeric: true }),
  );
}

/** A row's cells; drawn anew only when its runs, the columns or the step change. */
const Row = memo(function Row({
  row,
  columns,
  stepOf,
  best,
  index,
}: {
  row: TableRow;
  columns: readonly Column[];
  stepOf: StepOf;
  /** Ids of the columns in which this row is the best, with spaces between. */
  best: string;
  index: number;
}) {
  const { library } = useLab();
  const isLit = useLibrary((s) => row.runs.some(({ row: { id } }) => s.lit.has(id)));
  const name = nameOfRow(row);
  const ids = row.runs.map(({ row: { id } }) => id);
  const bests = best.split(' ');
  return (
    <tr
      className={isLit ? 'lit' : undefined}
      aria-rowindex={index}
      data-runs={ids.join(' ')}
      onFocus={() => library.getState().light(ids)}
    >
      <th scope="row">
        <span className="compare-name">
          <RunSwatch place={row.runs[0].row.color} />
          <span title={row.runs.map(({ row }) => row.name).join('\n')}>{name}</span>
          {row.runs.length > 1 && (
            <span className="tag num" title={row.runs.map(({ row }) => row.name).join(', ')}>
              n = {row.runs.length}
            </span>
          )}
        </span>
      </th>
      {columns.map((column) => {
        const cell = cellOf(column, row, stepOf);
        const text = settingText(column, row) ?? cellText(column, cell, row.runs.length);
        const isBest = bests.includes(column.id);
        return (
          <td
            key={column.id}
            className={
              [isNumeric(column) && 'num', isBest && 'compare-best'].filter(Boolean).join(' ') ||
              undefined
            }
            title={isBest ? 'the lowest' : undefined}
          >
            {text}
            {cell.value !== null && noteOf(column, row)}
            {isBest && <span className="visually-hidden">, the lowest</span>}
          </td>
        );
      })}
    </tr>
  );
});

function HeadCell({
  id,
  label,
  help,
  isRight = false,
  value,
  set,
}: { id: string; label: string; help: string; isRight?: boolean } & Pick<
  CompareTableProps,
  'value' | 'set'
>) {
  const isOrder = value.order === id;
  const isDescending = isOrder && value.isDescending;
  return (
    <th
      scope="col"
      className={id === 'name' ? 'compare-corner' : isRight ? 'num' : undefined}
      aria-sort={isOrder ? (isDescending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        className="compare-sort"
        title={help}
        onClick={() => set({ order: id, isDescending: isOrder ? !value.isDescending : false })}
      >
        {label}
        <span aria-hidden="true">{isOrder ? (isDescending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

function runsAt(event: SyntheticEvent): string[] {
  const { target } = event;
  if (!(target instanceof Element)) return [];
  const runs = target.closest<HTMLElement>('[data-runs]')?.dataset.runs;
  return runs === undefined ? [] : runs.split(' ');
}

/** The compared runs as a table, of which those rows are drawn that its box shows. */
export function CompareTable({ rows, columns, stepOf, value, set }: CompareTableProps) {
  const { library } = useLab();
  const box = useRef<HTMLElement>(null);
  const { order, isDescending, group } = value;
  const entries = useMemo(
    () => entriesOf(rows, { ...value, order, isDescending, group }, columns, stepOf),
    [rows, value, order, isDescending, group, columns, stepOf],
  );
  const bests = useMemo(() => {
    const found = new Map<TableRow, string>();
    for (const column of columns) {
      const best = bestOf(rows, column, stepOf);
      if (best !== null) found.set(best, `${found.get(best) ?? ''} ${column.id}`);
    }
    return found;
  }, [rows, columns, stepOf]);
  const { first, end, above, below } = useRowWindow(box, entries.length, TABLE_ROW_PX);
  const light = (ids: readonly string[]) => library.getState().light(ids);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="compare-box" ref={box} aria-label="Compared runs" tabIndex={0}>
      <table
        className="data compare-table"
        aria-rowcount={entries.length + 1}
        onPointerOver={(event) => light(runsAt(event))}
        onPointerLeave={() => light([])}
      >
        <thead>
          <tr aria-rowindex={1}>
            <HeadCell id="name" label="Run" help="Its name" value={value} set={set} />
            {columns.map((column) => (
              <HeadCell
                key={column.id}
                {...column}
                {...{ value, set }}
                isRight={isNumeric(column)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr className="compare-gap" style={{ height: above }} />}
          {entries.slice(first, end).map((entry, i) =>
            'row' in entry ? (
              <Row
                key={keyOfRow(entry.row)}
                row={entry.row}
                columns={columns}
                stepOf={stepOf}
                best={bests.get(entry.row) ?? ''}
                index={first + i + 2}
              />
            ) : (
              <tr key={entry.group} className="compare-group" aria-rowindex={first + i + 2}>
                <th scope="rowgroup" colSpan={columns.length + 1}>
                  {entry.group} <span className="muted num">{entry.count}</span>
                </th>
              </tr>
            ),
          )}
          {below > 0 && <tr className="compare-gap" style={{ height: below }} />}
        </tbody>
      </table>
    </section>
  );
}
