/** Runs into one zip file. */

import { type OwnText, ownTextOf } from '../../data/ownText.ts';
import { sha256Hex } from '../../data/textHash.ts';
import { utf8Encode } from '../../data/tokenizers/bytes.ts';
import { RUN_ID, type RunParts, type RunRow } from '../record.ts';
import { figureSlotsTable, figuresTable } from './figuresTable.ts';
import { jsonBytes } from './json.ts';
import {
  CSV_FILES,
  checkpointFile,
  FIGURE_SLOTS,
  FIGURES,
  LIMITS,
  METRICS,
  PROBES,
  ROUTING,
  RUN_JSON,
  SAMPLES,
  textFile,
  VALIDATION,
} from './layout.ts';
import { metricsTable } from './metricsTable.ts';
import { parquetOf } from './parquet.ts';
import { routingTable, segmentsOf } from './routingTable.ts';
import { RUN_FORMAT, type RunJson, readRunJson } from './runJson.ts';
import { csvOf, type Table } from './table.ts';
import { type ZipFile, zipped } from './zipWrite.ts';

/** A run whose parts are read when they are written. */
export interface RunToWrite {
  row: RunRow;
  parts(): Promise<RunParts>;
  checkpoint(step: number): Promise<Uint8Array>;
  ownText(): Promise<OwnText | null>;
}

export interface WriteOptions {
  /** Which of a run's checkpoints go along. */
  checkpoints: 'all' | 'last' | 'none';
  /** Whether a person's own text goes along. */
  ownText: boolean;
}

function chosen({ checkpoints }: RunRow, which: WriteOptions['checkpoints']) {
  if (which === 'none') return [];
  return which === 'all' ? checkpoints : checkpoints.slice(-1);
}

async function tableFiles(folder: string, file: string, csv: string, table: Table) {
  const parquet = await parquetOf(table);
  if (parquet.length > LIMITS.table)
    throw new RangeError(
      `${folder}/${file} would have ${parquet.length.toLocaleString('en')} bytes; at most ${LIMITS.table.toLocaleString('en')} are written.`,
    );
  return [
    { name: `${folder}/${file}`, isPacked: false, pieces: [parquet] },
    { name: `${folder}/${csv}`, isPacked: false, pieces: csvOf(table) },
  ];
}

/** The own text of a run as a file under its own hash; null where none goes along. */
async function textOf(run: RunToWrite, isAsked: boolean) {
  const own = isAsked && run.row.text?.isOwn ? await run.ownText() : null;
  if (own === null) return null;
  // As it is trained on: without marks of its byte order.
  const bytes = utf8Encode(ownTextOf(own.name, own.text).text);
  return { name: own.name, hash: await sha256Hex(bytes), bytes };
}

/** @throws RangeError for a row that could not be read back */
function runJsonBytes(json: RunJson): Uint8Array {
  const bytes = jsonBytes({ format: RUN_FORMAT, ...json });
  try {
    readRunJson(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(`"${json.row.name}" cannot be written: ${reason}`);
  }
  return bytes;
}

async function* filesOf(
  run: RunToWrite,
  options: WriteOptions,
  texts: Set<string>,
): AsyncGenerator<ZipFile> {
  const { id } = run.row;
  if (!RUN_ID.test(id)) throw new RangeError(`"${id}" is no id of a run.`);
  const parts = await run.parts();
  yield* await tableFiles(id, METRICS, CSV_FILES[0], metricsTable(parts));
  const routing = routingTable(parts.records, run.row.text?.domains ?? []);
  if (routing.rows > 0) yield* await tableFiles(id, ROUTING, CSV_FILES[1], routing);
  const { figures, probes } = parts;
  if (figures.length > 0) {
    yield* await tableFiles(id, FIGURES, CSV_FILES[2], figuresTable(figures));
    yield* await tableFiles(id, FIGURE_SLOTS, CSV_FILES[3], figureSlotsTable(figures));
  }
  const file = (name: string, bytes: Uint8Array, isPacked = false): ZipFile => ({
    name: `${id}/${name}`,
    isPacked,
    pieces: [bytes],
  });
  yield file(VALIDATION, jsonBytes(parts.validation));
  yield file(SAMPLES, jsonBytes(parts.samples));
  if (probes.length > 0) yield file(PROBES, jsonBytes(probes));
  const checkpoints: RunRow['checkpoints'][number][] = [];
  for (const one of chosen(run.row, options.checkpoints)) {
    const bytes = await run.checkpoint(one.step);
    checkpoints.push({ ...one, bytes: bytes.length });
    yield file(checkpointFile(one.step), bytes, true);
  }
  const text = await textOf(run, options.ownText);
  if (text !== null && !texts.has(text.hash)) {
    texts.add(text.hash);
    yield { name: textFile(text.hash), isPacked: false, pieces: [text.bytes] };
  }
  const json: RunJson = {
    row: { ...run.row, checkpoints },
    segments: segmentsOf(parts.records),
    ownText: text && { name: text.name, hash: text.hash },
  };
  yield file(RUN_JSON, runJsonBytes(json));
}

async function* allFiles(
  runs: Iterable<RunToWrite> | AsyncIterable<RunToWrite>,
  options: WriteOptions,
): AsyncGenerator<ZipFile> {
  const texts = new Set<string>();
  for await (const run of runs) yield* filesOf(run, options, texts);
}

/**
 * The bytes of a file of runs, made as they are asked for: equal runs give equal bytes.
 * @throws RangeError for what does not fit into a file, with both numbers; what the runs throw
 */
export function runsZip(
  runs: Iterable<RunToWrite> | AsyncIterable<RunToWrite>,
  options: WriteOptions,
): AsyncGenerator<Uint8Array> {
  return zipped(allFiles(runs, options));
}

/** Bytes that are handed to the browser together, which keeps large files elsewhere. */
const BLOB_BYTES = 16 * 2 ** 20;

/** The same as one file. */
export async function writeRuns(
  runs: Iterable<RunToWrite> | AsyncIterable<RunToWrite>,
  options: WriteOptions,
): Promise<Blob> {
  const blobs: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const piece of runsZip(runs, options)) {
    pieces.push(Uint8Array.from(piece));
    bytes += piece.length;
    if (bytes < BLOB_BYTES) continue;
    blobs.push(new Blob(pieces));
    pieces = [];
    bytes = 0;
  }
  return new Blob([...blobs, ...pieces], { type: 'application/zip' });
}
