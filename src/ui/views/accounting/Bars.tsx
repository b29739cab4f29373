import type { ReactNode } from 'react';
import { Explain } from '../../kit/Explain.tsx';
import type { Explanation } from '../../kit/explanation.ts';

export interface BarRow {
  key: string;
  about: Explanation;
  /** Length of the bar against the longest. */
  size: number;
  value: ReactNode;
  note?: ReactNode;
}

/** Rows of name, bar and number; longest bar = largest size. */
export function Bars({ rows, label }: { rows: readonly BarRow[]; label: string }) {
  const largest = Math.max(1e-9, ...rows.map(({ size }) => size));
  return (
    <dl className="accounting-bars" aria-label={label}>
      {rows.map(({ key, about, size, value, note }) => (
        <div key={key}>
          <dt>
            <Explain about={about}>{about.label}</Explain>
          </dt>
          <dd className="length" aria-hidden="true">
            <i style={{ '--part': size / largest }} />
          </dd>
          <dd className="num">
            {value}
            {note !== undefined && <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Rows of name and number, each name with its formula. */
export function Facts({
  rows,
}: {
  rows: readonly { key: string; about: Explanation; symbol?: string; value: ReactNode }[];
}) {
  return (
    <dl className="accounting-facts">
      {rows.map(({ key, about, symbol, value }) => (
        <div key={key}>
          <dt>
            <Explain about={about}>{about.label}</Explain>
            {symbol !== undefined && <i className="symbol">{symbol}</i>}
          </dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
