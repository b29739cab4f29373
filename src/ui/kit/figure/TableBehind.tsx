import { useRef } from 'react';
import { useRowWindow } from '../useWindow.ts';
import { cellText, type FigureTable } from './table.ts';

/** Height of a row, as the style sheet has it. */
const TABLE_ROW_PX = 26;

/** The numbers behind a figure, of which those rows are made that its box shows. */
export function TableBehind({ title, table }: { title: string; table: () => FigureTable }) {
  const { columns, rows } = table();
  const box = useRef<HTMLElement>(null);
  const { first, end, above, below } = useRowWindow(box, rows.length, TABLE_ROW_PX);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section ref={box} className="figure-table" aria-label={`Numbers of ${title}`} tabIndex={0}>
      <table className="data" aria-rowcount={rows.length + 1}>
        <caption className="visually-hidden">{title}</caption>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column, c) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
              <th key={c} scope="col" className={column.format && 'num'}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr style={{ height: above }} />}
          {rows.slice(first, end).map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
            <tr key={first + i} aria-rowindex={first + i + 2}>
              {row.map((value, c) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
                <td key={c} className={columns[c]?.format && 'num'}>
                  {cellText(value, columns[c]?.format)}
                </td>
              ))}
            </tr>
          ))}
          {below > 0 && <tr style={{ height: below }} />}
        </tbody>
      </table>
    </section>
  );
}
