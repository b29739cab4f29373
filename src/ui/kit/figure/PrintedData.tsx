import { useId } from 'react';
import { cellNumber, PAPER_NAMES, type PrintedTable } from '../../../analysis/papers/printed.ts';
import { saveFile } from '../files.ts';
import { DownloadIcon } from '../icons.tsx';
import { ScrollX } from '../ScrollX.tsx';
import { tableCsv } from './table.ts';
import './figure.css';

/** Where a table is printed: "MoDSE, Table 5". */
export function printedPlace({ paper, where }: PrintedTable): string {
  return `${PAPER_NAMES[paper]}, ${where}`;
}

function save({ columns, rows, ...of }: PrintedTable): void {
  const table = { columns: columns.map((title) => ({ title })), rows };
  const name = `${of.paper} ${of.where}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  saveFile(`switchyard-printed-${name}.csv`, tableCsv(table), 'text/csv');
}

/** Whether a column holds numbers, or "–" for none. */
function isNumeric({ rows }: PrintedTable, column: number): boolean {
  const cells = rows.map((row) => row[column] ?? '').filter((cell) => cell !== '–');
  return cells.length > 0 && !cells.some((cell) => Number.isNaN(cellNumber(cell)));
}

/** A table as a paper prints it: reference data, named as such. */
export function PrintedData({ of }: { of: PrintedTable }) {
  const id = useId();
  const place = printedPlace(of);
  const classes = of.columns.map((_, c) => (isNumeric(of, c) ? 'num' : undefined));
  return (
    <figure className="figure" aria-labelledby={id}>
      <div className="figure-head">
        <h3 id={id}>
          <span className="tag">printed</span> {place}: {of.holds}
        </h3>
        <div className="figure-tools">
          <button
            type="button"
            className="btn quiet icon small"
            aria-label={`CSV of ${place}`}
            title="CSV, as printed"
            onClick={() => save(of)}
          >
            <DownloadIcon />
          </button>
        </div>
      </div>
      <ScrollX label={`${place}, as printed`} className="figure-table">
        <table className="data">
          <thead>
            <tr>
              {of.columns.map((column, c) => (
                <th key={column} scope="col" className={classes[c]}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {of.rows.map((row, r) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
              <tr key={r}>
                {row.map((cell, c) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
                  <td key={c} className={classes[c]}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
      {of.note !== undefined && <p className="muted">{of.note}</p>}
    </figure>
  );
}
