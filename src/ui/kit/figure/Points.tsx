import { useCallback } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { axisAround, type FigureAxisPx, figureTicks, pixelAt } from './axis.ts';
import { keyPlaces } from './Face.tsx';
import { formatValue } from './formats.ts';
import { fittedLabel, labelWidth } from './label.ts';
import { type Laid, Stage } from './Stage.tsx';
import { categoryLook } from './scales.ts';
import { ValueAxis } from './ValueAxis.tsx';

/** A point, and the spread of its values where they were measured several times. */
export interface FigurePoint {
  x: number;
  y: number;
  xSpread?: readonly [low: number, high: number] | undefined;
  ySpread?: readonly [low: number, high: number] | undefined;
  /** Its single values of y, drawn where they have no spread. */
  values?: readonly number[] | undefined;
  /** What it is, where its series alone does not tell. */
  name?: string | undefined;
}

export interface PointSeries {
  label: string;
  /** In the order in which a line goes through them. */
  points: readonly FigurePoint[];
  /** Whether the points stand alone, with no line through them. */
  isLoose?: boolean;
  /** CSS colour; that of its place among the series when absent. */
  color?: string;
}

export interface PointsProps {
  series: readonly PointSeries[];
  /** Values of y that are drawn across, as what the points are compared with. */
  across?: readonly { label: string; y: number }[];
  x: PointAxis;
  y: PointAxis;
}

interface PointAxis {
  label: string;
  format: FigureFormat;
  /** Whether equal factors lie equally far apart, where all values are above 0. */
  isLog?: boolean;
}

const [LEFT, RIGHT, HEIGHT, BELOW, MARK, DOT] = [56, 12, 230, 38, 4, 2] as const;
/** Height of the line that says what is upright. */
const TITLE_PX = 16;
/** Points of a line that lie closer than this have no marks, and a band for their spread. */
const DENSE_PX = 2.5 * MARK;
/** A point is found so far from it. */
const NEAR_PX = 24;

/** Marks that tell series apart without colour: circle, square, triangle, diamond. */
const MARKS: readonly ((x: number, y: number, r: number) => string)[] = [
  (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (x, y, r) => `M${x} ${y - r}l${r} ${2 * r}h${-2 * r}z`,
  (x, y, r) => `M${x} ${y - r - 1}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}z`,
];

/** The mark of a series; hollow, by the rule of even and odd, where its line is dashed. */
function markPath(series: number, x: number, y: number): string {
  const mark = MARKS[series % MARKS.length]!;
  const isHollow = categoryLook(series).dash !== '';
  return mark(x, y, MARK) + (isHollow ? mark(x, y, MARK / 2) : '');
}

/** The values that are drawn one by one: several, too few for a spread. */
function shownValues({ ySpread, values = [] }: FigurePoint): readonly number[] {
  return ySpread === undefined && values.length > 1 ? values : [];
}

interface Plan {
  x: FigureAxisPx;
  y: FigureAxisPx;
  top: number;
  bottom: number;
  /** All points in the order of the series. */
  places: readonly { series: number; px: number; py: number }[];
}

function planOf(
  { series, across = [], ...of }: PointsProps,
  width: number,
  keyHeight: number,
): Plan {
  const all = series.flatMap(({ points }) => points);
  const xAxis = axisAround(
    all.map(({ x }) => x),
    all.flatMap(({ xSpread = [] }) => xSpread),
    of.x.isLog,
  );
  const yAxis = axisAround(
    [...all, ...across].map(({ y }) => y),
    all.flatMap((point) => point.ySpread ?? shownValues(point)),
    of.y.isLog,
  );
  const top = keyHeight + TITLE_PX + 6;
  const bottom = top + HEIGHT;
  const x = { ...xAxis, from: LEFT, to: Math.max(LEFT + 40, width - RIGHT) };
  const y = { ...yAxis, from: bottom, to: top };
  const places = series.flatMap(({ points }, i) =>
    points.map((point) => ({ series: i, px: pixelAt(x, point.x), py: pixelAt(y, point.y) })),
  );
  return { x, y, top, bottom, places };
}

/** Lines with ends over the spread of each point's values. */
function spreadPath({ x, y }: Plan, points: readonly FigurePoint[]): string {
  return points
    .map((point) => {
      const [px, py] = [pixelAt(x, point.x), pixelAt(y, point.y)];
      const [left, right] = (point.xSpread ?? []).map((value) => pixelAt(x, value));
      const [low, high] = (point.ySpread ?? []).map((value) => pixelAt(y, value));
      const across =
        left === undefined
          ? ''
          : `M${left} ${py}H${right}M${left} ${py - 3}v6M${right} ${py - 3}v6`;
      const up =
        low === undefined ? '' : `M${px} ${low}V${high}M${px - 3} ${low}h6M${px - 3} ${high}h6`;
      return across + up;
    })
    .join('');
}

/** Whether a line's points lie too close for marks. */
function isDense({ points, isLoose = false }: PointSeries, { x }: Plan): boolean {
  const [first, last] = [points[0], points.at(-1)];
  if (isLoose || first === undefined || last === undefined || points.length < 3) return false;
  const length = Math.abs(pixelAt(x, last.x) - pixelAt(x, first.x));
  return length / (points.length - 1) < DENSE_PX;
}

/** The spread of a line's points as one face. */
function bandPath({ x, y }: Plan, points: readonly FigurePoint[]): string {
  const known = points.filter(({ ySpread }) => ySpread !== undefined);
  const edge = (end: 0 | 1) =>
    known.map((point) => `${pixelAt(x, point.x)} ${pixelAt(y, point.ySpread![end])}`);
  return known.length === 0 ? '' : `M${[...edge(0), ...edge(1).reverse()].join('L')}z`;
}

interface LineProps {
  series: PointSeries;
  /** Its place among the series. */
  at: number;
  plan: Plan;
}

/** A line through its points, their marks and spreads. */
function Line({ series, at, plan }: LineProps) {
  const { points, isLoose = false } = series;
  const own = plan.places.filter((place) => place.series === at);
  const look = categoryLook(at);
  const color = series.color ?? look.color;
  const dense = isDense(series, plan);
  return (
    <>
      {dense && <path className="figure-band" d={bandPath(plan, points)} fill={color} />}
      {!isLoose && (
        <path
          className="figure-outline"
          d={own.map(({ px, py }, p) => `${p === 0 ? 'M' : 'L'}${px} ${py}`).join('')}
          stroke={color}
          strokeDasharray={look.dash}
        />
      )}
      {!dense && (
        <>
          <path className="figure-whisker" d={spreadPath(plan, points)} />
          <path className="figure-dot" d={valuesPath(plan, points)} />
          <path
            d={own.map(({ px, py }) => markPath(at, px, py)).join('')}
            fill={color}
            fillRule="evenodd"
          />
        </>
      )}
    </>
  );
}

/** A value across the drawing, named at the end that the points leave free. */
function Across({ label, y, plan }: { label: string; y: number; plan: Plan }) {
  const at = pixelAt(plan.y, y);
  const { from, to } = plan.x;
  const length = labelWidth(label);
  const room = (low: number, high: number) =>
    Math.min(
      ...plan.places
        .filter(({ px }) => px >= low && px <= high)
        .map(({ py }) => Math.abs(py - (at - 8))),
    );
  const isLeft = room(from, from + length) > room(to - length, to);
  return (
    <>
      <line className="figure-ideal" x1={from} x2={to} y1={at} y2={at} />
      <text
        className="figure-number figure-over"
        x={isLeft ? from : to}
        y={at - 4}
        textAnchor={isLeft ? 'start' : 'end'}
      >
        {label}
      </text>
    </>
  );
}

/** Single values as dots. */
function valuesPath({ x, y }: Plan, points: readonly FigurePoint[]): string {
  return points
    .flatMap((point) => shownValues(point).map((value) => [point.x, value] as const))
    .map(([at, value]) => MARKS[0]!(pixelAt(x, at), pixelAt(y, value), DOT))
    .join('');
}

function PointKey({ series, width }: { series: readonly PointSeries[]; width: number }) {
  const entries = series.map(({ label, color }, i) => ({
    label,
    color: color ?? categoryLook(i).color,
  }));
  const { places } = keyPlaces(entries, width);
  return entries.map(({ label, color }, i) => {
    const { x = 0, y = 0 } = places[i] ?? {};
    return (
      <g key={label}>
        <path d={markPath(i, x + 5, y + 7)} fill={color} fillRule="evenodd" />
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
  const plan = planOf(props, width, key.height);
  const { x, y, top, bottom, places } = plan;
  return {
    height: bottom + BELOW,
    drawing: (
      <>
        <PointKey series={series} width={width} />
        <ValueAxis ticks={figureTicks(y, props.y.format, 40)} side="y" from={x.from} to={x.to} />
        <ValueAxis ticks={figureTicks(x, props.x.format)} side="x" from={top} to={bottom} />
        <line className="figure-axis" x1={x.from} x2={x.to} y1={bottom} y2={bottom} />
        <text className="figure-tick" x={0} y={top - 9}>
          {fittedLabel(props.y.label, width)}
        </text>
        {series.map((one, i) => (
          <Line key={one.label} series={one} at={i} plan={plan} />
        ))}
        {across.map((line) => (
          <Across key={line.label} {...line} plan={plan} />
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
        const told = (
          value: number | undefined,
          format: FigureFormat,
          spread: FigurePoint['xSpread'],
        ) =>
          `${formatValue(value ?? null, format)}${spread === undefined ? '' : ` (${formatValue(spread[0], format)} to ${formatValue(spread[1], format)})`}`;
        return {
          title: [point?.label, point?.name].filter(Boolean).join(', '),
          facts: [
            [x.label, told(point?.x, x.format, point?.xSpread)],
            [y.label, told(point?.y, y.format, point?.ySpread)],
          ],
        };
      }}
    />
  );
}
