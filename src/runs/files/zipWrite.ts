/** Writing zip files piece by piece: equal entries give equal bytes, wherever and whenever. */
import { Zip, ZipDeflate } from 'fflate';
import { createPacer } from '../../data/pacer.ts';
import { MAX_ARCHIVE_BYTES, MAX_ENTRIES } from './zipDirectory.ts';

/** A file of the archive. What is packed already by its kind, such as weights, is not packed again. */
export interface ZipFile {
  name: string;
  isPacked: boolean;
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The earliest date that zip files know, in any time zone. */
const EPOCH = () => new Date(1980, 0, 1);
/** Bytes that are packed at once, so that a page can do something else in between. */
const SLICE = 262_144;
/** Beyond this little is won and much time spent. */
const LEVEL = 6;

/**
 * The bytes of an archive, made as they are asked for.
 * @throws RangeError for more bytes or entries than a zip file without 64-bit extension holds
 */
export async function* zipped(
  files: AsyncIterable<ZipFile> | Iterable<ZipFile>,
): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const pace = createPacer(undefined);
  let total = 0;
  let count = 0;
  function* take() {
    for (const piece of ready.splice(0)) {
      total += piece.length;
      if (total > MAX_ARCHIVE_BYTES)
        throw new RangeError(
          `The file would be larger than ${MAX_ARCHIVE_BYTES.toLocaleString('en')} bytes; write fewer runs, or fewer checkpoints.`,
        );
      yield piece;
    }
  }
  const zip = new Zip((error, data) => {
    if (error) throw error;
    ready.push(data);
  });
  for await (const { name, isPacked, pieces } of files) {
    count += 1;
    if (count > MAX_ENTRIES)
      throw new RangeError(
        `The file would have more than ${MAX_ENTRIES} entries; write fewer runs.`,
      );
    const entry = new ZipDeflate(name, { level: isPacked ? 0 : LEVEL });
    entry.mtime = EPOCH();
    zip.add(entry);
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length; at += SLICE) {
        entry.push(piece.subarray(at, at + SLICE));
        yield* take();
        await pace();
      }
    }
    entry.push(new Uint8Array(), true);
    yield* take();
  }
  zip.end();
  yield* take();
}
