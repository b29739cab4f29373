import { useView } from '../useLab.tsx';
import type { Series } from './series.ts';

interface LegendProps {
  series: readonly Series[];
  format: (value: number) => string;
  lastStep: number;
  isSmall: boolean;
}

/** Last value of a sparse line at or before a step. */
function sparseAt(line: Series, step: number): number {
  const before = line.points?.filter((point) => point.step <= step).at(-1);
  return before?.value ?? Number.NaN;
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
          <i
            className={line.points ? 'swatch dashed' : line.isFaint ? 'swatch faint' : 'swatch'}
            style={{ color: line.color }}
          />
          {!(isSmall && series.length === 1) && <span>{line.label}</span>}
          <b className="num">{format(line.points ? sparseAt(line, step) : line.at(step))}</b>
        </li>
      ))}
    </ul>
  );
}
