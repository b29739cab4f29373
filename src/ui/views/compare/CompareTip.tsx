import { indexAt } from '../../kit/charts/series.ts';
import { formatFixed } from '../../kit/format.ts';
import type { CompareLine } from './lines.ts';

/** Lines that a tip has room for. */
const SHOWN = 10;

interface ReadLine {
  line: CompareLine;
  value: number;
  deviation: number | null;
  n: number | null;
}

/** A line's value at a place; null before its first. */
export function readLine(line: CompareLine, place: number): ReadLine | null {
  const i = indexAt(line, place);
  const value = i < 0 ? Number.NaN : line.values[i]!;
  if (!Number.isFinite(value)) return null;
  return { line, value, deviation: line.deviation?.[i] ?? null, n: line.counts?.[i] ?? null };
}

/** Lines at a place, the lowest first; of many those that are lit, and the lowest. */
export function readings(
  lines: readonly CompareLine[],
  place: number,
  lit: ReadonlySet<string>,
): { shown: ReadLine[]; more: number } {
  const all = lines.flatMap((line) => readLine(line, place) ?? []);
  all.sort((a, b) => a.value - b.value);
  const isLit = ({ line }: ReadLine) => line.ids.some((id) => lit.has(id));
  const first = all.filter(isLit).slice(0, SHOWN);
  const others = all.filter((one) => !first.includes(one)).slice(0, SHOWN - first.length);
  const shown = all.filter((one) => first.includes(one) || others.includes(one));
  return { shown, more: all.length - shown.length };
}

function valueText({ value, deviation }: ReadLine, format: (value: number) => string): string {
  return deviation === null ? format(value) : `${format(value)} ± ${formatFixed(deviation, 3)}`;
}

/** The tip in a sentence. */
export function describeReadings(
  lines: readonly CompareLine[],
  place: number,
  lit: ReadonlySet<string>,
  how: { format: (value: number) => string; formatPlace: (place: number) => string },
): string {
  const { shown, more } = readings(lines, place, lit);
  const texts = shown.map((one) => `${one.line.label} ${valueText(one, how.format)}`);
  const rest = more > 0 ? `, and ${more} more` : '';
  return `${how.formatPlace(place)}: ${texts.join(', ')}${rest}`;
}

export function CompareTip({
  lines,
  place,
  lit,
  format,
  formatPlace,
}: {
  lines: readonly CompareLine[];
  place: number;
  lit: ReadonlySet<string>;
  format: (value: number) => string;
  formatPlace: (place: number) => string;
}) {
  const { shown, more } = readings(lines, place, lit);
  return (
    <>
      <b className="num">{formatPlace(place)}</b>
      <dl>
        {shown.map((one) => (
          <div key={one.line.key} style={{ display: 'contents' }}>
            <dt className={one.line.ids.some((id) => lit.has(id)) ? 'compare-lit' : undefined}>
              <svg viewBox="0 0 14 6" width={14} height={6} aria-hidden="true">
                <path
                  d="M0 3H14"
                  stroke={one.line.color}
                  strokeWidth={2}
                  strokeDasharray={one.line.dash || undefined}
                />
              </svg>
              <span>
                <span className="run">{one.line.key}</span>
              </span>
            </dt>
            <dd className="num">
              {valueText(one, format)}
              {one.n !== null && <small> n {one.n}</small>}
            </dd>
          </div>
        ))}
      </dl>
      {more > 0 && <p className="muted">and {more} more</p>}
    </>
  );
}
