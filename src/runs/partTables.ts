/** The parts of a run in their tables, within one transaction. */
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import { valueAt } from '../config/paths.ts';
import { isScalarName } from '../config/telemetry.ts';
import type { RawRun } from './library.ts';
import {
  type MetricName,
  NO_REPORTS,
  type RunCurves,
  type RunParts,
  type RunPiece,
  type RunReports,
  type RunRow,
  type Series,
  type ValidationRecord,
} from './record.ts';
import {
  columnsOf,
  complete,
  loadBytes,
  loadsBefore,
  scalarBytes,
  scalarPiece,
  scalarsBefore,
  scalarsOf,
} from './records.ts';
import { REPORT_NAMES } from './reports.ts';
import {
  type Key,
  PART_TABLES,
  type TableName,
  type TableValues,
  type Transaction,
} from './tables.ts';

/** What a transaction changes of a row. */
export type RunChange = Partial<Omit<RunRow, 'id' | 'format'>>;

/** Bytes that reports take, roughly; numbers of arrays as if they were text. */
const jsonBytes = (value: unknown) => JSON.stringify(value).length;

function seriesBytes({ steps, values }: Series): number {
  return values.byteLength + (steps?.byteLength ?? 0);
}

/** First steps of the pieces that have steps from `step` on. */
async function piecesFrom(
  tx: Transaction,
  table: 'scalars' | 'loads',
  id: string,
  step: number,
): Promise<number[]> {
  const firstSteps = (await tx.keys(table, { prefix: [id] })).map(([, first]) => Number(first));
  const before = firstSteps.filter((first) => first < step).slice(-1);
  return [...before, ...firstSteps.filter((first) => first >= step)];
}

/** Cuts the pieces of a table from a step on. @returns bytes that became free */
async function cutPieces<T extends 'scalars' | 'loads'>(
  tx: Transaction,
  { table, before, bytes }: PieceTable<T>,
  id: string,
  step: number,
): Promise<number> {
  let freed = 0;
  for (const first of await piecesFrom(tx, table, id, step)) {
    const piece = await tx.get(table, [id, first]);
    if (piece === undefined || first + piece.n <= step) continue;
    freed += bytes(piece);
    await tx.delete(table, { prefix: [id, first] });
    const kept = before(piece, step);
    if (kept === null) continue;
    freed -= bytes(kept);
    await tx.put(table, [id, first], kept);
  }
  return freed;
}

interface PieceTable<T extends 'scalars' | 'loads'> {
  table: T;
  before(piece: TableValues[T], step: number): TableValues[T] | null;
  bytes(piece: TableValues[T]): number;
}
const SCALARS: PieceTable<'scalars'> = {
  table: 'scalars',
  before: scalarsBefore,
  bytes: scalarBytes,
};
const LOADS: PieceTable<'loads'> = { table: 'loads', before: loadsBefore, bytes: loadBytes };

/** Drops what is stored from a step on. @returns bytes that became free */
async function cutFrom(tx: Transaction, id: string, step: number): Promise<number> {
  let freed = (await cutPieces(tx, SCALARS, id, step)) + (await cutPieces(tx, LOADS, id, step));
  for (const table of REPORT_NAMES) {
    for (const gone of await tx.all(table, { prefix: [id], from: step })) freed += jsonBytes(gone);
    await tx.delete(table, { prefix: [id], from: step });
  }
  await tx.delete('checkpoints', { prefix: [id], from: step });
  return freed;
}

async function addReports(
  tx: Transaction,
  id: string,
  { validation, samples, figures, probes }: RunReports,
): Promise<number> {
  let bytes = 0;
  const add = <T extends TableName>(table: T, key: Key, record: TableValues[T]) => {
    tx.put(table, key, record);
    bytes += jsonBytes(record);
  };
  for (const record of validation) add('validation', [id, record.step], record);
  for (const row of figures) add('figures', [id, row.step], row);
  for (const one of probes) add('probes', [id, one.step, one.seed], one);
  for (const sample of samples) {
    const key = [id, sample.step];
    const others = (await tx.get('samples', key)) ?? [];
    const isKnown = others.some(
      ({ prompt, text }) => prompt === sample.prompt && text === sample.text,
    );
    if (isKnown) continue;
    tx.put('samples', key, [...others, sample]);
    bytes += jsonBytes(sample);
  }
  return bytes;
}

function addRecords(
  tx: Transaction,
  id: string,
  records: NonNullable<RunPiece['records']>,
): number {
  const { firstStep, n, layers } = records;
  const [scalars, loads] = [scalarPiece(records), { firstStep, n, layers }];
  tx.put('scalars', [id, firstStep], scalars);
  tx.put('loads', [id, firstStep], loads);
  return scalarBytes(scalars) + loadBytes(loads);
}

/**
 * Appends a piece, in the place of what is stored from its first step on, and writes the row. Where none of
 * it was there before, one read is waited for and no write: a page that goes may give no time for more.
 */
export async function addPiece(tx: Transaction, row: RunRow, piece: RunPiece): Promise<void> {
  const { id } = row;
  const { records } = piece;
  const stored = await tx.get('rows', [id]);
  const first = records?.firstStep ?? Number.POSITIVE_INFINITY;
  const isAgain = stored !== undefined && first <= stored.steps;
  const freed = isAgain ? await cutFrom(tx, id, first) : 0;
  const gone = (stored?.checkpoints ?? []).filter(({ step }) => step >= first);
  const added =
    (await addReports(tx, id, piece)) + (records === null ? 0 : addRecords(tx, id, records));
  const { name, note, tags, color, isVisible, exportedAt } = stored ?? row;
  const kept = { name, note, tags, color, isVisible, exportedAt };
  const checkpoints = (stored?.checkpoints ?? []).filter((one) => !gone.includes(one));
  const ofCheckpoints = gone.reduce((sum, one) => sum + one.bytes, 0);
  const bytes = (stored?.bytes ?? 0) - freed - ofCheckpoints + added;
  tx.put('rows', [id], { ...row, ...kept, checkpoints, bytes });
}

/** Puts answers in the place of those at the same step and seed. @returns bytes that are taken more */
export async function putProbes(tx: Transaction, id: string, probes: ProbesAt): Promise<number> {
  const before = await tx.get('probes', [id, probes.step, probes.seed]);
  const freed = before === undefined ? 0 : jsonBytes(before);
  return (await addReports(tx, id, { ...NO_REPORTS, probes: [probes] })) - freed;
}

/** Writes all parts of a run of which none is there. @returns their bytes */
export async function addWhole(tx: Transaction, id: string, parts: RunParts): Promise<number> {
  let bytes = await addReports(tx, id, parts);
  for (const records of parts.records) bytes += addRecords(tx, id, records);
  for (const [name, series] of Object.entries(parts.curves)) {
    const isHeld =
      (isScalarName(name) && parts.records.length > 0) ||
      (name === 'validation' && parts.validation.length > 0);
    if (isHeld) continue;
    await tx.put('series', [id, name], series);
    bytes += seriesBytes(series);
  }
  return bytes;
}

/** Whether a run may have a curve of this name. */
export const isCurve = (name: string): name is MetricName | 'tokens' =>
  isScalarName(name) || name === 'validation' || name === 'tokens';

function validationSeries(records: readonly ValidationRecord[]): Series {
  return {
    firstStep: records[0]?.step ?? 1,
    steps: Float64Array.from(records, ({ step }) => step),
    values: Float32Array.from(records, ({ ce }) => ce),
  };
}

/** The curves that other programs or links brought. */
async function readSeries(tx: Transaction, id: string): Promise<RunCurves> {
  const curves: RunCurves = {};
  for (const key of await tx.keys('series', { prefix: [id] })) {
    const name = String(key[1]);
    const series = await tx.get('series', key);
    if (series !== undefined && isCurve(name)) curves[name] = series;
  }
  return curves;
}

export async function readCurves(tx: Transaction, id: string): Promise<RunCurves> {
  const { firstStep, columns } = columnsOf(await tx.all('scalars', { prefix: [id] }));
  const validation = await tx.all('validation', { prefix: [id] });
  const curves = await readSeries(tx, id);
  for (const [name, values] of columns)
    if (isScalarName(name)) curves[name] = { firstStep, steps: null, values };
  if (validation.length > 0) curves.validation = validationSeries(validation);
  return curves;
}

export async function readParts(tx: Transaction, id: string): Promise<RunParts> {
  const columns = columnsOf(await tx.all('scalars', { prefix: [id] }));
  const loads = (await tx.all('loads', { prefix: [id] })).map(complete);
  return {
    curves: await readCurves(tx, id),
    records: loads.map(({ firstStep, n, layers }) => ({
      firstStep,
      n,
      scalars: scalarsOf(columns, firstStep, n),
      layers,
    })),
    validation: await tx.all('validation', { prefix: [id] }),
    samples: (await tx.all('samples', { prefix: [id] })).flat(),
    figures: await tx.all('figures', { prefix: [id] }),
    probes: await tx.all('probes', { prefix: [id] }),
  };
}

/** Deletes all parts of a run; its row and its text stay. */
export async function deleteRun(tx: Transaction, id: string): Promise<void> {
  for (const table of PART_TABLES) await tx.delete(table, { prefix: [id] });
}

/** Hash of the text of a row, whatever is stored as one. */
const textHashOf = (row: unknown) => valueAt(row, 'text.hash');

/** Deletes for good those of the deleted runs that are gone, and the texts that no run needs then. */
export async function purge(
  tx: Transaction,
  isGone: (id: string, at: number) => boolean,
): Promise<void> {
  const needed = new Set((await tx.all('rows')).map(textHashOf));
  for (const { own } of await tx.all('conversions')) needed.add(own);
  for (const key of await tx.keys('deleted')) {
    const id = String(key[0]);
    const deleted = await tx.get('deleted', key);
    if (deleted !== undefined && !isGone(id, deleted.at)) needed.add(textHashOf(deleted.row));
    else {
      await deleteRun(tx, id);
      await tx.delete('deleted', { prefix: key });
    }
  }
  for (const [hash] of await tx.keys('texts'))
    if (!needed.has(String(hash))) await tx.delete('texts', { prefix: [hash!] });
}

/** Everything that is stored of a run but its row, as it lies there. */
export async function readRaw(tx: Transaction, id: string): Promise<Omit<RawRun, 'row'>> {
  const tables: Record<string, unknown[]> = {};
  for (const table of PART_TABLES)
    if (table !== 'checkpoints') tables[table] = await tx.all(table, { prefix: [id] });
  const checkpoints = new Map<number, Uint8Array[]>();
  for (const key of await tx.keys('checkpoints', { prefix: [id] })) {
    const piece = await tx.get('checkpoints', key);
    const step = Number(key[1]);
    if (piece !== undefined) checkpoints.set(step, [...(checkpoints.get(step) ?? []), piece]);
  }
  const names = await tx.keys('series', { prefix: [id] });
  return { tables, seriesNames: names.map(([, name]) => String(name)), checkpoints };
}
