/** Where runs that are drawn beside the live one are written: to the library, loaded with the first change. */
import { decodeLink } from '../config/permalink.ts';
import { PRODUCT_VERSION } from '../config/product.ts';
import { MAX_RUN_NAME } from '../config/settings.ts';
import type { Library } from '../runs/library.ts';
import { NO_REPORTS, type RunCurves, type RunRow } from '../runs/record.ts';
import { rowOfCurves } from '../runs/rowOfCurves.ts';
import { isCopy } from './keptRows.ts';
import type { KeptRun, KeptStorage } from './keptRuns.ts';

function curvesOf({ columns }: KeptRun): RunCurves {
  const entries = Object.entries(columns).map(([name, { firstStep, steps, values }]) => [
    name,
    { firstStep, steps, values: new Float32Array(values) },
  ]);
  return Object.fromEntries(entries) as RunCurves;
}

/** The row of curves of which the library has no record. */
function rowOf(run: KeptRun, curves: RunCurves): RunRow {
  const { id, name, color, isVisible, tokensPerStep, link } = run;
  return rowOfCurves(curves, {
    ...{ id, color, isVisible, tokensPerStep },
    name: name.slice(0, MAX_RUN_NAME),
    origin: link === null ? 'curves' : 'trained',
    version: PRODUCT_VERSION,
    experiment: link === null ? null : decodeLink(link).experiment,
  });
}

/** Kept runs as rows of the library: a run that has a record is shown or hidden, never copied. */
export function keptStorageOf(library: Library): KeptStorage {
  return {
    async put(run, look) {
      if ((await library.row(run.id)) !== null) return library.change(run.id, look);
      const curves = curvesOf(run);
      const parts = { curves, records: [], ...NO_REPORTS };
      return library.put(rowOf(run, curves), parts, null);
    },
    async remove(id) {
      const row = await library.row(id);
      if (row === null) return;
      if (isCopy(row)) await (await library.remove([id])).forget();
      else await library.change(id, { isVisible: false });
    },
  };
}
