import { describePart, type Part } from '../../../analysis/seams.ts';
import { useView } from '../useLab.tsx';
import { type Series, valueAt } from './series.ts';

interface LegendProps {
  series: readonly Series[];
  format: (value: number) => string;
  /** A place of the axis as it is read out. */
  formatPlace: (place: number) => string;
  /** Whether the validation of a kept or received run is among the lines. */
  hasOtherValidation: boolean;
  lastStep: number;
  /** Of the run's line, where several programs trained it. */
  parts: readonly Part[];
  isSmall: boolean;
}

/** How a line looks, for legend and readout. */
export function swatchOf({ isDashed, isFaint }: Pick<Series, 'isDashed' | 'isFaint'>): string {
  return isDashed ? 'swatch dashed' : isFaint ? 'swatch faint' : 'swatch';
}

/** Legend and readout in one: values under the crosshair, else at the pinned step, else the latest. */
export function Legend(props: LegendProps) {
  const { series, format, formatPlace, hasOtherValidation, lastStep, parts, isSmall } = props;
  const hover = useView((s) => s.hover);
  const pinned = useView((s) => s.scrub);
  const step = hover ?? pinned ?? lastStep;
  return (
    <ul className="legend">
      {!isSmall && <li className="at num">{lastStep > 0 ? formatPlace(step) : ''}</li>}
      {series.map((line) => (
        <li key={line.key}>
          {!(isSmall && series.length === 1) && (
            <i className={swatchOf(line)} style={{ color: line.color }} />
          )}
          {!(isSmall && series.length === 1) && <span>{line.label}</span>}
          <b className="num">{format(valueAt(line, step))}</b>
        </li>
      ))}
      {!isSmall &&
        parts.map((part) => (
          <li key={part.first} title="One line: a mark stands where its next part begins">
            <i className="swatch seam" />
            <span>{describePart(part)}</span>
          </li>
        ))}
      {hasOtherValidation && (
        <li title="The validation loss of a kept or received run is dashed, in the run’s colour">
          <i className="swatch dashed" />
          <span>other runs’ validation</span>
        </li>
      )}
    </ul>
  );
}
