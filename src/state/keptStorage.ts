/** Runs that are drawn beside the live one, as the library has them; loaded when first asked for. */
import { isUnreadable, parseExperiment } from '../config/parse.ts';
import { decodeLink, encodeSealed } from '../config/permalink.ts';
import { PRODUCT_VERSION } from '../config/product.ts';
import type { Library } from '../runs/library.ts';
import { NO_REPORTS, type RunCurves, type RunRow } from '../runs/record.ts';
import { rowOfCurves } from '../runs/rowOfCurves.ts';
import { type KeptRun, type KeptStorage, MAX_KEPT } from './keptRuns.ts';

/** What is drawn from the start: what a person set aside, and the curves of other programs. */
function isKept({ isVisible, origin }: RunRow): boolean {
  return isVisible || origin === 'curves';
}

/** The experiment as a link that is given away; null where there is none, or none that can be read. */
function linkOf({ experiment }: RunRow): string | null {
  if (experiment === null) return null;
  const parsed = parseExperiment(experiment);
  return isUnreadable(parsed) ? null : encodeSealed(parsed.experiment);
}

function keptRun(row: RunRow, columns: RunCurves): KeptRun {
  const { id, name, color, isVisible, tokensPerStep } = row;
  const look = { id, name, color, isVisible, tokensPerStep };
  return { ...look, link: linkOf(row), columns, resumedAt: [], repeated: 0 };
}

function curvesOf({ columns }: KeptRun): RunCurves {
  const entries = Object.entries(columns).map(([name, { firstStep, steps, values }]) => [
    name,
    { firstStep, steps, values: Float32Array.from(values) },
  ]);
  return Object.fromEntries(entries) as RunCurves;
}

/** The row of curves of which the library has no record. */
function rowOf(run: KeptRun, curves: RunCurves): RunRow {
  const { id, name, color, isVisible, tokensPerStep, link } = run;
  return rowOfCurves(curves, {
    ...{ id, name, color, isVisible, tokensPerStep },
    origin: link === null ? 'curves' : 'trained',
    version: PRODUCT_VERSION,
    experiment: link === null ? null : decodeLink(link).experiment,
  });
}

/** Kept runs as rows of the library: a run that has a record is shown or hidden, never copied. */
export function keptStorageOf(library: Library): KeptStorage {
  /** Names under which runs of the library are shown here. */
  const names = new Map<string, string>();
  return {
    async all() {
      const rows = (await library.rows()).filter(isKept).slice(0, MAX_KEPT).reverse();
      const runs: KeptRun[] = [];
      for (const row of rows) runs.push(keptRun(row, await library.curves(row.id)));
      for (const { id, name } of rows) names.set(id, name);
      return runs;
    },
    async put(run) {
      const { id, name, color, isVisible } = run;
      const isRenamed = (names.get(id) ?? name) !== name;
      names.set(id, name);
      // A record keeps the name that it has until it is given another one.
      if ((await library.row(id)) !== null)
        return library.change(id, { ...(isRenamed && { name }), color, isVisible });
      const curves = curvesOf(run);
      const parts = { curves, records: [], ...NO_REPORTS };
      return library.put(rowOf(run, curves), parts, null);
    },
    async remove(id) {
      names.delete(id);
      const row = await library.row(id);
      if (row === null) return;
      const isCopy = row.origin === 'curves' || (row.origin === 'trained' && row.adapter === null);
      if (isCopy) await (await library.remove([id])).forget();
      else await library.change(id, { isVisible: false });
    },
  };
}
