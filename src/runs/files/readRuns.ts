/**
 * Runs out of a zip file. Everything is unpacked and looked at before anything is handed out: of a
 * damaged file nothing is, and of a run either all or nothing.
 */
import { counted } from '../../config/plural.ts';
import type { OwnText } from '../../data/ownText.ts';
import { ownTextOfBytes } from '../../data/ownText.ts';
import { hashOfTexts, sha256Hex } from '../../data/textHash.ts';
import { decodeCheckpoint } from '../../train/session/checkpoint.ts';
import type { RunParts, RunRow } from '../record.ts';
import { FIGURES_SCHEMA, figureSlotsSchema, figuresOfTables } from './figuresTable.ts';
import {
  CSV_FILES,
  checkpointFile,
  FIGURE_SLOTS,
  FIGURES,
  LIMITS,
  MAX_COLUMNS,
  MAX_ROWS,
  METRICS,
  PROBES,
  ROUTING,
  RUN_JSON,
  SAMPLES,
  textFile,
  VALIDATION,
} from './layout.ts';
import { curvesOf, metricsSchema } from './metricsTable.ts';
import { columnTypes, tableOfParquet } from './parquet.ts';
import { readProbes } from './probesJson.ts';
import { recordsOf, routingSchema, rowsOf } from './routingTable.ts';
import { type RunJson, readRunJson, readSamples, readValidation } from './runJson.ts';
import { type Bytes, bytesOf, readDirectory, type ZipEntry } from './zipDirectory.ts';
import { checkEntry, DamageError, readEntry } from './zipRead.ts';

/** A run of a file that was looked at; its parts are unpacked again when they are asked for. */
export interface RunRead {
  row: RunRow;
  parts(): Promise<RunParts>;
  /** @throws RangeError where the file has none of this step */
  checkpoint(step: number): Promise<Uint8Array>;
  ownText(): Promise<OwnText | null>;
}

/** Something in a file that was not taken. */
export interface FileProblem {
  /** The entry or the folder of the run; '' for the whole file. */
  path: string;
  message: string;
  /** `error`: the run, or the whole file, is left out; `warning`: the entry alone. */
  severity: 'error' | 'warning';
}

export interface RunsRead {
  runs: readonly RunRead[];
  problems: readonly FileProblem[];
}

const LIMITS_OF_TABLES = { rows: MAX_ROWS, columns: MAX_COLUMNS };

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** An open archive. */
interface Archive {
  file: Bytes;
  entries: ReadonlyMap<string, ZipEntry>;
}

/** A run's folder in an archive, '' or ending in a slash. */
interface Folder extends Archive {
  path: string;
}

/** An error that names the entry in which something is wrong. */
class EntryError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** Unpacks an entry and reads it; what is wrong with it is said with its name. */
async function read<T>(
  { file, entries }: Archive,
  name: string,
  limit: number,
  parse: (bytes: Uint8Array) => T | Promise<T>,
): Promise<T> {
  const entry = entries.get(name);
  if (entry === undefined) throw new EntryError(name, 'is missing');
  try {
    return await parse(await readEntry(file, entry, limit));
  } catch (error) {
    if (error instanceof DamageError) throw error;
    throw new EntryError(name, reasonOf(error));
  }
}

/** Figures over training time; none where a file has none. */
async function readFigures(folder: Folder): Promise<RunParts['figures']> {
  const { path, entries } = folder;
  if (!entries.has(path + FIGURES)) return [];
  const table = (bytes: Uint8Array) => tableOfParquet(bytes, FIGURES_SCHEMA, LIMITS_OF_TABLES);
  const figures = await read(folder, path + FIGURES, LIMITS.table, table);
  return read(folder, path + FIGURE_SLOTS, LIMITS.table, async (bytes) => {
    const schema = figureSlotsSchema(await columnTypes(bytes, LIMITS_OF_TABLES));
    return figuresOfTables(figures, await tableOfParquet(bytes, schema, LIMITS_OF_TABLES));
  });
}

async function readParts(folder: Folder, { row, segments }: RunJson): Promise<RunParts> {
  const { path } = folder;
  const domains = row.text?.domains ?? [];
  const curves = await read(folder, path + METRICS, LIMITS.table, async (bytes) => {
    const schema = metricsSchema(await columnTypes(bytes, LIMITS_OF_TABLES));
    return curvesOf(await tableOfParquet(bytes, schema, LIMITS_OF_TABLES));
  });
  const table = async (bytes: Uint8Array) => {
    const found = await columnTypes(bytes, LIMITS_OF_TABLES);
    return tableOfParquet(bytes, routingSchema(segments, domains, found), LIMITS_OF_TABLES);
  };
  const records =
    rowsOf(segments) === 0
      ? recordsOf(segments, domains, null, curves)
      : await read(folder, path + ROUTING, LIMITS.table, async (bytes) =>
          recordsOf(segments, domains, await table(bytes), curves),
        );
  return {
    curves,
    records,
    validation: await read(folder, path + VALIDATION, LIMITS.json, readValidation),
    samples: await read(folder, path + SAMPLES, LIMITS.json, readSamples),
    figures: await readFigures(folder),
    probes: folder.entries.has(path + PROBES)
      ? await read(folder, path + PROBES, LIMITS.json, readProbes)
      : [],
  };
}

/** Whether the text in use is the own one alone, so that its hash can be told. */
function isOwnAlone({ experiment }: RunRow): boolean {
  const mix = Object.entries(experiment?.data.mix ?? {}).filter(([, weight]) => weight > 0);
  return mix.length === 1 && mix[0]?.[0] === 'own';
}

async function readText(folder: Folder, { row, ownText }: RunJson): Promise<OwnText | null> {
  if (ownText === null) return null;
  const root = folder.path.replace(/[^/]+\/$/, '');
  return read(folder, root + textFile(ownText.hash), LIMITS.text, async (bytes) => {
    const sha256 = await sha256Hex(Uint8Array.from(bytes));
    if (sha256 !== ownText.hash)
      throw new RangeError(`it has the SHA-256 ${sha256}, not ${ownText.hash}`);
    const used = await hashOfTexts([{ name: 'own', sha256 }]);
    if (isOwnAlone(row) && row.text !== null && row.text.hash !== used)
      throw new RangeError(`the run was trained on a text with the SHA-256 ${row.text.hash}`);
    return ownTextOfBytes(ownText.name, bytes);
  });
}

function checkpointAt(folder: Folder, row: RunRow, step: number): Promise<Uint8Array> {
  const name = folder.path + checkpointFile(step);
  return read(folder, name, LIMITS.checkpoint, (bytes) => {
    const { state } = decodeCheckpoint(bytes);
    if (state.step !== step) throw new RangeError(`it is of step ${state.step}, not ${step}`);
    const told = row.checkpoints.find((one) => one.step === step)?.bytes;
    if (told !== bytes.length)
      throw new RangeError(`it has ${counted(bytes.length, 'byte')}; ${RUN_JSON} tells ${told}`);
    return bytes;
  });
}

/** Looks at a whole run; parts that are told to be there and are not, or are wrong, are thrown. */
async function openRun(folder: Folder): Promise<RunRead> {
  const json = await read(folder, folder.path + RUN_JSON, LIMITS.json, readRunJson);
  const { row } = json;
  await readParts(folder, json);
  await readText(folder, json);
  for (const { step } of row.checkpoints) await checkpointAt(folder, row, step);
  return {
    row,
    parts: () => readParts(folder, json),
    checkpoint: (step) => checkpointAt(folder, row, step),
    ownText: () => readText(folder, json),
  };
}

/** Names that a run's folder may have; checkpoints and texts are told by `run.json`. */
const KNOWN: readonly string[] = [
  ...[RUN_JSON, METRICS, ROUTING, VALIDATION, SAMPLES, FIGURES, FIGURE_SLOTS, PROBES],
  ...CSV_FILES,
];

function isKnown(name: string, folders: readonly string[]): boolean {
  if (/(^|\/)texts\/[0-9a-f]{64}\.txt$/.test(name)) return true;
  return folders.some((folder) => {
    const rest = name.startsWith(folder) ? name.slice(folder.length) : null;
    return (
      rest !== null && (KNOWN.includes(rest) || /^checkpoints\/step-\d+\.safetensors$/.test(rest))
    );
  });
}

/** Check sums of what no run reads: a damaged file is none that anything is taken from. */
async function checkRest({ file, entries }: Archive, folders: readonly string[]) {
  const problems: FileProblem[] = [];
  for (const [name, entry] of entries) {
    const isCsv = CSV_FILES.some((csv) => name.endsWith(csv));
    if (!isKnown(name, folders))
      problems.push({ path: name, message: 'is no part of a run', severity: 'warning' });
    else if (isCsv) await checkEntry(file, entry);
  }
  return problems;
}

async function readAll(source: Uint8Array | Blob): Promise<RunsRead> {
  const file = bytesOf(source);
  const entries = await readDirectory(file);
  const folders = [...entries.keys()]
    .filter((name) => name === RUN_JSON || name.endsWith(`/${RUN_JSON}`))
    .map((name) => name.slice(0, -RUN_JSON.length));
  if (folders.length === 0)
    throw new RangeError(`it holds no run: none of its ${entries.size} entries is a ${RUN_JSON}`);
  const problems = await checkRest({ file, entries }, folders);
  const runs: RunRead[] = [];
  for (const path of folders) {
    try {
      runs.push(await openRun({ file, entries, path }));
    } catch (error) {
      if (error instanceof DamageError) throw error;
      const at = error instanceof EntryError ? error.path : path;
      problems.push({ path: at, message: reasonOf(error), severity: 'error' });
    }
  }
  const ids = new Set<string>();
  const once = runs.filter(({ row: { id } }) => {
    if (!ids.has(id)) return ids.add(id);
    problems.push({ path: id, message: 'stands twice in the file', severity: 'error' });
    return false;
  });
  return { runs: once, problems };
}

/** Never rejects: a file of which nothing can be taken gives no run and the reason. */
export async function readRuns(source: Uint8Array | Blob): Promise<RunsRead> {
  try {
    return await readAll(source);
  } catch (error) {
    const path = error instanceof EntryError ? error.path : '';
    return { runs: [], problems: [{ path, message: reasonOf(error), severity: 'error' }] };
  }
}
