import { useEffect, useMemo, useRef } from 'react';
import type { ComparedRun } from '../../../analysis/compare/places.ts';
import { foldedBySeed } from '../../../analysis/compare/settings.ts';
import { accountingOf } from '../../../analysis/compare/spaces.ts';
import type { TableRow } from '../../../analysis/compare/table.ts';
import type { RunRow } from '../../../runs/record.ts';
import { useLab, useLibrary } from '../../kit/useLab.tsx';

/** The chosen runs, or all; those of the same parts stay the same objects. */
export function useComparedRuns(needsRouting: boolean): readonly ComparedRun[] {
  const { library } = useLab();
  const all = useLibrary((s) => s.rows);
  const selected = useLibrary((s) => s.selected);
  const curves = useLibrary((s) => s.curves);
  const routing = useLibrary((s) => s.routing);
  const known = useRef(new Map<string, ComparedRun>());
  const rows = useMemo(
    () => (selected.size === 0 ? all : all.filter(({ id }) => selected.has(id))),
    [all, selected],
  );
  const ids = rows.map(({ id }) => id).join(' ');
  useEffect(
    () => (ids === '' ? undefined : library.getState().follow('curves', ids.split(' '))),
    [library, ids],
  );
  useEffect(
    () =>
      ids === '' || !needsRouting
        ? undefined
        : library.getState().follow('routing', ids.split(' ')),
    [library, ids, needsRouting],
  );
  return useMemo(() => {
    const compared = (row: RunRow): ComparedRun => {
      const own = { curves: curves.get(row.id) ?? null, routing: routing.get(row.id) ?? null };
      const before = known.current.get(row.id);
      if (before?.row === row && before.curves === own.curves && before.routing === own.routing)
        return before;
      return { row, ...own, accounting: accountingOf(row) };
    };
    const runs = rows.map(compared);
    known.current = new Map(runs.map((run) => [run.row.id, run]));
    return runs;
  }, [rows, curves, routing]);
}

/** The row of a run alone: the same while the run is, so that it is not drawn again. */
const alone = new WeakMap<ComparedRun, TableRow>();

function rowOfRun(run: ComparedRun): TableRow {
  const known = alone.get(run);
  if (known !== undefined) return known;
  const row: TableRow = { runs: [run] };
  alone.set(run, row);
  return row;
}

/** Rows of the table: a run each, or those of one experiment together. */
export function useTableRows(runs: readonly ComparedRun[], isFolded: boolean): TableRow[] {
  return useMemo(() => {
    if (!isFolded) return runs.map(rowOfRun);
    return foldedBySeed(runs).flatMap(([first, ...others]) =>
      first === undefined ? [] : [{ runs: [first, ...others] as const }],
    );
  }, [runs, isFolded]);
}

/** What several runs are called: what their names begin with, as far as it says something. */
export function nameOfRow({ runs: [first, ...others] }: TableRow): string {
  if (others.length === 0) return first.row.name;
  let length = first.row.name.length;
  for (const { row } of others) {
    while (!row.name.startsWith(first.row.name.slice(0, length))) length -= 1;
  }
  const shared = first.row.name
    .slice(0, length)
    .replace(/[\s,;:_([-]*(seeds?)?[\s,;:_=([-]*\d*$/i, '');
  return shared.length >= 2 ? shared : first.row.name;
}

/** Key of a row: its runs. */
export function keyOfRow({ runs }: TableRow): string {
  return runs.map(({ row }) => row.id).join(' ');
}
