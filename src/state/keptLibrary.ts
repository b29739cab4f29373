/** The library as the one list of runs that are drawn beside the live one: what is shown follows its rows. */
import { isUnreadable, parseExperiment } from '../config/parse.ts';
import { encodeSealed } from '../config/permalink.ts';
import type { RunRow } from '../runs/record.ts';
import { isListed } from './keptRows.ts';
import { type KeptRun, type KeptStore, MAX_KEPT } from './keptRuns.ts';
import type { LibraryState, LibraryStore } from './library.ts';

function isAlike(run: KeptRun, row: RunRow): boolean {
  return run.name === row.name && run.color === row.color && run.isVisible === row.isVisible;
}

/** The experiment as a link that is given away; null where there is none, or none that can be read. */
function linkOf({ experiment }: RunRow): string | null {
  if (experiment === null) return null;
  const parsed = parseExperiment(experiment);
  return isUnreadable(parsed) ? null : encodeSealed(parsed.experiment);
}

/** Null while its curves are not read. */
function keptOf(row: RunRow, { curves }: LibraryState): KeptRun | null {
  const columns = curves.get(row.id);
  if (columns === undefined) return null;
  const { id, name, color, isVisible, tokensPerStep } = row;
  const look = { id, name, color, isVisible, tokensPerStep };
  return { ...look, link: linkOf(row), columns, resumedAt: [], repeated: 0 };
}

/** Follows the rows; curves of those that are listed are read. Returns how to stop. */
export function followRows(library: LibraryStore, kept: KeptStore): () => void {
  /** Rows that are among the kept runs, or were until a person removed them there. */
  const known = new Set<string>();
  /** Those of earlier visits stand before what is kept in this one. */
  let earlier: ReadonlySet<string> | null = null;

  /** Kept runs as their rows are now, without those whose rows are gone. */
  function stayed(runs: readonly KeptRun[], rows: ReadonlyMap<string, RunRow>): KeptRun[] {
    return runs.flatMap((run): KeptRun | [] => {
      const row = rows.get(run.id);
      if (row === undefined) return known.has(run.id) ? [] : run;
      known.add(run.id);
      if (isAlike(run, row)) return run;
      const { name, color, isVisible } = row;
      return { ...run, name, color, isVisible };
    });
  }

  function follow(state: LibraryState): void {
    if (!state.isRead) return;
    const { runs } = kept.getState();
    const rows = new Map(state.rows.map((row) => [row.id, row]));
    const stay = stayed(runs, rows);
    const here = new Set(stay.map(({ id }) => id));
    for (const id of known) {
      const row = rows.get(id);
      if (!here.has(id) && (row === undefined || !isListed(row))) known.delete(id);
    }
    const missing = state.rows.filter((row) => isListed(row) && !known.has(row.id));
    const room = missing.slice(0, Math.max(0, MAX_KEPT - stay.length)).reverse();
    const before = earlier ?? new Set(room.map(({ id }) => id));
    earlier = before;
    const unread = room.filter(({ id }) => !state.curves.has(id)).map(({ id }) => id);
    if (unread.length > 0) void state.wantCurves(unread);
    const added = room.flatMap((row) => keptOf(row, state) ?? []);
    for (const { id } of added) known.add(id);
    const all = [...stay, ...added];
    const now = [
      ...all.filter(({ id }) => before.has(id)),
      ...all.filter(({ id }) => !before.has(id)),
    ];
    const isSame = now.length === runs.length && now.every((run, i) => run === runs[i]);
    if (!isSame) kept.setState({ runs: now });
  }

  follow(library.getState());
  return library.subscribe((now, before) => {
    if (now.rows !== before.rows || now.curves !== before.curves) follow(now);
  });
}
