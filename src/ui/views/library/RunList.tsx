import { type KeyboardEvent, type SyntheticEvent, useRef } from 'react';
import type { RunRow } from '../../../runs/record.ts';
import { useLab, useLibrary } from '../../kit/useLab.tsx';
import { useRowWindow } from '../../kit/useWindow.ts';
import { LIST_COLUMNS, type ListColumn } from './listed.ts';
import { type Listed, orderedBy } from './orders.ts';
import { type RowCommands, RunListRow } from './RunListRow.tsx';

/** Height of a row, as the style sheet has it. */
const ROW_PX = 54;

interface RunListProps {
  rows: readonly RunRow[];
  listed: Listed;
  set: (part: Partial<Listed>) => void;
  openId: string | null;
  commands: RowCommands;
}

function HeadCell({
  column: { id, label, title, isNumber },
  listed,
  set,
}: { column: ListColumn } & Pick<RunListProps, 'listed' | 'set'>) {
  const isOrder = listed.order === id;
  const way = listed.isDescending ? 'descending' : 'ascending';
  return (
    <th scope="col" className={isNumber ? 'num' : undefined} aria-sort={isOrder ? way : undefined}>
      <button
        type="button"
        className="library-sort"
        title={title}
        onClick={() => set(orderedBy(listed, id))}
      >
        {label}
        <span aria-hidden="true">{isOrder ? (listed.isDescending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

/** All that are listed, chosen or not with one press. */
function ChooseAll({ rows }: { rows: readonly RunRow[] }) {
  const { library } = useLab();
  const count = useLibrary((s) => rows.filter(({ id }) => s.selected.has(id)).length);
  const isAll = rows.length > 0 && count === rows.length;
  return (
    <input
      type="checkbox"
      aria-label="Choose all runs of the list"
      checked={isAll}
      ref={(box) => {
        if (box !== null) box.indeterminate = count > 0 && !isAll;
      }}
      onChange={() => library.getState().select(isAll ? [] : rows.map(({ id }) => id))}
    />
  );
}

function runAt(event: SyntheticEvent): string | undefined {
  const { target } = event;
  if (!(target instanceof Element)) return undefined;
  return target.closest<HTMLElement>('[data-run]')?.dataset.run;
}

/** Moves the focus to the same control of the row above or below. */
function moveFocus(event: KeyboardEvent, box: HTMLElement | null): void {
  const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const { target } = event;
  if (by === 0 || !(target instanceof HTMLElement)) return;
  const at = target.dataset.at;
  const row = target.closest('tr');
  const next = by > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  const control = at && next?.querySelector(`[data-at="${at}"]`);
  if (!(control instanceof HTMLElement) || box === null) return;
  event.preventDefault();
  control.focus({ preventScroll: true });
  box.scrollTop += by * ROW_PX;
}

/** The runs as a table, of which those are drawn that its box shows. */
export function RunList({ rows, listed, set, openId, commands }: RunListProps) {
  const { library } = useLab();
  const box = useRef<HTMLElement>(null);
  const { first, end, above, below } = useRowWindow(box, rows.length, ROW_PX);
  const light = (id?: string) => library.getState().light(id === undefined ? [] : [id]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="library-box" ref={box} aria-label="Listed runs" tabIndex={0}>
      <table
        className="data library-list"
        aria-rowcount={rows.length + 1}
        onPointerOver={(event) => light(runAt(event))}
        onPointerLeave={() => light()}
        onFocus={(event) => light(runAt(event))}
        onBlur={() => light()}
        onKeyDown={(event) => moveFocus(event, box.current)}
      >
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className="library-check">
              <ChooseAll rows={rows} />
            </th>
            <th scope="col" className="library-curve">
              Loss
            </th>
            {LIST_COLUMNS.map((column) => (
              <HeadCell key={column.id} column={column} listed={listed} set={set} />
            ))}
            <th scope="col" className="library-more">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr className="library-gap" style={{ height: above }} />}
          {rows.slice(first, end).map((row, i) => (
            <RunListRow
              key={row.id}
              row={row}
              index={first + i + 2}
              isOpen={row.id === openId}
              commands={commands}
            />
          ))}
          {below > 0 && <tr className="library-gap" style={{ height: below }} />}
        </tbody>
      </table>
    </section>
  );
}
