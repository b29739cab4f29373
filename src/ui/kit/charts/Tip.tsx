import { swatchOf } from './Legend.tsx';
import { isEarlier, type Reading, readAt, type Series } from './series.ts';

export interface TipProps {
  series: readonly Series[];
  /** Under the crosshair. */
  place: number;
  format: (value: number) => string;
  formatPlace: (place: number) => string;
}

interface ReadLine {
  line: Series;
  reading: Reading;
  /** Where the value stands, if that is not under the crosshair. */
  from: string | null;
}

/** All lines that have begun, each with its last value; the live run's first. */
function readings({ series, place, formatPlace }: TipProps): ReadLine[] {
  const rank = ({ isBehind }: Series) => (isBehind === true ? 1 : 0);
  const order = [...series].sort((a, b) => rank(a) - rank(b));
  return order.flatMap((line) => {
    const reading = readAt(line, place);
    if (reading === null) return [];
    const from = isEarlier(line, reading, place) ? formatPlace(reading.place) : null;
    return [{ line, reading, from }];
  });
}

/** The tip in a sentence. */
export function describeTip(props: TipProps): string {
  const { place, format, formatPlace } = props;
  const lines = readings(props).map(({ line, reading, from }) => {
    return `${line.label} ${format(reading.value)}${from === null ? '' : ` at ${from}`}`;
  });
  return `${formatPlace(place)}: ${lines.join(', ')}`;
}

/** A line's label; of a long name of a run the end is left out, never what the line is of it. */
function Label({ label, run = '' }: Pick<Series, 'label' | 'run'>) {
  return (
    <span title={label}>
      {run !== '' && <span className="run">{run}</span>}
      {label.slice(run.length)}
    </span>
  );
}

/** Values of all lines at a place; of sparse ones the last value, with its own place. */
export function Tip(props: TipProps) {
  const { place, format, formatPlace } = props;
  return (
    <>
      <b className="num">{formatPlace(place)}</b>
      <dl>
        {readings(props).map(({ line, reading, from }) => (
          <div key={line.key} style={{ display: 'contents' }}>
            <dt>
              <i className={swatchOf(line)} style={{ color: line.color }} />
              <Label label={line.label} run={line.run ?? ''} />
            </dt>
            <dd className="num">
              {Number.isFinite(reading.value) || line.hasUndefined
                ? format(reading.value)
                : 'not finite'}
              {from !== null && <small> at {from}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
