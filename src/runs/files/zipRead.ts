/** Unpacking entries of a zip file: never more bytes than an entry declares, and its check sum right. */
import { Inflate } from 'fflate';
import { type Bytes, startOf, type ZipEntry } from './zipDirectory.ts';

/** Bytes that are read at once. */
const BLOCK = 262_144;
/** Packed bytes that are unpacked at once: at most some 1,030 times as many come of them. */
const CHUNK = 4096;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of bytes, going on from that of those before. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The archive itself is damaged, or not what it declares: nothing of it can be relied on. */
export class DamageError extends RangeError {}

/** What an entry comes to, piece by piece; pieces of a deflated one are copies. */
async function* pieces(file: Bytes, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const start = await startOf(file, entry).catch((error: Error) => {
    throw new DamageError(error.message);
  });
  const ready: Uint8Array[] = [];
  const inflate = new Inflate((data) => ready.push(data));
  for (let at = 0; at < entry.packed || at === 0; at += BLOCK) {
    const end = Math.min(at + BLOCK, entry.packed);
    const block = await file.read(start + at, start + end);
    if (!entry.isDeflated) yield block;
    for (let i = 0; entry.isDeflated && (i < block.length || i === 0); i += CHUNK) {
      const isLast = at + i + CHUNK >= entry.packed;
      try {
        inflate.push(block.slice(i, i + CHUNK), isLast);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new DamageError(`${entry.name} cannot be unpacked: ${reason}`);
      }
      yield* ready.splice(0);
    }
  }
}

/** Goes through an entry; `take` hears every piece and where it begins. */
async function unpack(
  file: Bytes,
  entry: ZipEntry,
  take: (piece: Uint8Array, at: number) => void,
): Promise<void> {
  const { name, size } = entry;
  const inDigits = (n: number) => n.toLocaleString('en');
  let at = 0;
  let crc = 0;
  for await (const piece of pieces(file, entry)) {
    if (at + piece.length > size)
      throw new DamageError(
        `${name} declares ${inDigits(size)} bytes and unpacks to ${inDigits(at + piece.length)} or more`,
      );
    take(piece, at);
    at += piece.length;
    crc = crc32(piece, crc);
  }
  if (at !== size)
    throw new DamageError(
      `${name} declares ${inDigits(size)} bytes and unpacks to ${inDigits(at)}`,
    );
  if (crc !== entry.crc)
    throw new DamageError(
      `${name} is damaged: its check sum is ${crc.toString(16)}, the directory has ${entry.crc.toString(16)}`,
    );
}

/**
 * The bytes of an entry.
 * @param limit most bytes that it may declare
 * @throws RangeError with both numbers for one that declares more; DamageError for one that unpacks to
 *   another size or has another check sum
 */
export async function readEntry(file: Bytes, entry: ZipEntry, limit: number): Promise<Uint8Array> {
  if (entry.size > limit)
    throw new RangeError(
      `${entry.name} declares ${entry.size.toLocaleString('en')} bytes; at most ${limit.toLocaleString('en')} are read`,
    );
  const bytes = new Uint8Array(entry.size);
  await unpack(file, entry, (piece, at) => bytes.set(piece, at));
  return bytes;
}

/** As `readEntry`, keeping nothing. */
export async function checkEntry(file: Bytes, entry: ZipEntry): Promise<void> {
  await unpack(file, entry, () => undefined);
}
