import { useCallback, useMemo } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { figureTicks, pixelAt } from './axis.ts';
import {
  type BarGroups,
  type BarPlan,
  type BarSeries,
  barAt,
  barBox,
  barPlan,
  barSpan,
  faceOf,
  idealOf,
  noBar,
  TITLE_PX,
} from './barsLayout.ts';
import type { CellPlace } from './cursor.ts';
import { Face, Key, type KeyEntry, keyPlaces } from './Face.tsx';
import { formatTight, formatValue } from './formats.ts';
import { fittedLabel, labelStep, labelWidth, longLabel, titleLines, titleWidth } from './label.ts';
import { type Laid, Stage } from './Stage.tsx';
import { type Span, useAxisSpan } from './sharedSpan.ts';
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

/** Pixels of the longest number that stands at the left of a bar. */
function lowNumbersWidth({ series, format }: BarsProps): number {
  const low = series.flatMap(({ values }) => values.filter((value) => (value ?? 0) < 0));
  return Math.max(0, ...low.map((value) => labelWidth(formatValue(value, format))));
}

interface BarNumberProps extends CellPlace {
  props: BarsProps;
  plan: BarPlan;
}

/** The number of a bar at its end, or on it where bars are stacked, as far as there is room. */
function BarNumber({ props, plan, row, column }: BarNumberProps) {
  const { stacked = false, format, series } = props;
  const { isHorizontal } = plan;
  const value = series[column]?.values[row] ?? Number.NaN;
  const box = barBox(plan, props, { row, column }) ?? noBar(plan, props, { row, column });
  const isKnown = Number.isFinite(value);
  if (stacked && !isKnown) return null;
  const text = isKnown && !isHorizontal ? formatTight(value, format) : formatValue(value, format);
  const tight = labelWidth(isKnown ? formatTight(value, format) : text);
  const isBelow = value < 0;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  if (stacked) {
    if (box.height < 12 || box.width < tight + 4) return null;
    return <Written x={x} y={y} text={formatTight(value, format)} isMiddle />;
  }
  if (isHorizontal)
    return box.height < 10 ? null : (
      <Written
        x={isBelow ? box.x - 4 : box.x + box.width + 4}
        y={y}
        text={text}
        anchor={isBelow ? 'end' : 'start'}
        isMiddle
      />
    );
  // Numbers of neighbours in a group must not run into each other.
  if (tight > (series.length > 1 ? box.width : Math.min(box.width + 8, plan.band))) return null;
  if (isBelow) return <Written x={x} y={box.y + box.height + 11} text={text} />;
  // Above the dashed line, where that would cross it out.
  const ideal = idealOf(props, row);
  const line = ideal === null ? Number.NaN : pixelAt(plan.axis, ideal);
  const isCrossed = line <= box.y + 1 && line > box.y - 15;
  return <Written x={x} y={(isCrossed ? line : box.y) - 4} text={text} />;
}

interface WrittenProps {
  x: number;
  y: number;
  text: string;
  anchor?: 'start' | 'middle' | 'end';
  isMiddle?: boolean;
}

function Written({ x, y, text, anchor = 'middle', isMiddle = false }: WrittenProps) {
  return (
    <text
      className="figure-number"
      x={x}
      y={y}
      textAnchor={anchor}
      {...(isMiddle ? { dominantBaseline: 'central' } : {})}
    >
      {text}
    </text>
  );
}

/** What values and categories are, beside their axes. */
function AxisTitles({
  plan,
  width,
  quantity,
  along,
}: Pick<BarGroups, 'quantity' | 'along'> & { plan: BarPlan; width: number }) {
  const { isHorizontal, axis, left, right, top, bottom } = plan;
  const [from, to] = isHorizontal ? [axis.from, axis.to] : [left, right];
  const below = isHorizontal ? quantity : along;
  return (
    <>
      {(below === undefined ? [] : titleLines(below, width)).map((line, i) => {
        // In the middle of its axis, as far as the drawing reaches.
        const half = titleWidth(line) / 2;
        const x = Math.max(half, Math.min((from + to) / 2, width - half));
        const y = bottom + 29 + i * TITLE_PX;
        return (
          <text key={line} className="figure-tick" x={x} y={y} textAnchor="middle">
            {line}
          </text>
        );
      })}
      {!isHorizontal && quantity !== undefined && (
        <text className="figure-tick" x={0} y={top + 9}>
          {quantity}
        </text>
      )}
    </>
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

function lookOf(series: BarSeries | undefined, row: number) {
  if (series === undefined) return { color: '', pattern: undefined };
  const { color, pattern } = faceOf(series, row);
  return { color, pattern };
}

function layBars(props: BarsProps, span: Span, width: number): Laid {
  const { series, ideal, idealLabel = 'ideal' } = props;
  const marked = series.flatMap((one) => one.marked ?? []);
  const entries: KeyEntry[] = [
    ...(series.length + marked.length > 1 ? [...series, ...marked] : []),
    ...(ideal === undefined ? [] : [{ label: idealLabel, color: '', isIdeal: true }]),
  ];
  const key = keyPlaces(entries, width);
  const lowPx = lowNumbersWidth(props);
  const plan = barPlan(props, { width, keyHeight: key.height, lowPx, span });
  const zero = pixelAt(plan.axis, 0);
  const side = plan.isHorizontal ? 'x' : 'y';
  const [from, to] = plan.isHorizontal ? [plan.top, plan.bottom] : [plan.left, plan.right];
  const places = props.categories.flatMap((_, row) =>
    series.map((_, column) => ({ row, column, box: barBox(plan, props, { row, column }) })),
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
        {places.map(
          ({ row, column, box }) =>
            box !== null && (
              <Face key={`${row} ${column}`} box={box} {...lookOf(series[column], row)} />
            ),
        )}
        <line
          className="figure-axis"
          {...(plan.isHorizontal
            ? { x1: zero, x2: zero, y1: from, y2: to }
            : { y1: zero, y2: zero, x1: from, x2: to })}
        />
        <Ideals groups={props} plan={plan} />
        {places.map(({ row, column }) => (
          <BarNumber key={`${row} ${column}`} props={props} plan={plan} row={row} column={column} />
        ))}
        <AxisTitles plan={plan} width={width} quantity={props.quantity} along={props.along} />
      </>
    ),
    box: (at) => barBox(plan, props, at) ?? noBar(plan, props, at),
    hit: (x, y) => barAt(plan, props, x, y),
  };
}

/** Numbers of categories as bars, of one or more series, each bar with its number. */
export function Bars(props: BarsProps) {
  const { categories, series, format, idealLabel = 'ideal', quantity = 'value', onSelect } = props;
  const own = useMemo(() => barSpan(props), [props]);
  const span = useAxisSpan(`${quantity}, ${format}, bars`, own);
  return (
    <Stage
      rows={categories.length}
      columns={series.length}
      lay={useCallback((width: number) => layBars(props, span, width), [props, span])}
      tell={({ row, column }) => {
        const ideal = idealOf(props, row);
        const shown = series[column];
        const { values = [] } = shown ?? {};
        const label = shown === undefined ? '' : faceOf(shown, row).label;
        return {
          title: longLabel(categories[row] ?? ''),
          facts: [
            [label || quantity, formatValue(values[row] ?? null, format)],
            ...(ideal === null ? [] : [[idealLabel, formatValue(ideal, format)] as const]),
          ],
        };
      }}
      onSelect={onSelect && (({ row, column }) => onSelect(row, column))}
      selects={props.selects}
    />
  );
}
