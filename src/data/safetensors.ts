import { parseJson } from '../config/json.ts';
import { elementCount } from '../config/parameterShapes.ts';
import { counted } from '../config/plural.ts';

/**
 * Reader and writer of the safetensors format: 8 bytes little-endian length n of the header, n bytes
 * of JSON {name: {dtype, shape, data_offsets}}, then the raw little-endian row-major data.
 */

export type SafeTensor =
  | { dtype: 'F32'; shape: readonly number[]; data: Float32Array }
  | { dtype: 'I32'; shape: readonly number[]; data: Int32Array }
  | { dtype: 'U32'; shape: readonly number[]; data: Uint32Array }
  | { dtype: 'U8'; shape: readonly number[]; data: Uint8Array };
export type SafeTensors = Map<string, SafeTensor>;
export type Dtype = SafeTensor['dtype'];

export interface SafetensorsFile {
  tensors: SafeTensors;
  /** The header's `__metadata__`. */
  metadata: Record<string, string>;
}

const BYTES_PER_ELEMENT = { F32: 4, I32: 4, U32: 4, U8: 1 } as const satisfies Record<
  Dtype,
  number
>;

/** Headers above this are refused, as in the reference implementation (100 MB). */
const MAX_HEADER_BYTES = 100_000_000;

const METADATA = '__metadata__';

interface HeaderEntry {
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

function fail(message: string): never {
  throw new Error(`safetensors: ${message}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(BYTES_PER_ELEMENT, value);
}

/** Non-negative safe integers. */
function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function parseEntry(name: string, value: unknown, dataBytes: number): HeaderEntry {
  if (!isRecord(value)) fail(`the entry of "${name}" is no object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    fail(
      `"${name}" has dtype ${JSON.stringify(dtype)}; read are ${Object.keys(BYTES_PER_ELEMENT)}`,
    );
  }
  if (!isSizes(shape)) fail(`"${name}" has the shape ${JSON.stringify(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    fail(`"${name}" has data_offsets ${JSON.stringify(offsets)}; two numbers are needed`);
  }
  const [begin, end] = [offsets[0]!, offsets[1]!];
  const bytes = elementCount(shape) * BYTES_PER_ELEMENT[dtype];
  if (end - begin !== bytes) {
    fail(
      `"${name}" takes ${counted(end - begin, 'byte')}, its shape [${shape}] of ${dtype} needs ${bytes}`,
    );
  }
  if (end > dataBytes)
    fail(
      `"${name}" ends at byte ${end.toLocaleString('en')} of ${counted(dataBytes, 'byte')} of data`,
    );
  return { dtype, shape, begin, end };
}

/** The tensors must fill the data without gap or overlap. */
function checkCover(entries: ReadonlyMap<string, HeaderEntry>, dataBytes: number): void {
  let at = 0;
  for (const [name, { begin, end }] of [...entries].sort(
    ([, a], [, b]) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== at) fail(`"${name}" begins at byte ${begin}, the tensor before it ends at ${at}`);
    at = end;
  }
  if (at !== dataBytes)
    fail(`the tensors end at byte ${at} of ${counted(dataBytes, 'byte')} of data`);
}

function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) fail(`${METADATA} is no object`);
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== 'string') fail(`${METADATA}.${key} is no text`);
    return [key, text];
  });
  return Object.fromEntries(entries);
}

function parseHeader(text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = parseJson(text);
  } catch (error) {
    fail(`the header is ${error instanceof Error ? error.message : String(error)}`);
  }
  return isRecord(header) ? header : fail('the header is no object');
}

function toTensor({ dtype, shape, begin, end }: HeaderEntry, data: Uint8Array): SafeTensor {
  // A copy, which also aligns the data; `slice` of a Node Buffer would share its memory.
  const { buffer } = Uint8Array.from(data.subarray(begin, end));
  switch (dtype) {
    case 'F32':
      return { dtype, shape, data: new Float32Array(buffer) };
    case 'I32':
      return { dtype, shape, data: new Int32Array(buffer) };
    case 'U32':
      return { dtype, shape, data: new Uint32Array(buffer) };
    case 'U8':
      return { dtype, shape, data: new Uint8Array(buffer) };
  }
}

/** The header of a file, and the data behind it. */
function split(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8)
    fail(`a file of ${counted(bytes.length, 'byte')} is shorter than its first 8`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - 8))) {
    fail(
      `the header claims ${length} ${length === 1n ? 'byte' : 'bytes'} of a file of ${bytes.length}`,
    );
  }
  const text = new TextDecoder('utf-8', { fatal: true });
  let json: string;
  try {
    json = text.decode(bytes.subarray(8, 8 + Number(length)));
  } catch {
    fail('the header is no UTF-8');
  }
  return { header: parseHeader(json), data: bytes.subarray(8 + Number(length)) };
}

/** Names of the tensors and metadata, without reading any of the data. Throws as `readSafetensors`. */
export function readSafetensorsHeader(
  bytes: Uint8Array,
): Pick<SafetensorsFile, 'metadata'> & { names: string[] } {
  const { [METADATA]: metadata, ...rest } = split(bytes).header;
  return { names: Object.keys(rest), metadata: parseMetadata(metadata) };
}

/** Tensors in the order of the header. Throws on everything that the format does not allow. */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, data } = split(bytes);
  const { [METADATA]: metadata, ...rest } = header;
  const entries = new Map(
    Object.entries(rest).map(([name, value]) => [name, parseEntry(name, value, data.length)]),
  );
  checkCover(entries, data.length);
  const tensors: SafeTensors = new Map(
    [...entries].map(([name, entry]) => [name, toTensor(entry, data)]),
  );
  return { tensors, metadata: parseMetadata(metadata) };
}

/** One file, tensors in the map's order; the header is padded with spaces to a multiple of 8. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // Without a prototype, so that a tensor "__proto__" is one like any other.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header[METADATA] = metadata;
  let at = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    if (name === METADATA) fail(`a tensor cannot be called ${METADATA}`);
    if (elementCount(shape) !== data.length) {
      fail(
        `"${name}" has ${counted(data.length, 'element')}, its shape [${shape}] needs ${elementCount(shape)}`,
      );
    }
    header[name] = { dtype, shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + at).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let offset = 8 + headerBytes;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}
