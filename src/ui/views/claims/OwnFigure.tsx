import { useMemo } from 'react';
import { type FigureData, figureData, type Spread } from '../../../recipes/figures.ts';
import type { Axis, FigureSpec, Recipe, Unit } from '../../../recipes/recipe.ts';
import type { RecipeResult } from '../../../recipes/result.ts';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Intervals } from '../../kit/figure/Intervals.tsx';
import { Points } from '../../kit/figure/Points.tsx';
import type { FigureCell, FigureTable } from '../../kit/figure/table.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { axisLabel, formatOf, intervalText, valueText } from './words.ts';

interface OwnFigureProps {
  recipe: Recipe;
  spec: FigureSpec;
  result: RecipeResult;
  runs: readonly FigureRun[];
}

type TableSpec = Extract<FigureSpec, { kind: 'table' }>;
type DrawnSpec = Exclude<FigureSpec, { kind: 'table' }>;
type TableData = Extract<FigureData, { kind: 'table' }>;
type DrawnData = Exclude<FigureData, { kind: 'table' }>;

const SPREAD = 'means over seeds with their 95 % intervals';

/** A mean with its interval, in a cell. */
function Cell({ of: { mean, interval }, unit }: { of: Spread; unit: Unit }) {
  return (
    <td className="num">
      {valueText(mean, unit)}
      {interval !== null && (
        <span className="claims-interval"> {intervalText(interval, unit)}</span>
      )}
    </td>
  );
}

function cellsOf(spec: TableSpec, data: TableData): FigureTable {
  return {
    columns: [
      { title: '' },
      ...spec.columns.flatMap(({ label, unit }) => [
        { title: label, format: formatOf(unit) },
        { title: `${label}: 95 % from`, format: formatOf(unit) },
        { title: `${label}: to`, format: formatOf(unit) },
      ]),
    ],
    rows: data.rows.map(({ label, cells }): FigureCell[] => [
      label,
      ...cells.flatMap(({ mean, interval }) => [mean, ...(interval ?? [null, null])]),
    ]),
  };
}

function TableFigure({ spec, data }: { spec: TableSpec; data: TableData }) {
  return (
    <ScrollX label={spec.title} className="figure-table">
      <table className="data">
        <thead>
          <tr>
            <td />
            {spec.columns.map(({ label }) => (
              <th key={label} scope="col" className="num">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map(({ label, cells }) => (
            <tr key={label}>
              <th scope="row" className="claims-row">
                {label}
              </th>
              {cells.map((cell, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
                <Cell key={i} of={cell} unit={spec.columns[i]?.unit ?? 'none'} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}

const axisOf = (axis: Axis) => {
  return { label: axisLabel(axis), format: formatOf(axis.unit), isLog: axis.scale === 'log' };
};

/** Name of a place of an axis. */
function placeText({ x }: DrawnSpec, at: number): string {
  return x.names?.[at] ?? valueText(at, x.unit);
}

function pointsOf(spec: DrawnSpec, data: DrawnData): FigureTable {
  return {
    columns: [
      { title: 'series' },
      { title: spec.x.label, ...(spec.x.names === undefined && { format: formatOf(spec.x.unit) }) },
      { title: `${spec.y.label}: mean`, format: formatOf(spec.y.unit) },
      { title: '95 % from', format: formatOf(spec.y.unit) },
      { title: '95 % to', format: formatOf(spec.y.unit) },
      { title: 'seeds', format: 'count' },
    ],
    rows: data.series.flatMap(({ label, points }) =>
      points.map(({ x, y: { mean, interval, n } }): FigureCell[] => [
        label,
        spec.x.names === undefined ? x : placeText(spec, x),
        mean,
        ...(interval ?? [null, null]),
        n,
      ]),
    ),
  };
}

/** Categories as rows with their intervals; else points along an axis. */
function DrawnFigure({ spec, data }: { spec: DrawnSpec; data: DrawnData }) {
  const y = axisOf(spec.y);
  const drawn = useMemo(() => {
    const lines = data.series.filter(({ level }) => !level);
    return {
      rows: lines.flatMap(({ label, points }) =>
        points.map(({ x, y: { mean, interval, values } }) => ({
          category: [lines.length > 1 ? label : '', placeText(spec, x)]
            .filter((part) => part !== '')
            .join(', '),
          ...{ mean, wide: interval, values: values.map(({ value }) => value) },
        })),
      ),
      series: lines.map(({ label, points }) => ({
        label,
        isLoose: spec.kind === 'points',
        points: points.flatMap(({ x, y: { mean, interval, values } }) =>
          mean === null
            ? []
            : [
                {
                  x,
                  y: mean,
                  ySpread: interval ?? undefined,
                  values: values.map(({ value }) => value),
                },
              ],
        ),
      })),
      across: data.series
        .filter(({ level }) => level)
        .flatMap(({ label, points: [point] }) =>
          point === undefined || point.y.mean === null ? [] : [{ label, y: point.y.mean }],
        ),
    };
  }, [spec, data]);
  if (spec.kind === 'bars' || spec.x.names !== undefined)
    return (
      <Intervals
        of={drawn.rows}
        format={y.format}
        quantity={y.label}
        names={['95 % interval', '']}
        none={null}
      />
    );
  return <Points series={drawn.series} across={drawn.across} x={axisOf(spec.x)} y={y} />;
}

/** A figure or table of a recipe over its seeds. */
export function OwnFigure({ recipe, spec, result, runs }: OwnFigureProps) {
  const data = useMemo(() => figureData(recipe, spec, result), [recipe, spec, result]);
  const { title } = spec;
  const isTable = spec.kind === 'table' && data.kind === 'table';
  return (
    <FigureFrame
      name={`switchyard-${recipe.name}-${spec.id}`}
      title={title}
      caption={() => `${title}: ${SPREAD}, ${result.budget} budget.`}
      table={() =>
        spec.kind === 'table' ? cellsOf(spec, data as TableData) : pointsOf(spec, data as DrawnData)
      }
      runs={runs}
    >
      {isTable ? (
        <TableFigure spec={spec} data={data} />
      ) : (
        <DrawnFigure spec={spec as DrawnSpec} data={data as DrawnData} />
      )}
    </FigureFrame>
  );
}
