/**
 * The directory of a zip file: which entries it holds and where, checked before a byte of any is
 * unpacked. The directory at the end of the file is what counts; a local header must agree with it.
 */
import { counted } from '../../config/plural.ts';

/** Bytes that are read piece by piece: of a file on disk or in memory. */
export interface Bytes {
  readonly size: number;
  /** @throws RangeError for places outside of the file */
  read(from: number, to: number): Promise<Uint8Array>;
}

export interface ZipEntry {
  name: string;
  isDeflated: boolean;
  crc: number;
  /** Bytes in the file and, as it declares, unpacked. */
  packed: number;
  size: number;
  /** Where its local header begins, and what follows it at the earliest. */
  from: number;
  to: number;
}

/** Without the 64-bit extension a place in a file has 32 bits. */
export const MAX_ARCHIVE_BYTES = 0xffff_fffe;
/** Likewise 16 bits of entries. */
export const MAX_ENTRIES = 0xfffe;
const MAX_DIRECTORY_BYTES = 32e6;
const MAX_NAME = 256;
/** What all entries may unpack to: this, and so many times the bytes of the archive. */
const MAX_UNPACKED = 2 ** 28;
const MAX_RATIO = 200;

const END = 0x06054b50;
const END_BYTES = 22;
/** Longest comment behind the end record. */
const MAX_COMMENT = 0xffff;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL = 0x04034b50;
export const LOCAL_BYTES = 30;

const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
/** Kind of a file in the upper half of a Unix entry's attributes. */
const UNIX = 3;
const KIND = 0xf000;
const REGULAR = 0x8000;
const FOLDER = 0x4000;

export function bytesOf(source: Uint8Array | Blob): Bytes {
  const size = source instanceof Uint8Array ? source.length : source.size;
  return {
    size,
    async read(from, to) {
      if (from < 0 || to > size || from > to)
        throw new RangeError(`bytes ${from} to ${to} of a file of ${counted(size, 'byte')}`);
      if (source instanceof Uint8Array) return source.subarray(from, to);
      return new Uint8Array(await source.slice(from, to).arrayBuffer());
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const inDigits = (n: number) => n.toLocaleString('en');

/** A name as it stands in a message. */
const shown = (name: string) => JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}…` : name);

/** Why a name may not be used, null where it may: only paths that stay below where they are unpacked. */
function whyBadName(name: string): string | null {
  if (name.length > MAX_NAME) return `has ${name.length} characters; at most ${MAX_NAME} are read`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (/[\u0000-\u001f\u007f\\:]/.test(name)) return 'has a backslash, colon or control character';
  if (name.startsWith('/')) return 'leads out of the archive: it begins at the root';
  const parts = name.replace(/\/$/, '').split('/');
  if (parts.some((part) => part === '..')) return 'leads out of the archive: it has a part ".."';
  if (parts.some((part) => part === '' || part === '.')) return 'has an empty part';
  return null;
}

function nameOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RangeError('a name in it is no UTF-8');
  }
}

/** Where the directory lies, from the record at the file's end. */
async function findDirectory(file: Bytes) {
  if (file.size < END_BYTES)
    throw new RangeError(`it is no zip file: it has ${counted(file.size, 'byte')}`);
  if (file.size > MAX_ARCHIVE_BYTES)
    throw new RangeError(
      `it has ${inDigits(file.size)} bytes; at most ${inDigits(MAX_ARCHIVE_BYTES)} are read`,
    );
  const begin = Math.max(0, file.size - END_BYTES - MAX_COMMENT);
  const tail = viewOf(await file.read(begin, file.size));
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    if (at + END_BYTES + tail.getUint16(at + 20, true) !== tail.byteLength) continue;
    const [disk, first, here, count] = [4, 6, 8, 10].map((k) => tail.getUint16(at + k, true));
    if (disk !== 0 || first !== 0 || here !== count)
      throw new RangeError('it is one part of an archive of several files');
    const [bytes = 0, from = 0] = [12, 16].map((k) => tail.getUint32(at + k, true));
    const end = begin + at;
    if (from + bytes > end)
      throw new RangeError(
        `its directory of ${inDigits(bytes)} bytes from byte ${inDigits(from)} on does not end before byte ${inDigits(end)}`,
      );
    if (bytes > MAX_DIRECTORY_BYTES)
      throw new RangeError(
        `its directory has ${inDigits(bytes)} bytes; at most ${inDigits(MAX_DIRECTORY_BYTES)} are read`,
      );
    return { count: count ?? 0, from, bytes };
  }
  throw new RangeError('it is no zip file, or its end is missing');
}

/** One row of the directory, and the bytes that it takes. */
function readRow(view: DataView, at: number): { entry: Omit<ZipEntry, 'to'>; length: number } {
  if (at + CENTRAL_BYTES > view.byteLength || view.getUint32(at, true) !== CENTRAL)
    throw new RangeError(`its directory is damaged at byte ${inDigits(at)}`);
  const [nameBytes, extra, comment] = [28, 30, 32].map((k) => view.getUint16(at + k, true));
  const length = CENTRAL_BYTES + (nameBytes ?? 0) + (extra ?? 0) + (comment ?? 0);
  if (at + length > view.byteLength)
    throw new RangeError(`its directory is damaged at byte ${inDigits(at)}`);
  const name = nameOf(
    new Uint8Array(view.buffer, view.byteOffset + at + CENTRAL_BYTES, nameBytes ?? 0),
  );
  const bad = whyBadName(name);
  if (bad !== null) throw new RangeError(`the name ${shown(name)} ${bad}`);
  if (view.getUint16(at + 8, true) & ENCRYPTED) throw new RangeError(`${shown(name)} is encrypted`);
  const method = view.getUint16(at + 10, true);
  if (method !== STORED && method !== DEFLATED)
    throw new RangeError(
      `${shown(name)} is packed by method ${method}; read are ${STORED} (stored) and ${DEFLATED} (deflated)`,
    );
  const kind = (view.getUint32(at + 38, true) >>> 16) & KIND;
  const isUnix = view.getUint8(at + 5) === UNIX;
  if (isUnix && kind !== 0 && kind !== REGULAR && kind !== FOLDER)
    throw new RangeError(`${shown(name)} is no plain file`);
  const [crc = 0, packed = 0, size = 0] = [16, 20, 24].map((k) => view.getUint32(at + k, true));
  if (method === STORED && packed !== size)
    throw new RangeError(
      `${shown(name)} is stored in ${inDigits(packed)} bytes and declares ${inDigits(size)}`,
    );
  const from = view.getUint32(at + 42, true);
  return { entry: { name, isDeflated: method === DEFLATED, crc, packed, size, from }, length };
}

/** Gives every entry the place where the next one begins. @throws RangeError where two overlap */
function placed(rows: readonly Omit<ZipEntry, 'to'>[], end: number): ZipEntry[] {
  const inOrder = [...rows].sort((a, b) => a.from - b.from);
  return inOrder.map((row, i) => {
    const to = inOrder[i + 1]?.from ?? end;
    if (row.from + LOCAL_BYTES + row.packed > to)
      throw new RangeError(
        `${shown(row.name)} takes ${inDigits(row.packed)} bytes from byte ${inDigits(row.from)} on, where ${inDigits(to - row.from)} are left for it`,
      );
    return { ...row, to };
  });
}

/** @throws RangeError with both numbers where the entries declare more than anything of ours unpacks to */
function checkTotal(file: Bytes, rows: readonly Omit<ZipEntry, 'to'>[]): void {
  const total = rows.reduce((sum, { size }) => sum + size, 0);
  const most = MAX_UNPACKED + MAX_RATIO * file.size;
  if (total > most)
    throw new RangeError(
      `its ${counted(rows.length, 'entry', 'entries')} declare ${inDigits(total)} bytes; of ${inDigits(file.size)} packed ones at most ${inDigits(most)} are unpacked`,
    );
}

/**
 * The entries of a zip file by their names, without folders.
 * @throws RangeError, as the end of a sentence, for a file that is no zip file or none that is safe:
 *   names that lead elsewhere or stand twice, encrypted, linked or overlapping entries
 */
export async function readDirectory(file: Bytes): Promise<Map<string, ZipEntry>> {
  const { count, from, bytes } = await findDirectory(file);
  const view = viewOf(await file.read(from, from + bytes));
  const rows: Omit<ZipEntry, 'to'>[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, length } = readRow(view, at);
    rows.push(entry);
    at += length;
  }
  if (at !== bytes)
    throw new RangeError(
      `its directory has ${counted(count, 'entry', 'entries')} in ${inDigits(at)} bytes and declares ${inDigits(bytes)}`,
    );
  checkTotal(file, rows);
  const entries = new Map<string, ZipEntry>();
  const seen = new Set<string>();
  for (const entry of placed(rows, from)) {
    // Systems that do not tell the case of letters would have one file for both.
    const key = entry.name.toLowerCase();
    if (seen.has(key)) throw new RangeError(`${shown(entry.name)} stands twice in it`);
    seen.add(key);
    if (!entry.name.endsWith('/')) entries.set(entry.name, entry);
  }
  return entries;
}

/**
 * Where an entry's packed bytes begin.
 * @throws RangeError where the local header is another entry's than the directory says
 */
export async function startOf(file: Bytes, entry: ZipEntry): Promise<number> {
  const head = viewOf(await file.read(entry.from, entry.from + LOCAL_BYTES));
  const start = (nameBytes: number) =>
    entry.from + LOCAL_BYTES + nameBytes + head.getUint16(28, true);
  if (head.getUint32(0, true) !== LOCAL)
    throw new RangeError(`${shown(entry.name)} is not where the directory says that it is`);
  const nameBytes = head.getUint16(26, true);
  const at = entry.from + LOCAL_BYTES;
  if (start(nameBytes) + entry.packed > entry.to)
    throw new RangeError(
      `${shown(entry.name)} takes ${inDigits(entry.packed)} bytes; ${inDigits(entry.to - start(nameBytes))} are left for it`,
    );
  const name = nameOf(await file.read(at, at + nameBytes));
  if (name !== entry.name)
    throw new RangeError(`${shown(entry.name)} is called ${shown(name)} where its bytes are`);
  const method = head.getUint16(8, true);
  if ((method === DEFLATED) !== entry.isDeflated)
    throw new RangeError(`${shown(entry.name)} is packed by method ${method} where its bytes are`);
  return start(nameBytes);
}
