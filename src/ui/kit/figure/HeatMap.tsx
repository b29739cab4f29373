import { useCallback, useContext, useMemo } from 'react';
import type { ResolvedTheme } from '../diverging.ts';
import { useTheme } from '../useTheme.ts';
import { FigureContext } from './context.ts';
import { formatValue } from './formats.ts';
import { HeatLegend } from './HeatLegend.tsx';
import {
  cellAt,
  cellBox,
  type HeatCells,
  type HeatGrid,
  type HeatPaths,
  heatGrid,
  heatPaths,
  heatValues,
  MARKS,
  markOf,
} from './heat.ts';
import { shownTexts } from './heatTexts.ts';
import { fittedLabel, longLabel } from './label.ts';
import { type Laid, Stage } from './Stage.tsx';
import { type ColorScale, scaleOf, spanOf } from './scales.ts';
import { type Span, useSharedSpan } from './sharedSpan.ts';
import type { Told } from './told.ts';

export interface HeatMapProps extends HeatCells {
  color: ColorScale;
  /** What a value is called in words: "assignments". */
  quantity?: string;
  /** What rows and columns are: "layer", "slot". */
  axes?: readonly [row: string, column: string];
  /** Least and most value of the scale, where it is not that of these cells. */
  span?: Span;
  /** What else is told of a cell. */
  more?: (row: number, column: number) => Told['facts'];
  onSelect?: (row: number, column: number) => void;
  /** What `onSelect` does, for the keyboard: "show the layer". */
  selects?: string;
}

function HeatLabels({ rows, columns, grid }: HeatCells & { grid: HeatGrid }) {
  const { left, top, cell, every, everyRow } = grid;
  return (
    <>
      {rows.map((row, i) =>
        i % everyRow === 0 ? (
          <text
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
            key={i}
            className="figure-label"
            x={left - 6}
            y={top + (i + 0.5) * cell.height}
            textAnchor="end"
            dominantBaseline="central"
          >
            {fittedLabel(row, left - 8)}
          </text>
        ) : null,
      )}
      {columns.map((column, i) =>
        i % every === 0 ? (
          <text
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
            key={i}
            className="figure-label"
            x={left + (i + 0.5) * cell.width}
            y={top - 6}
            textAnchor="middle"
          >
            {fittedLabel(column, every * cell.width - 4)}
          </text>
        ) : null,
      )}
    </>
  );
}

function HeatFaces({ faces, dead, none, empty, texts, numbers }: HeatPaths) {
  return (
    <>
      {faces.map(({ shade, color, path }) => (
        <path key={shade} d={path} fill={color} />
      ))}
      <path className="figure-dead" d={dead[0]} />
      <path className="figure-dead-strokes" d={dead[1]} />
      <path className="figure-none" d={none[0]} />
      <path className="figure-none-strokes" d={none[1]} />
      <path className="figure-empty" d={empty[0]} />
      <path className="figure-empty-strokes" d={empty[1]} />
      {texts.map(({ x, y, text, ink }) => (
        <text
          key={`${x} ${y}`}
          className={`figure-number ${numbers}`}
          x={x}
          y={y}
          fill={ink}
          textAnchor="middle"
          dominantBaseline="central"
        >
          {text}
        </text>
      ))}
    </>
  );
}

/** The scale's ends: given, or the same for this figure of all runs beside each other. */
function useSpan(props: HeatMapProps): Span | undefined {
  const { title } = useContext(FigureContext);
  const { color, span, quantity = 'value' } = props;
  const own = useMemo(
    () => (color === 'ratio' ? null : (span ?? spanOf(color, heatValues(props)))),
    [color, span, props],
  );
  return useSharedSpan(`${title}, ${quantity}, ${color}`, own) ?? undefined;
}

function layHeat(props: HeatMapProps, theme: ResolvedTheme, span: Span | undefined, width: number) {
  const grid = heatGrid(props, width);
  const scale = scaleOf(props.color, heatValues(props), theme, span);
  const paths = heatPaths(props, grid, scale);
  return {
    height: grid.height,
    drawing: (
      <>
        <HeatLabels {...props} grid={grid} />
        <HeatFaces {...paths} texts={shownTexts(paths, props, grid)} />
        <HeatLegend {...props} grid={grid} scale={scale} paths={paths} />
      </>
    ),
    box: (at) => cellBox(grid, at),
    hit: (x: number, y: number) => cellAt(grid, props, x, y),
  } satisfies Laid;
}

/** A matrix of numbers as colours, with its numbers where there is room; what has none is hatched. */
export function HeatMap(props: HeatMapProps) {
  const { rows, columns, value, format, quantity = 'value', axes = ['', ''], onSelect } = props;
  const theme = useTheme();
  const span = useSpan(props);
  const name = (axis: string, label: string) => (axis === '' ? label : `${axis} ${label}`);
  return (
    <Stage
      rows={rows.length}
      columns={columns.length}
      lay={useCallback((width: number) => layHeat(props, theme, span, width), [props, theme, span])}
      tell={({ row, column }) => {
        const mark = markOf(props, row, column);
        const text = formatValue(value(row, column), format);
        const [r, c] = [longLabel(rows[row] ?? ''), longLabel(columns[column] ?? '')];
        return {
          title: `${name(axes[0], r)}, ${name(axes[1], c)}`,
          facts: [
            [quantity, mark === null ? text : `${text} (${MARKS[mark]})`],
            ...(props.more?.(row, column) ?? []),
          ],
        };
      }}
      onSelect={onSelect && (({ row, column }) => onSelect(row, column))}
      selects={props.selects}
    />
  );
}
