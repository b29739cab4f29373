import { useCallback } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { type FigureAxisPx, figureTicks, pixelAt, spanAround } from './axis.ts';
import { keyPlaces } from './Face.tsx';
import { formatValue } from './formats.ts';
import { type Laid, Stage } from './Stage.tsx';
import { categoryLook } from './scales.ts';
import { ValueAxis } from './ValueAxis.tsx';

export interface PointSeries {
  label: string;
  /** In the order in which a line goes through them; with the interval of a mean where it has one. */
  points: readonly FigurePoint[];
  /** Whether the points stand alone, with no line through them. */
  isLoose?: boolean;
}

export interface FigurePoint {
  x: number;
  y: number;
  spread?: readonly [low: number, high: number] | undefined;
  /** What it is called where it is pointed at; its series' name when absent. */
  name?: string | undefined;
}

export interface PointsProps {
  series: readonly PointSeries[];
  /** Values of y that are drawn across, as what the points are compared with. */
  across?: readonly { label: string; y: number }[];
  x: { label: string; format: FigureFormat };
  y: { label: string; format: FigureFormat };
}

const [LEFT, RIGHT, HEIGHT, BELOW, MARK] = [56, 12, 230, 38, 4] as const;
/** A point is found so far from it. */
const NEAR_PX = 24;

/** Marks that tell series apart without colour: circle, square, triangle, diamond. */
function markPath(series: number, x: number, y: number): string {
  const r = MARK;
  const paths = [
    `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
    `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
    `M${x} ${y - r}l${r} ${2 * r}h${-2 * r}z`,
    `M${x} ${y - r - 1}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}z`,
  ];
  return paths[series % paths.length] ?? '';
}

/** The interval of a point, with its ends. */
function whisker(px: number, [low, high]: readonly number[]): string {
  if (low === undefined || high === undefined) return '';
  return `M${px - 3} ${low}h6M${px - 3} ${high}h6M${px} ${low}V${high}`;
}

interface Plan {
  x: FigureAxisPx;
  y: FigureAxisPx;
  top: number;
  bottom: number;
  /** All points in the order of the series. */
  places: readonly { series: number; px: number; py: number; spread: readonly number[] }[];
}

function planOf({ series, across = [] }: PointsProps, width: number, keyHeight: number): Plan {
  const all = series.flatMap(({ points }) => points);
  const [xMin, xMax] = spanAround(all.map(({ x }) => x));
  const spreads = all.flatMap(({ spread = [] }) => spread);
  const [yMin, yMax] = spanAround([...spreads, ...[...all, ...across].map(({ y }) => y)]);
  const top = keyHeight + 6;
  const bottom = top + HEIGHT;
  const x = { min: xMin, max: xMax, from: LEFT, to: Math.max(LEFT + 40, width - RIGHT) };
  const y = { min: yMin, max: yMax, from: bottom, to: top };
  const places = series.flatMap(({ points }, i) =>
    points.map((point) => ({
      ...{ series: i, px: pixelAt(x, point.x), py: pixelAt(y, point.y) },
      spread: (point.spread ?? []).map((end) => pixelAt(y, end)),
    })),
  );
  return { x, y, top, bottom, places };
}

function PointKey({ series, width }: { series: readonly PointSeries[]; width: number }) {
  const entries = series.map(({ label }, i) => ({ label, color: categoryLook(i).color }));
  const { places } = keyPlaces(entries, width);
  return entries.map(({ label, color }, i) => {
    const { x = 0, y = 0 } = places[i] ?? {};
    return (
      <g key={label}>
        <path d={markPath(i, x + 5, y + 7)} fill={color} />
        <text className="figure-label" x={x + 15} y={y + 11}>
          {label}
        </text>
      </g>
    );
  });
}

function layPoints(props: PointsProps, width: number): Laid {
  const { series, across = [] } = props;
  const key = keyPlaces(
    series.map(({ label }) => ({ label, color: '' })),
    width,
  );
  const { x, y, top, bottom, places } = planOf(props, width, key.height);
  return {
    height: bottom + BELOW,
    drawing: (
      <>
        <PointKey series={series} width={width} />
        <ValueAxis ticks={figureTicks(y, props.y.format, 40)} side="y" from={x.from} to={x.to} />
        <ValueAxis ticks={figureTicks(x, props.x.format)} side="x" from={top} to={bottom} />
        <line className="figure-axis" x1={x.from} x2={x.to} y1={bottom} y2={bottom} />
        {series.map(({ label, isLoose = false }, i) => {
          const own = places.filter((place) => place.series === i);
          const { color, dash } = categoryLook(i);
          return (
            <g key={label}>
              {!isLoose && (
                <path
                  className="figure-outline"
                  d={own.map(({ px, py }, p) => `${p === 0 ? 'M' : 'L'}${px} ${py}`).join('')}
                  stroke={color}
                  strokeDasharray={dash}
                />
              )}
              <path
                className="figure-outline"
                d={own.map(({ px, spread }) => whisker(px, spread)).join('')}
                stroke={color}
              />
              <path d={own.map(({ px, py }) => markPath(i, px, py)).join('')} fill={color} />
            </g>
          );
        })}
        {across.map((line) => (
          <g key={line.label}>
            <line
              className="figure-ideal"
              x1={x.from}
              x2={x.to}
              y1={pixelAt(y, line.y)}
              y2={pixelAt(y, line.y)}
            />
            <text
              className="figure-number figure-over"
              x={x.to}
              y={pixelAt(y, line.y) - 4}
              textAnchor="end"
            >
              {line.label}
            </text>
          </g>
        ))}
        <text className="figure-tick" x={(x.from + x.to) / 2} y={bottom + 33} textAnchor="middle">
          {props.x.label}
        </text>
      </>
    ),
    box({ column }) {
      const { px = LEFT, py = top } = places[column] ?? {};
      return { x: px - 7, y: py - 7, width: 14, height: 14 };
    },
    hit(px, py) {
      const away = places.map((place) => Math.hypot(place.px - px, place.py - py));
      const nearest = Math.min(...away);
      return nearest <= NEAR_PX ? { row: 0, column: away.indexOf(nearest) } : null;
    },
  };
}

/** Points of some series with lines through them, over lines across that they are compared with. */
export function Points(props: PointsProps) {
  const { series, x, y } = props;
  const all = series.flatMap(({ label, points }) => points.map((point) => ({ label, ...point })));
  return (
    <Stage
      rows={1}
      columns={all.length}
      lay={useCallback((width: number) => layPoints(props, width), [props])}
      tell={({ column }) => {
        const point = all[column];
        return {
          title: point?.name ?? point?.label ?? '',
          facts: [
            [x.label, formatValue(point?.x ?? null, x.format)],
            [y.label, formatValue(point?.y ?? null, y.format)],
            ...(point?.spread ?? []).map((end, i): readonly [string, string] => [
              i === 0 ? 'from' : 'to',
              formatValue(end, y.format),
            ]),
          ],
        };
      }}
    />
  );
}
