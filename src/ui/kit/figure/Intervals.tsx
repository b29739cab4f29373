import { useCallback } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { figureTicks, pixelAt, spanAround } from './axis.ts';
import { formatValue } from './formats.ts';
import { fitLeft, fittedLabel, type Label, leftOf, longLabel } from './label.ts';
import { type Laid, Stage } from './Stage.tsx';
import { ValueAxis } from './ValueAxis.tsx';

export type Span = readonly [low: number, high: number];

/** An effect: its mean, its intervals, and the values that they are made of. */
export interface Interval {
  category: Label;
  mean: number | null;
  /** The wide interval, drawn thin; the narrow one, drawn thick. */
  wide: Span | null;
  narrow?: Span | null | undefined;
  values: readonly number[];
  /** What counts as no difference. */
  margin?: Span | null | undefined;
}

export interface IntervalsProps {
  of: readonly Interval[];
  format: FigureFormat;
  /** What the values are. */
  quantity: string;
  /** Names of the two intervals. */
  names: readonly [wide: string, narrow: string];
  /** The value that stands for no effect, 0 where it is not named; null where there is none. */
  none?: number | null;
  /** What lies to its two sides, at the ends of the axis. */
  sides?: readonly [left: string, right: string];
}

const [BAND, RIGHT, TOP, BELOW] = [30, 14, 20, 40] as const;
/** A line of names above the intervals, where they are too long to stand at the left. */
const LINE = 16;

function spanOf({ of, none = 0 }: IntervalsProps): Span {
  const all = of.flatMap(({ wide, narrow, values, margin }) => [
    ...values,
    ...(wide ?? []),
    ...(narrow ?? []),
    ...(margin ?? []),
  ]);
  if (none === null) return spanAround(all);
  const [min, max] = spanAround([...all, none]);
  // An axis of effects goes below 0 where nothing does.
  return [Math.min(min, none - (max - none) * 0.08), max];
}

function Row({ of, y, pixel }: { of: Interval; y: number; pixel: (value: number) => number }) {
  const bar = (span: Span | null | undefined, thick: number) => {
    if (!span) return null;
    const [from, to] = span.map(pixel) as [number, number];
    const box = { y: y - thick / 2, height: thick, width: Math.max(1, to - from) };
    return <rect className="figure-interval" x={from} {...box} />;
  };
  return (
    <>
      {of.margin && (
        <rect
          className="figure-margin"
          x={pixel(of.margin[0])}
          y={y - BAND / 2 + 2}
          width={Math.max(1, pixel(of.margin[1]) - pixel(of.margin[0]))}
          height={BAND - 4}
        />
      )}
      {bar(of.wide, 2)}
      {bar(of.narrow, 6)}
      {of.values.filter(Number.isFinite).map((value, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a value is its place
        <circle key={i} className="figure-value" cx={pixel(value)} cy={y + 10} r={2.5} />
      ))}
      {of.mean !== null && Number.isFinite(of.mean) && (
        <path className="figure-mean" d={`M${pixel(of.mean) - 5} ${y}l5 -5l5 5l-5 5z`} />
      )}
    </>
  );
}

/** The drawing of some intervals in so many pixels. */
export function layIntervals(props: IntervalsProps, width: number): Laid {
  const { of, format, quantity, none = 0, sides } = props;
  const names = of.map(({ category }) => category);
  const above = fitLeft(names, width) ? 0 : LINE;
  const left = above > 0 ? RIGHT : leftOf(names, width);
  const right = Math.max(left + 40, width - RIGHT);
  const band = BAND + above;
  const bottom = TOP + of.length * band;
  const [min, max] = spanOf(props);
  const axis = { min, max, from: left, to: right };
  const zero = pixelAt(axis, none ?? min);
  return {
    height: bottom + BELOW,
    drawing: (
      <>
        <ValueAxis ticks={figureTicks(axis, format)} side="x" from={TOP} to={bottom} />
        {of.map((one, i) => {
          const top = TOP + i * band;
          const y = top + above + BAND / 2;
          const name =
            above > 0
              ? { x: 0, y: top + 10, fits: width, className: 'figure-label figure-number' }
              : { x: left - 8, y, fits: left - 8, className: 'figure-label' };
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a category is its place
            <g key={i}>
              <text
                className={name.className}
                x={name.x}
                y={name.y}
                textAnchor={above > 0 ? 'start' : 'end'}
                dominantBaseline="central"
              >
                {fittedLabel(one.category, name.fits)}
              </text>
              <Row of={one} y={y} pixel={(value) => pixelAt(axis, value)} />
            </g>
          );
        })}
        {none !== null && (
          <line className="figure-ideal" x1={zero} x2={zero} y1={TOP - 4} y2={bottom} />
        )}
        {sides?.map((text, i) => (
          <text
            key={text}
            className="figure-tick"
            x={i === 0 ? left : right}
            y={12}
            textAnchor={i === 0 ? 'start' : 'end'}
          >
            {text}
          </text>
        ))}
        <text className="figure-tick" x={(left + right) / 2} y={bottom + 32} textAnchor="middle">
          {quantity}
        </text>
      </>
    ),
    box: ({ row }) => ({ x: left, y: TOP + row * band, width: right - left, height: band }),
    hit(_, y) {
      const row = Math.floor((y - TOP) / band);
      return row >= 0 && row < of.length ? { row, column: 0 } : null;
    },
  };
}

function spanText(span: Span | null | undefined, format: FigureFormat): string {
  return span ? `${formatValue(span[0], format)} to ${formatValue(span[1], format)}` : '–';
}

/** Effects with their intervals and values, beside the value of no effect and what counts as none. */
export function Intervals(props: IntervalsProps) {
  const { of, format, names } = props;
  return (
    <Stage
      rows={of.length}
      columns={1}
      lay={useCallback((width: number) => layIntervals(props, width), [props])}
      tell={({ row }) => {
        const { category = '', mean = null, wide, narrow, margin, values = [] } = of[row] ?? {};
        return {
          title: longLabel(category),
          facts: [
            ['mean', formatValue(mean, format)],
            [names[0], spanText(wide, format)],
            ...(narrow ? [[names[1], spanText(narrow, format)] as const] : []),
            ...(margin ? [['margin', spanText(margin, format)] as const] : []),
            ['values', values.map((value) => formatValue(value, format)).join(', ') || '–'],
          ],
        };
      }}
    />
  );
}
