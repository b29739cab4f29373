/** Numbers at the axes of a chart; they load with the first chart that has something to tell of. */
import { CartesianAxis } from 'recharts';
import { formatTicks } from '../format.ts';
import { MARGIN, plotSize } from './plotSize.ts';
import { type Axis, position, ticksOf } from './scale.ts';

const TICK = { fontSize: 10.5, fill: 'var(--text-3)' } as const;
/** Letters that the left margin has room for. */
const LETTERS = 7;

interface TickLabelProps {
  labels: readonly string[];
  /** From the tick's place to the baseline of its label. */
  dy: string;
  /** What Recharts adds of the tick. */
  x?: number;
  y?: number;
  index?: number;
  textAnchor?: 'start' | 'middle' | 'end';
}

/**
 * Label of a tick as plain text: Recharts' own measures each word in the page, which costs more
 * than all else of a chart.
 */
function TickLabel({ labels, dy, x, y, index = 0, textAnchor }: TickLabelProps) {
  const longest = Math.max(...labels.map(({ length }) => length));
  // At the left there is room for so many letters of full size.
  const scale = textAnchor === 'end' ? Math.min(1, LETTERS / longest) : 1;
  const fontSize = scale * TICK.fontSize;
  return (
    <text x={x} y={y} dy={dy} textAnchor={textAnchor} fill={TICK.fill} fontSize={fontSize}>
      {labels[index]}
    </text>
  );
}

/** Ticks of an axis as Recharts takes them. */
function axisTicks(
  values: readonly number[],
  toPlace: (value: number) => number,
  dy: string,
  unit = 1,
  sign = '',
) {
  const labels = formatTicks(values.map((value) => value * unit)).map((label) => label + sign);
  return {
    ticks: values.map((value, index) => ({ value, index, coordinate: toPlace(value) })),
    tick: <TickLabel labels={labels} dy={dy} />,
    tickLine: false,
    axisLine: false,
    interval: 0 as const,
  };
}

interface TicksProps {
  width: number;
  height: number;
  x: Axis;
  y: Axis;
  yTicks: readonly number[];
  xUnit: number;
  /** What the horizontal axis counts. */
  xTitle?: string;
  /** Whether the values are parts, written in percent. */
  isPercent?: boolean;
}

export default function Ticks(props: TicksProps) {
  const { width, height, x, y, yTicks, xUnit, xTitle, isPercent = false } = props;
  const plot = plotSize(width, height);
  const toX = (value: number) => MARGIN.left + plot.width * position(x, value);
  const toY = (value: number) => MARGIN.top + plot.height * (1 - position(y, value));
  const scaled = { ...x, min: x.min * xUnit, max: x.max * xUnit };
  const xTicks = ticksOf(scaled, Math.max(2, Math.floor(width / 90)), 1);
  return (
    <>
      <CartesianAxis
        orientation="bottom"
        x={MARGIN.left}
        y={MARGIN.top + plot.height}
        width={plot.width}
        height={MARGIN.bottom}
        {...axisTicks(
          xTicks.map((tick) => tick / xUnit),
          toX,
          '0.71em',
          xUnit,
        )}
      />
      <CartesianAxis
        orientation="left"
        x={0}
        y={MARGIN.top}
        width={MARGIN.left}
        height={plot.height}
        {...axisTicks(yTicks, toY, '0.355em', isPercent ? 100 : 1, isPercent ? '%' : '')}
        tickSize={0}
        tickMargin={4}
      />
      <text
        x={MARGIN.left - 8}
        y={MARGIN.top + plot.height + 8}
        dy="0.71em"
        textAnchor="end"
        {...TICK}
      >
        {xTitle}
      </text>
    </>
  );
}
