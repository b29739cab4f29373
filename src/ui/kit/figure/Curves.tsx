import { useCallback } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { valueAxis } from '../charts/scale.ts';
import {
  type FigureAxisPx,
  figureTicks,
  pixelAt,
  spanAround,
  spanFromZero,
  valueAtPixel,
} from './axis.ts';
import { Key, keyPlaces } from './Face.tsx';
import { formatValue } from './formats.ts';
import { type Laid, Stage } from './Stage.tsx';
import { ValueAxis } from './ValueAxis.tsx';

export interface Curve {
  label: string;
  color: string;
  /** As SVG writes it; a solid line when absent. */
  dash?: string;
  /** Values at `first`, `first + every` …; a curve has a gap where it has none. */
  values: ArrayLike<number>;
}

export interface CurvesProps {
  curves: readonly Curve[];
  format: FigureFormat;
  /** What is counted along the drawing: "position". */
  along: string;
  /** Where the first value stands; 0 when absent. */
  first?: number;
  /** How far apart values stand; 1 when absent. */
  every?: number;
  /** Whether the axis of the values is one of factors. */
  isLog?: boolean;
  /** Whether the axis of the values begins at 0. */
  fromZero?: boolean;
}

const HEIGHT = { plot: 180, below: 38 } as const;

interface Plan {
  x: FigureAxisPx;
  y: FigureAxisPx;
  top: number;
  bottom: number;
}

const lengthOf = ({ curves }: CurvesProps) =>
  Math.max(0, ...curves.map(({ values }) => values.length));

function planOf(props: CurvesProps, width: number): Plan {
  const { curves, fromZero = false, first = 0, every = 1, isLog = false } = props;
  const keyed = curves.length > 1 ? curves : [];
  const top = keyPlaces(keyed, width).height + 8;
  const bottom = top + HEIGHT.plot;
  const values = curves.flatMap((curve) => Array.from(curve.values));
  const [min, max] = fromZero ? spanFromZero(values) : spanAround(values);
  const last = first + every * Math.max(1, lengthOf(props) - 1);
  return {
    x: { min: first, max: last, from: isLog ? 56 : 48, to: Math.max(76, width - 12) },
    y: { ...(isLog ? valueAxis(values, true) : { min, max }), from: bottom, to: top },
    top,
    bottom,
  };
}

function pathOf({ x, y }: Plan, { first = 0, every = 1 }: CurvesProps, values: ArrayLike<number>) {
  let path = '';
  let isDown = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const isKnown = Number.isFinite(value) && (!y.isLog || value > 0);
    if (isKnown)
      path += `${isDown ? 'L' : 'M'}${pixelAt(x, first + every * i).toFixed(1)} ${pixelAt(y, value).toFixed(1)}`;
    isDown = isKnown;
  }
  return path;
}

function layCurves(props: CurvesProps, width: number): Laid {
  const { curves, format, along, first = 0, every = 1 } = props;
  const plan = planOf(props, width);
  const { x, y, top, bottom } = plan;
  const length = lengthOf(props);
  return {
    height: bottom + HEIGHT.below,
    drawing: (
      <>
        <Key entries={curves.length > 1 ? curves : []} left={0} width={width} />
        <ValueAxis ticks={figureTicks(y, format, 40)} side="y" from={x.from} to={x.to} />
        <ValueAxis ticks={figureTicks(x, 'index')} side="x" from={bottom} to={bottom} />
        <line className="figure-axis" x1={x.from} x2={x.to} y1={bottom} y2={bottom} />
        {curves.map(({ label, color, dash, values }) => (
          <path
            key={label}
            className="figure-outline"
            d={pathOf(plan, props, values)}
            stroke={color}
            strokeDasharray={dash}
          />
        ))}
        <text className="figure-tick" x={(x.from + x.to) / 2} y={bottom + 29} textAnchor="middle">
          {along}
        </text>
      </>
    ),
    box({ row, column }) {
      const value = curves[row]?.values[column] ?? Number.NaN;
      const at = Number.isFinite(value) && (!y.isLog || value > 0) ? pixelAt(y, value) : bottom;
      return { x: pixelAt(x, first + every * column) - 4, y: at - 4, width: 8, height: 8 };
    },
    hit(px, py) {
      const column = Math.round((valueAtPixel(x, px) - first) / every);
      if (column < 0 || column >= length || py < top || py > bottom) return null;
      let [row, away] = [0, Number.POSITIVE_INFINITY];
      for (const [i, { values }] of curves.entries()) {
        const distance = Math.abs(pixelAt(y, values[column] ?? Number.NaN) - py);
        if (distance < away) [row, away] = [i, distance];
      }
      return { row, column };
    },
  };
}

/** Values along a whole number, such as positions of a text, as lines. */
export function Curves(props: CurvesProps) {
  const { curves, format, along, first = 0, every = 1 } = props;
  return (
    <Stage
      rows={curves.length}
      columns={lengthOf(props)}
      lay={useCallback((width: number) => layCurves(props, width), [props])}
      tell={({ column }) => ({
        title: `${along} ${first + every * column}`,
        facts: curves.map(({ label, values }) => [
          label,
          formatValue(values[column] ?? null, format),
        ]),
      })}
    />
  );
}
