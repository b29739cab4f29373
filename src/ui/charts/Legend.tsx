import { useView } from '../useLab.tsx';
import { readAt, type Series } from './series.ts';

interface LegendProps {
  series: readonly Series[];
  format: (value: number) => string;
  lastStep: number;
  isSmall: boolean;
}

/** Legend and readout in one: values under the crosshair, else the latest. */
export function Legend({ series, format, lastStep, isSmall }: LegendProps) {
  const hover = useView((s) => s.hover);
  const step = hover ?? lastStep;
  return (
    <ul className="legend">
      {!isSmall && (
        <li className="at num">
          {lastStep > 0 ? `step ${Math.max(step, 1).toLocaleString('en')}` : ''}
        </li>
      )}
      {series.map((line) => (
        <li key={line.key}>
          {!(isSmall && series.length === 1) && (
            <i
              className={line.points ? 'swatch dashed' : line.isFaint ? 'swatch faint' : 'swatch'}
              style={{ color: line.color }}
            />
          )}
          {!(isSmall && series.length === 1) && <span>{line.label}</span>}
          <b className="num">{format(readAt(line, step))}</b>
        </li>
      ))}
    </ul>
  );
}
