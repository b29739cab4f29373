/** Writing zip files piece by piece: equal entries give equal bytes, wherever and whenever. */
import { Zip, ZipDeflate } from 'fflate';
import { MAX_ARCHIVE_BYTES, MAX_ENTRIES } from './zipDirectory.ts';

/** A file of the archive. What is packed already by its kind, such as weights, is not packed again. */
export interface ZipFile {
  name: string;
  isPacked: boolean;
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The earliest date that zip files know, in any time zone. */
const EPOCH = () => new Date(1980, 0, 1);
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
      throw new RangeError(`The file would have more than ${MAX_ENTRIES} entries; write fewer runs.`);
    const entry = new ZipDeflate(name, { level: isPacked ? 0 : LEVEL, mtime: EPOCH() });
    zip.add(entry);
    for await (const piece of pieces) {
      entry.push(piece);
      yield* take();
    }
    entry.push(new Uint8Array(), true);
    yield* take();
  }
  zip.end();
  yield* take();
}
