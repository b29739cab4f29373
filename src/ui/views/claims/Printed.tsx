import { useMemo } from 'react';
import { columnWords, type PrintedTable } from '../../../analysis/papers/printed.ts';
import { PAPERS } from '../../../analysis/papers.ts';
import { figureData, type PrintedSeries } from '../../../recipes/figures.ts';
import type { FigureSpec, Recipe } from '../../../recipes/recipe.ts';
import { sourceOf } from '../../../recipes/sources.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Points } from '../../kit/figure/Points.tsx';
import { PrintedData } from '../../kit/figure/PrintedData.tsx';

function tableAt(recipe: Recipe, where: string): PrintedTable | undefined {
  const tables = PAPERS.find(({ id }) => id === recipe.paper)?.tables ?? [];
  return tables.find((table) => table.where === where);
}

/** The paper's own points beside a figure: those of a result without any run. */
function printedOf(recipe: Recipe, spec: FigureSpec): readonly PrintedSeries[] {
  const ground = {
    version: '',
    recipe: recipe.name,
    digest: '',
    budget: 'quick',
    adapter: '',
  } as const;
  const data = figureData(recipe, spec, { format: 1, kind: 'recipe', ...ground, units: [] });
  return data.kind === 'table' ? [] : data.printed;
}

function PrintedFigure({ recipe, spec }: { recipe: Recipe; spec: FigureSpec }) {
  const printed = useMemo(() => printedOf(recipe, spec), [recipe, spec]);
  const [first] = printed;
  if (first === undefined) return null;
  const [x, y] = [columnWords(first.x), columnWords(first.y)];
  const series = printed.map(({ where, points, label, ...column }) => {
    const which = label === '' ? '' : `, ${label}`;
    return { label: `${where}: ${columnWords(column.y)}${which}`, points };
  });
  return (
    <FigureFrame
      name={`switchyard-printed-${recipe.name}-${spec.id}`}
      title={`${sourceOf(recipe).printer}’s own: ${y} against ${x}`}
      caption={() =>
        `Printed by ${sourceOf(recipe).printer}, ${[...new Set(printed.map(({ where }) => where))].join(', ')}.`
      }
      table={() => ({
        columns: [{ title: 'series' }, { title: x }, { title: y }].map((column, i) =>
          i === 0 ? column : { ...column, format: 'units' as const },
        ),
        rows: series.flatMap(({ label, points }) => points.map(({ x, y }) => [label, x, y])),
      })}
      runs={[]}
    >
      <Points series={series} x={{ label: x, format: 'units' }} y={{ label: y, format: 'units' }} />
    </FigureFrame>
  );
}

/** Figures with points of the paper's own: of those with the same ones, the first. */
function printedFigures({ figures }: Recipe): FigureSpec[] {
  const columns = figures.map((spec) => {
    return JSON.stringify(spec.kind === 'table' ? null : (spec.printed ?? null));
  });
  return figures.filter((_, i) => columns[i] !== 'null' && columns.indexOf(columns[i]!) === i);
}

/** Whether a paper prints sentences alone for a claim: no points and no tables to stand beside a figure. */
export function printsWordsAlone(recipe: Recipe): boolean {
  const hasTables = recipe.printed.some(({ inTable }) => inTable);
  return !hasTables && printedFigures(recipe).length === 0;
}

/** What the paper prints: a panel of its own, never among own results. */
export function Printed({ recipe }: { recipe: Recipe }) {
  const tables = [
    ...new Set(recipe.printed.filter(({ inTable }) => inTable).map(({ where }) => where)),
  ];
  return (
    <aside className="claims-printed" aria-label={`Printed by ${sourceOf(recipe).printer}`}>
      <h4>
        <span className="tag">printed</span> by {sourceOf(recipe).printer}
      </h4>
      <ul>
        {recipe.printed.map(({ where, says }) => (
          <li key={`${where} ${says}`}>
            <b>{where}</b>: {says}
          </li>
        ))}
      </ul>
      {printedFigures(recipe).map((spec) => (
        <PrintedFigure key={spec.id} recipe={recipe} spec={spec} />
      ))}
      {tables.map((where) => {
        const table = tableAt(recipe, where);
        if (table === undefined) return null;
        return (
          <details key={where} className="claims-numbers" open={tables.length === 1}>
            <summary>
              {where}: {table.holds}
            </summary>
            <PrintedData of={table} />
          </details>
        );
      })}
    </aside>
  );
}
