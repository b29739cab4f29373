import { columnOf, PAPER_NAMES, type PrintedTable } from '../../../analysis/papers/printed.ts';
import { PAPERS } from '../../../analysis/papers.ts';
import type { FigureSpec, PrintedColumns, Recipe } from '../../../recipes/recipe.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { type PointSeries, Points } from '../../kit/figure/Points.tsx';
import { PrintedData } from '../../kit/figure/PrintedData.tsx';

function tableAt(recipe: Recipe, where: string): PrintedTable | undefined {
  const tables = PAPERS.find(({ id }) => id === recipe.paper)?.tables ?? [];
  return tables.find((table) => table.where === where);
}

/** Rows of a table that have some cells. */
function onlyRows(table: PrintedTable, only: PrintedColumns['only'] = {}): PrintedTable {
  const places = Object.entries(only).map(
    ([column, cell]) => [table.columns.indexOf(column), cell] as const,
  );
  return {
    ...table,
    rows: table.rows.filter((row) => places.every(([at, cell]) => row[at] === cell)),
  };
}

/** The paper's own points of some columns; none where the table or a column is not there. */
function seriesOf(recipe: Recipe, { where, x, y, only }: PrintedColumns): PointSeries | null {
  const table = tableAt(recipe, where);
  if (table === undefined || !table.columns.includes(x) || !table.columns.includes(y)) return null;
  const rows = onlyRows(table, only);
  const [across, up] = [columnOf(rows, x), columnOf(rows, y)];
  const points = across
    .map((at, i) => ({ x: at, y: up[i] ?? Number.NaN }))
    .filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
  const which = only === undefined ? '' : `, ${Object.values(only).join(', ')}`;
  return points.length === 0 ? null : { label: `${where}: ${y}${which}`, points };
}

function PrintedFigure({ recipe, spec }: { recipe: Recipe; spec: FigureSpec }) {
  if (spec.kind === 'table' || spec.printed === undefined) return null;
  const series = spec.printed.map((one) => seriesOf(recipe, one)).filter((one) => one !== null);
  const [first] = spec.printed;
  if (series.length === 0 || first === undefined) return null;
  return (
    <FigureFrame
      name={`switchyard-printed-${recipe.name}-${spec.id}`}
      title={`${PAPER_NAMES[recipe.paper]}’s own: ${first.y} against ${first.x}`}
      caption={() =>
        `Printed by ${PAPER_NAMES[recipe.paper]}, ${spec.printed?.map(({ where }) => where).join(', ')}.`
      }
      table={() => ({
        columns: [{ title: 'series' }, { title: first.x }, { title: first.y }].map((column, i) =>
          i === 0 ? column : { ...column, format: 'units' as const },
        ),
        rows: series.flatMap(({ label, points }) => points.map(({ x, y }) => [label, x, y])),
      })}
      runs={[]}
    >
      <Points
        series={series}
        x={{ label: first.x, format: 'units' }}
        y={{ label: first.y, format: 'units' }}
      />
    </FigureFrame>
  );
}

/** What the paper prints: a panel of its own, never among own results. */
export function Printed({ recipe }: { recipe: Recipe }) {
  const tables = [
    ...new Set(recipe.printed.filter(({ inTable }) => inTable).map(({ where }) => where)),
  ];
  return (
    <aside className="claims-printed" aria-label={`Printed by ${PAPER_NAMES[recipe.paper]}`}>
      <h4>
        <span className="tag">printed</span> by {PAPER_NAMES[recipe.paper]}
      </h4>
      <ul>
        {recipe.printed.map(({ where, says }) => (
          <li key={`${where} ${says}`}>
            <b>{where}</b>: {says}
          </li>
        ))}
      </ul>
      {recipe.figures.map((spec) => (
        <PrintedFigure key={spec.id} recipe={recipe} spec={spec} />
      ))}
      {tables.map((where) => {
        const table = tableAt(recipe, where);
        return table === undefined ? null : <PrintedData key={where} of={table} />;
      })}
    </aside>
  );
}
