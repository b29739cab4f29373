import { useCallback } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { figureTicks, pixelAt } from './axis.ts';
import {
  across,
  type BarGroups,
  type BarPlan,
  barAt,
  barBox,
  barPlan,
  faceOf,
  idealOf,
} from './barsLayout.ts';
import { Face, Key, type KeyEntry, keyPlaces } from './Face.tsx';
import { formatTight, formatValue } from './formats.ts';
import { fittedLabel, labelStep, labelWidth, longLabel } from './label.ts';
import { type Laid, Stage } from './Stage.tsx';
import { ValueAxis } from './ValueAxis.tsx';

export type { BarSeries } from './barsLayout.ts';

export interface BarsProps extends BarGroups {
  format: FigureFormat;
  /** What the dashed line is: "ideal" where it is not named. */
  idealLabel?: string;
  onSelect?: (category: number, series: number) => void;
  /** What `onSelect` does, for the keyboard. */
  selects?: string;
}

function CategoryLabels({ groups, plan }: { groups: BarGroups; plan: BarPlan }) {
  const texts = groups.categories.map((category) =>
    typeof category === 'string' ? category : (category.short ?? category.label),
  );
  const every = labelStep(plan.band, Math.min(96, Math.max(0, ...texts.map(labelWidth))) + 4);
  return groups.categories.map((category, i) => {
    const middle = plan.first + (i + 0.5) * plan.band;
    if (plan.isHorizontal)
      return (
        <text
          // biome-ignore lint/suspicious/noArrayIndexKey: a category is its place
          key={i}
          className="figure-label"
          x={plan.left - 6}
          y={middle}
          textAnchor="end"
          dominantBaseline="central"
        >
          {fittedLabel(category, plan.left - 8)}
        </text>
      );
    if (i % every !== 0) return null;
    return (
      <text
        // biome-ignore lint/suspicious/noArrayIndexKey: a category is its place
        key={i}
        className="figure-label"
        x={middle}
        y={plan.bottom + 15}
        textAnchor="middle"
      >
        {fittedLabel(category, every * plan.band - 2)}
      </text>
    );
  });
}

/** The number of a bar, where there is room: at its end, of stacked ones within. */
function BarNumber({
  props,
  plan,
  row,
  column,
}: {
  props: BarsProps;
  plan: BarPlan;
  row: number;
  column: number;
}) {
  const value = props.series[column]?.values[row] ?? Number.NaN;
  const box = barBox(plan, props, { row, column });
  const text = formatTight(value, props.format);
  if (box === null) return null;
  if (props.stacked) {
    if (box.height < 14 || labelWidth(text) + 6 > box.width || value === 0) return null;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const wide = labelWidth(text) + 4;
    return (
      <>
        <rect className="figure-plate" x={x - wide / 2} y={y - 6.5} width={wide} height={13} />
        <text
          className="figure-number"
          {...{ x, y }}
          textAnchor="middle"
          dominantBaseline="central"
        >
          {text}
        </text>
      </>
    );
  }
  const room = plan.isHorizontal ? box.height >= 10 : labelWidth(text) <= box.width + 8;
  if (!room) return null;
  const isBelow = value < 0;
  if (plan.isHorizontal)
    return (
      <text
        className="figure-number"
        x={isBelow ? box.x - 4 : box.x + box.width + 4}
        y={box.y + box.height / 2}
        textAnchor={isBelow ? 'end' : 'start'}
        dominantBaseline="central"
      >
        {formatValue(value, props.format)}
      </text>
    );
  return (
    <text
      className="figure-number"
      x={box.x + box.width / 2}
      y={isBelow ? box.y + box.height + 11 : box.y - 4}
      textAnchor="middle"
    >
      {text}
    </text>
  );
}

function Ideals({ groups, plan }: { groups: BarGroups; plan: BarPlan }) {
  return groups.categories.map((_, i) => {
    const ideal = idealOf(groups, i);
    if (ideal === null || !Number.isFinite(ideal)) return null;
    const at = pixelAt(plan.axis, ideal);
    const [from, to] = [plan.first + i * plan.band, plan.first + (i + 1) * plan.band];
    const ends = plan.isHorizontal
      ? { x1: at, x2: at, y1: from, y2: to }
      : { y1: at, y2: at, x1: from, x2: to };
    // biome-ignore lint/suspicious/noArrayIndexKey: a category is its place
    return <line key={i} className="figure-ideal" {...ends} />;
  });
}

function layBars(props: BarsProps, width: number): Laid {
  const marked = props.series.flatMap((series) => series.marked ?? []);
  const entries: KeyEntry[] =
    props.series.length + marked.length > 1 ? [...props.series, ...marked] : [];
  const key = keyPlaces(entries, width);
  const plan = barPlan(props, width, key.height);
  const zero = pixelAt(plan.axis, 0);
  const side = plan.isHorizontal ? 'x' : 'y';
  const [from, to] = plan.isHorizontal ? [plan.top, plan.bottom] : [plan.left, plan.right];
  const bars = props.categories.flatMap((_, row) =>
    props.series.map((series, column) => {
      const box = barBox(plan, props, { row, column });
      const { color, pattern } = faceOf(series, row);
      return (
        box !== null && (
          // biome-ignore lint/suspicious/noArrayIndexKey: a category is its place
          <g key={`${row} ${series.label}`}>
            <Face box={box} color={color} pattern={pattern} />
            <BarNumber props={props} plan={plan} row={row} column={column} />
          </g>
        )
      );
    }),
  );
  return {
    height: plan.height,
    drawing: (
      <>
        <Key entries={entries} left={0} width={width} />
        <ValueAxis
          ticks={figureTicks(plan.axis, props.format, plan.isHorizontal ? 70 : 36)}
          side={side}
          from={from}
          to={to}
        />
        <CategoryLabels groups={props} plan={plan} />
        {bars}
        <line
          className="figure-axis"
          {...(plan.isHorizontal
            ? { x1: zero, x2: zero, y1: from, y2: to }
            : { y1: zero, y2: zero, x1: from, x2: to })}
        />
        <Ideals groups={props} plan={plan} />
      </>
    ),
    box(at) {
      const found = barBox(plan, props, at);
      if (found !== null) return found;
      const { start, size } = across(plan, props, at);
      return plan.isHorizontal
        ? { x: zero, y: start, width: 1, height: size }
        : { x: start, y: zero, width: size, height: 1 };
    },
    hit: (x, y) => barAt(plan, props, x, y),
  };
}

/** Numbers of categories as bars, of one or more series, each bar with its number. */
export function Bars(props: BarsProps) {
  const { categories, series, format, idealLabel = 'ideal', onSelect } = props;
  return (
    <Stage
      rows={categories.length}
      columns={series.length}
      lay={useCallback((width: number) => layBars(props, width), [props])}
      tell={({ row, column }) => {
        const ideal = idealOf(props, row);
        const shown = series[column];
        const { values = [] } = shown ?? {};
        const label = shown === undefined ? '' : faceOf(shown, row).label;
        return {
          title: longLabel(categories[row] ?? ''),
          facts: [
            [label, formatValue(values[row] ?? null, format)],
            ...(ideal === null ? [] : [[idealLabel, formatValue(ideal, format)] as const]),
          ],
        };
      }}
      onSelect={onSelect && (({ row, column }) => onSelect(row, column))}
      selects={props.selects}
    />
  );
}
