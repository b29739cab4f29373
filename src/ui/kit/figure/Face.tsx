import { type Box, type Hatch, hatchPath } from './hatch.ts';
import { labelWidth } from './label.ts';

/** A face in a colour, hatched where colours are taken. */
export function Face({
  box,
  color,
  pattern,
}: {
  box: Box;
  color: string;
  pattern: Hatch | undefined;
}) {
  return (
    <>
      <rect {...box} fill={color} />
      {pattern !== undefined && <path className="figure-pattern" d={hatchPath(box, pattern, 5)} />}
    </>
  );
}

export interface KeyEntry {
  label: string;
  color: string;
  pattern?: Hatch | undefined;
  /** A dashed line instead of a face. */
  isIdeal?: boolean;
  /** A line with these dashes instead of a face, as SVG writes them. */
  dash?: string | undefined;
}

const KEY = { row: 16, swatch: 10 } as const;

/** Where the names of several series stand, in rows of a width; none for one without a name. */
export function keyPlaces(entries: readonly KeyEntry[], width: number) {
  let [x, row] = [0, 0];
  const places = entries.map(({ label }) => {
    const wide = KEY.swatch + 6 + labelWidth(label) + 14;
    if (x > 0 && x + wide > width) [x, row] = [0, row + 1];
    const place = { x, y: row * KEY.row };
    x += wide;
    return place;
  });
  return { places, height: entries.length === 0 ? 0 : (row + 1) * KEY.row + 4 };
}

/** Names of series with their colours. */
export function Key({
  entries,
  left,
  width,
}: {
  entries: readonly KeyEntry[];
  left: number;
  width: number;
}) {
  const { places } = keyPlaces(entries, width);
  return entries.map(({ label, color, pattern, isIdeal = false, dash = '' }, i) => {
    const { x = 0, y = 0 } = places[i] ?? {};
    const box = { x: left + x, y: y + 2, width: KEY.swatch, height: KEY.swatch };
    return (
      <g key={label}>
        {isIdeal ? (
          <path
            className="figure-ideal"
            d={`M${box.x} ${box.y + KEY.swatch / 2}h${KEY.swatch + 2}`}
          />
        ) : dash !== '' ? (
          <path
            className="figure-outline"
            d={`M${box.x - 2} ${box.y + KEY.swatch / 2}h${KEY.swatch + 4}`}
            stroke={color}
            strokeDasharray={dash}
          />
        ) : (
          <Face box={box} color={color} pattern={pattern} />
        )}
        <text className="figure-label" x={left + x + KEY.swatch + 5} y={y + 11}>
          {label}
        </text>
      </g>
    );
  });
}
