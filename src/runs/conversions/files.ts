/** A conversion as one zip file: its state, its teacher, and every layer's training (docs/files.md). */
import type { OwnText } from '../../data/ownText.ts';
import { sha256Hex } from '../../data/textHash.ts';
import { jsonBytes, jsonOf } from '../files/json.ts';
import { CONVERSION_JSON } from '../files/layout.ts';
import { bytesOf, readDirectory, type ZipEntry } from '../files/zipDirectory.ts';
import { readEntry } from '../files/zipRead.ts';
import { type ZipFile, zipped } from '../files/zipWrite.ts';
import { joined } from '../pieces.ts';
import { type ConversionRecord, domainPart, layerPart, readRecord, TEACHER } from './record.ts';
import type { ConversionStore, Parts } from './store.ts';
import { teacherModel } from './teacher.ts';

const FORMAT = 'switchyard-conversion-1';
const JSON_LIMIT = 256 * 2 ** 20;
const PART_LIMIT = 2 ** 31;
const OWN_NAME = 'text.json';

const fileOf = (part: string) => `${part}.safetensors`;

/** Names of the parts that a record has. */
export function partsOf({ state }: ConversionRecord): string[] {
  const trained = state.layers.flatMap(({ layer, seeds }) =>
    seeds.filter(({ step }) => step > 0).map(({ seed }) => layerPart(layer, seed)),
  );
  const domains = state.domains.flatMap(({ domain, layers }) =>
    layers.map((layer) => domainPart(domain, layer)),
  );
  return [...(state.teacher.digest === null ? [] : [TEACHER]), ...trained, ...domains];
}

export async function writeConversion(
  store: ConversionStore,
  record: ConversionRecord,
): Promise<Uint8Array> {
  async function* files(): AsyncGenerator<ZipFile> {
    const { state, own } = record;
    const json = { format: FORMAT, record: { ...record, state: plainState(state) } };
    yield { name: CONVERSION_JSON, isPacked: false, pieces: [jsonBytes(json)] };
    const text = own === null ? null : await store.text(own);
    if (text !== null) yield { name: OWN_NAME, isPacked: false, pieces: [jsonBytes(text)] };
    for (const part of partsOf(record)) {
      const bytes = await store.part(state.id, part);
      if (bytes !== null) yield { name: fileOf(part), isPacked: true, pieces: [bytes] };
    }
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of zipped(files())) pieces.push(piece);
  return joined(pieces);
}

/** Weights as lists of numbers, which JSON has. */
function plainState({ weights, ...state }: ConversionRecord['state']) {
  const plain = (layers: readonly { layer: number; weights: Float32Array }[]) =>
    layers.map(({ layer, weights: values }) => ({ layer, weights: Array.from(values) }));
  if (weights === null) return { ...state, weights };
  const { layers, domains, N } = weights;
  const ofDomains = domains.map((one) => ({ ...one, layers: plain(one.layers) }));
  return { ...state, weights: { layers: plain(layers), domains: ofDomains, N } };
}

interface PlainLayer {
  layer: number;
  weights: readonly number[];
}

function withWeights(record: ConversionRecord): ConversionRecord {
  const { weights } = record.state;
  if (weights === null) return record;
  const typed = (layers: readonly unknown[]) =>
    (layers as readonly PlainLayer[]).map(({ layer, weights: values }) => ({
      layer,
      weights: Float32Array.from(values),
    }));
  const domains = weights.domains.map((one) => ({ ...one, layers: typed(one.layers) }));
  const state = {
    ...record.state,
    weights: { ...weights, layers: typed(weights.layers), domains },
  };
  return { ...record, state };
}

/** A file that was looked at as a whole. */
export interface ConversionFile {
  record: ConversionRecord;
  parts: Parts;
  own: OwnText | null;
}

function formatOf(raw: unknown): unknown {
  const { format, record } = (raw ?? {}) as { format?: unknown; record?: unknown };
  if (format !== FORMAT)
    throw new RangeError(
      `${CONVERSION_JSON}: format ${JSON.stringify(format)}; it must be "${FORMAT}"`,
    );
  return record;
}

function ownOf(raw: unknown): OwnText {
  const { name, text } = (raw ?? {}) as { name?: unknown; text?: unknown };
  if (typeof name !== 'string' || typeof text !== 'string')
    throw new RangeError(`${OWN_NAME} has no name and text.`);
  return { name, text };
}

/** @throws RangeError naming the entry that is missing or wrong */
export async function readConversion(bytes: Uint8Array): Promise<ConversionFile> {
  const file = bytesOf(bytes);
  const entries = await readDirectory(file);
  const entry = (name: string): ZipEntry => {
    const found = entries.get(name);
    if (found === undefined) throw new RangeError(`The file has no ${name}.`);
    return found;
  };
  const raw = formatOf(jsonOf(await readEntry(file, entry(CONVERSION_JSON), JSON_LIMIT)));
  const record = withWeights(readRecord(raw));
  const parts: [string, Uint8Array][] = [];
  for (const part of partsOf(record))
    parts.push([part, await readEntry(file, entry(fileOf(part)), PART_LIMIT)]);
  const teacher = parts.find(([name]) => name === TEACHER)?.[1] ?? null;
  if (teacher !== null) {
    const digest = await sha256Hex(Uint8Array.from(teacher));
    if (digest !== record.state.teacher.digest)
      throw new RangeError(`${fileOf(TEACHER)} is not the teacher of this conversion.`);
    teacherModel(teacher);
  }
  const text = entries.get(OWN_NAME);
  const own = text ? ownOf(jsonOf(await readEntry(file, text, JSON_LIMIT))) : null;
  return { record, parts, own };
}
