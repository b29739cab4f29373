import { memo } from 'react';
import type { RunRow } from '../../../runs/record.ts';
import { runColor } from '../../kit/charts/runLook.ts';

const WIDTH = 64;
const HEIGHT = 22;

/** The curve of a run in small; from its own lowest to its own highest loss. */
export const Thumbnail = memo(function Thumbnail({
  points,
  place,
}: {
  points: RunRow['thumbnail'];
  place: number;
}) {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [first, last] = [points[0]?.step ?? 0, points.at(-1)?.step ?? 1];
  const path = points.map(({ step, value }) => {
    const x = 1 + ((WIDTH - 2) * (step - first)) / Math.max(1, last - first);
    const y = 1 + (HEIGHT - 2) * (high === low ? 0.5 : (high - value) / (high - low));
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return (
    <svg
      className="library-thumbnail"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden="true"
    >
      {path.length > 0 && <path d={`M${path.join('L')}`} stroke={runColor(place)} />}
    </svg>
  );
});
