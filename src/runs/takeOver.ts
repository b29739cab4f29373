/**
 * Runs that versions before the library kept, at most twelve, in a database of their own: each an
 * entry under its id, and the numbers of its curves under keys that begin with the id.
 */
import type { Experiment } from '../config/experiment.ts';
import { hash64 } from '../config/hash.ts';
import { decodeLink } from '../config/permalink.ts';
import { MAX_RUN_NAME } from '../config/settings.ts';
import { OLD_DATABASE } from './databases.ts';
import type { Library } from './library.ts';
import { isCurve } from './partTables.ts';
import { NO_REPORTS, RUN_ID, type RunCurves, type RunRow, type Series } from './record.ts';
import { rowOfCurves } from './rowOfCurves.ts';

const OLD_TABLE = 'keptRuns';
/** Places in the palette that runs could have. */
const COLORS = [0, 1, 2, 3, 4, 5];

type OldArray = Float32Array | Float64Array;
interface OldRun {
  id: string;
  name: string;
  color: number;
  isVisible: boolean;
  tokensPerStep: number | null;
  link: string | null;
  /** The curves; of version 0.1 as arrays of values at every step from `firstStep` on. */
  columns: Record<
    string,
    { firstStep: number; steps: OldArray | null; values: OldArray } | OldArray
  >;
  firstStep?: number;
  validation?: readonly { step: number; ce: number }[];
}
interface OldEntry {
  keptAt: number;
  run: OldRun;
  parts?: { quantity: string; firstStep: number; hasSteps: boolean }[];
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The old database; null where there is none. */
function openOld(): Promise<IDBDatabase | null> {
  const request = indexedDB.open(OLD_DATABASE);
  // It is not to be made by looking for it.
  request.onupgradeneeded = () => request.transaction?.abort();
  return settled(request).catch(() => null);
}

const series = (firstStep: number, steps: OldArray | null, values: OldArray): Series => ({
  firstStep,
  steps: steps && Float64Array.from(steps),
  values: Float32Array.from(values),
});

/** A column of version 0.1: NaN where a step has no value. */
function denseSeries(firstStep: number, values: OldArray): Series {
  const places = [...values.keys()].filter((i) => !Number.isNaN(values[i]));
  if (places.length === values.length) return series(firstStep, null, values);
  const steps = Float64Array.from(places, (i) => firstStep + i);
  return series(
    steps[0] ?? firstStep,
    steps,
    Float32Array.from(places, (i) => values[i]!),
  );
}

async function curvesOf(
  { run, parts = [] }: OldEntry,
  array: (key: string) => Promise<OldArray | undefined>,
): Promise<RunCurves> {
  const found: [string, Series][] = [];
  for (const [name, column] of Object.entries(run.columns)) {
    if (!isCurve(name)) continue;
    const isDense = ArrayBuffer.isView(column);
    if (isDense) found.push([name, denseSeries(run.firstStep ?? 1, column)]);
    else found.push([name, series(column.firstStep, column.steps, column.values)]);
  }
  for (const { quantity, firstStep, hasSteps } of parts) {
    if (!isCurve(quantity)) continue;
    const values = await array(`${run.id} ${quantity} values`);
    const steps = hasSteps ? await array(`${run.id} ${quantity} steps`) : null;
    if (values !== undefined && steps !== undefined)
      found.push([quantity, series(firstStep, steps, values)]);
  }
  const { validation = [] } = run;
  if (validation.length > 0) {
    const steps = Float64Array.from(validation, ({ step }) => step);
    const values = Float32Array.from(validation, ({ ce }) => ce);
    found.push(['validation', { firstStep: steps[0] ?? 1, steps, values }]);
  }
  return Object.fromEntries(found) as RunCurves;
}

/** The experiment of a link; null where there is none, or it cannot be read as it was written. */
function experimentOf(link: string | null): Experiment | null {
  const { experiment, problems } = decodeLink(link ?? '');
  return link === null || problems.some(({ severity }) => severity === 'error') ? null : experiment;
}

/** The id of a run; of one that no id can be today, another one that is always the same. */
function idOf({ run: { id } }: OldEntry): string {
  if (RUN_ID.test(id)) return id;
  const words = hash64(id.length, (i) => id.charCodeAt(i));
  return `kept-${words.map((word) => word.toString(16).padStart(8, '0')).join('')}`;
}

function rowOf(id: string, { run, keptAt }: OldEntry, curves: RunCurves): RunRow {
  const experiment = experimentOf(run.link);
  return rowOfCurves(curves, {
    id,
    name: run.name.slice(0, MAX_RUN_NAME),
    origin: experiment === null ? 'curves' : 'trained',
    begunAt: keptAt,
    changedAt: keptAt,
    version: '0.1.0',
    experiment,
    tokensPerStep: run.tokensPerStep,
    color: COLORS.includes(run.color) ? run.color : 0,
    isVisible: run.isVisible,
  });
}

/**
 * Moves what earlier versions kept into the library; runs that are there already stay as they are. What
 * cannot be read or stored stays where it is, and keeps no other from moving.
 */
export async function takeOverKept(library: Library): Promise<void> {
  const old = await openOld();
  if (old === null) return;
  let isMoved = true;
  if (old.objectStoreNames.contains(OLD_TABLE)) {
    const table = () => old.transaction(OLD_TABLE).objectStore(OLD_TABLE);
    const take = async (key: string) => {
      const entry: OldEntry = await settled(table().get(key));
      const id = idOf(entry);
      if ((await library.row(id)) !== null) return;
      const curves = await curvesOf(entry, (name) => settled(table().get(name)));
      const parts = { curves, records: [], ...NO_REPORTS };
      await library.put(rowOf(id, entry, curves), parts, null);
    };
    const keys = (await settled(table().getAllKeys())).map(String);
    for (const key of keys.filter((key) => !key.includes(' ')))
      await take(key).catch(() => {
        isMoved = false;
      });
  }
  old.close();
  if (isMoved) indexedDB.deleteDatabase(OLD_DATABASE);
}
