/** Runs of the library that a person shows beside the live one stand among the kept runs. */
import type { RunRow } from '../runs/record.ts';
import { type KeptRun, type KeptStore, MAX_KEPT } from './keptRuns.ts';
import type { LibraryState, LibraryStore } from './library.ts';

function isAlike(run: KeptRun, row: RunRow): boolean {
  return run.name === row.name && run.color === row.color && run.isVisible === row.isVisible;
}

function keptOf(row: RunRow, { curves }: LibraryState): KeptRun | null {
  const columns = curves.get(row.id);
  if (columns === undefined) return null;
  const { id, name, color, isVisible, tokensPerStep } = row;
  return {
    ...{ id, name, color, isVisible, tokensPerStep, columns },
    link: null,
    resumedAt: [],
    repeated: 0,
  };
}

/** Follows the rows; curves of those that are shown are read. Returns how to stop. */
export function followVisible(library: LibraryStore, kept: KeptStore): () => void {
  /** Kept runs that are rows of the library. */
  const known = new Set<string>();

  function follow(state: LibraryState): void {
    const { runs } = kept.getState();
    const rows = new Map(state.rows.map((row) => [row.id, row]));
    for (const { id } of runs) if (rows.has(id)) known.add(id);
    const stay = runs.flatMap((run): KeptRun | [] => {
      const row = rows.get(run.id);
      if (row === undefined) return known.has(run.id) ? [] : run;
      if (isAlike(run, row)) return run;
      const { name, color, isVisible } = row;
      return { ...run, name, color, isVisible };
    });
    const missing = state.rows.filter(
      ({ id, isVisible }) => isVisible && !runs.some((run) => run.id === id),
    );
    const room = missing.slice(0, Math.max(0, MAX_KEPT - stay.length));
    const unread = room.filter(({ id }) => !state.curves.has(id)).map(({ id }) => id);
    if (unread.length > 0) void state.wantCurves(unread);
    const added = room.flatMap((row) => keptOf(row, state) ?? []);
    for (const { id } of added) known.add(id);
    const now = [...stay, ...added];
    const isSame = now.length === runs.length && now.every((run, i) => run === runs[i]);
    if (!isSame) kept.setState({ runs: now });
  }

  follow(library.getState());
  return library.subscribe((now, before) => {
    if (now.rows !== before.rows || now.curves !== before.curves) follow(now);
  });
}
