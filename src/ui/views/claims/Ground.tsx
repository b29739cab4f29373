import { useMemo } from 'react';
import { encodeSealed } from '../../../config/permalink.ts';
import type { Recipe } from '../../../recipes/recipe.ts';
import type { RecipeResult } from '../../../recipes/result.ts';
import { runTable } from '../../../recipes/runTable.ts';
import { adapterName } from '../../kit/adapterName.ts';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { TableBehind } from '../../kit/figure/TableBehind.tsx';
import type { FigureCell, FigureTable } from '../../kit/figure/table.ts';
import { saveFile } from '../../kit/files.ts';
import { formatDate, formatDuration } from '../../kit/format.ts';
import { heldNumbers, heldRows, heldText } from './held.ts';
import { claimName } from './words.ts';

/** What is held equal, with the accounting's numbers. */
export function Held({
  recipe,
  result,
  budget,
}: { recipe: Recipe; result: RecipeResult | null } & {
  budget: RecipeResult['budget'];
}) {
  const { rows, problem } = useMemo(
    () => heldRows(recipe, result, budget),
    [recipe, result, budget],
  );
  if (problem !== null) return <p className="claims-refused">{problem}</p>;
  return (
    <details className="claims-numbers">
      <summary>{heldText(rows)}</summary>
      {rows.length > 0 && (
        <TableBehind
          title={`What ${claimName(recipe)} holds equal`}
          table={() => heldNumbers(recipe, rows)}
        />
      )}
    </details>
  );
}

/** Every run of a result: what was trained, and what it cost. */
function runsTable(recipe: Recipe, { units }: RecipeResult): FigureTable {
  const labelOf = (id: string) => recipe.variants.find((one) => one.id === id)?.label ?? id;
  return {
    columns: [
      { title: 'variant' },
      { title: 'seed', format: 'index' },
      { title: 'steps', format: 'count' },
      { title: 'tokens', format: 'count' },
      { title: 'N', format: 'count' },
      { title: 'Na', format: 'count' },
      { title: 'C, FLOPs', format: 'units' },
      { title: 'active FLOPs', format: 'units' },
      { title: 'realised FLOPs', format: 'units' },
      { title: 'diverged' },
    ],
    rows: units.flatMap(({ seed, runs }) =>
      runs.map(({ variant, steps, tokens, resources, realisedFlops, diverged }) => [
        ...[labelOf(variant), seed, steps, tokens, resources.N, resources.Na, resources.C],
        ...[resources.flops, realisedFlops, diverged ?? ''],
      ]),
    ),
  };
}

/** A row per variant: sizes, compute and data as EqualRes's tables have them, losses over seeds. */
function columnsTable(recipe: Recipe, result: RecipeResult): FigureTable {
  return {
    columns: [
      { title: 'variant' },
      ...[
        ...['N', 'Na'],
        'ra',
        ...['M, FLOPs per token', 'C, FLOPs', 'D, tokens'],
        'D/N',
        'epochs',
      ].map((title) => ({
        title,
        format: title === 'ra' ? ('percent' as const) : ('units' as const),
      })),
      ...['experts', 'K', 'expert width', 'shared width', 'steps'].map((title) => ({
        ...{ title, format: 'count' as const },
      })),
      { title: 'validation loss, nats', format: 'nats' },
      { title: 'bits per character', format: 'bits' },
      { title: 'realised FLOPs', format: 'units' },
      { title: 'seeds', format: 'count' },
    ],
    rows: runTable(result).map((row): FigureCell[] => [
      recipe.variants.find(({ id }) => id === row.variant)?.label ?? row.variant,
      ...[row.N, row.Na, row.ra, row.M, row.C, row.D, row.dataPerParameter, row.epochs],
      ...[row.experts, row.K, row.expertWidth, row.sharedWidth, row.steps],
      ...[row.loss.mean, row.bitsPerCharacter.mean, row.realisedFlops.mean, row.loss.n],
    ]),
  };
}

/** The runs of a result in EqualRes's columns, as a table and as a file. */
export function RunColumns({
  recipe,
  result,
  runs,
}: { recipe: Recipe; result: RecipeResult } & {
  runs: readonly FigureRun[];
}) {
  const title = 'Runs in EqualRes’s columns';
  const table = () => columnsTable(recipe, result);
  return (
    <FigureFrame
      name={`switchyard-${recipe.name}-columns`}
      title={title}
      caption={() => `${title}, means over seeds.`}
      table={table}
      runs={runs}
    >
      {recipe.paper === 'equalres' ? <TableBehind title={title} table={table} /> : null}
    </FigureFrame>
  );
}

/** Experiments of the first seed as links, by variant. */
function Links({ recipe, result }: { recipe: Recipe; result: RecipeResult }) {
  const seed = result.units[0]?.seed;
  const runs = result.units.filter((unit) => unit.seed === seed).flatMap((unit) => unit.runs);
  return (
    <ul className="claims-links">
      {runs.map(({ variant, experiment }) => (
        <li key={variant}>
          <a href={`#${encodeSealed(experiment)}`}>
            {recipe.variants.find(({ id }) => id === variant)?.label ?? variant}
          </a>
        </li>
      ))}
    </ul>
  );
}

function save(result: RecipeResult): void {
  saveFile(`${result.recipe}.json`, `${JSON.stringify(result)}\n`, 'application/json');
}

/** Where a result comes from: version, adapter, dates, seeds, budget, digest; and all of it as a file. */
export function Provenance({
  recipe,
  result,
  isOwn,
}: { recipe: Recipe; result: RecipeResult } & {
  isOwn: boolean;
}) {
  const { version, adapter, budget, digest, units } = result;
  const begun = units.map(({ times }) => Date.parse(times.begunAt));
  const seconds = units.reduce((sum, { times }) => sum + times.seconds, 0);
  const seeds = [...new Set(units.map(({ seed }) => seed))];
  const facts: readonly (readonly [string, string])[] = [
    ['origin', isOwn ? 'this browser' : 'recorded with the product'],
    ['version', version],
    ['adapter', adapterName(adapter)],
    ['begun', `${formatDate(Math.min(...begun))} to ${formatDate(Math.max(...begun))}`],
    ['time', formatDuration(seconds)],
    ['budget', `${budget}, ${recipe.budgets[budget].steps.toLocaleString('en')} steps`],
    ['seeds', seeds.join(', ')],
    ['digest of the recipe', digest],
  ];
  return (
    <section className="claims-provenance" aria-label="Provenance">
      <h4>Provenance</h4>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="claims-line">
        <button type="button" className="btn quiet small" onClick={() => save(result)}>
          Save the result
        </button>
        <span className="muted">Experiments of seed {seeds[0]}:</span>
      </p>
      <Links recipe={recipe} result={result} />
      <details className="claims-numbers">
        <summary>All runs</summary>
        <TableBehind
          title={`Runs of ${claimName(recipe)}`}
          table={() => runsTable(recipe, result)}
        />
      </details>
    </section>
  );
}
