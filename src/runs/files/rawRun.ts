/** A damaged run as a file: what is stored of it as it lies there, for whoever can mend it. */
import type { RawRun } from '../library.ts';
import { type ZipFile, zipped } from './zipWrite.ts';

/** JSON of what is stored: typed arrays as lists, numbers that are not finite as texts. */
function rawJson(value: unknown): Uint8Array {
  const json = JSON.stringify(
    value,
    (_, child: unknown) => {
      if (ArrayBuffer.isView(child) && !(child instanceof DataView)) {
        const numbers = child as Float32Array;
        return Array.from(numbers, (x) => (Number.isFinite(x) ? x : String(x)));
      }
      if (typeof child === 'bigint') return String(child);
      return typeof child === 'number' && !Number.isFinite(child) ? String(child) : child;
    },
    1,
  );
  return new TextEncoder().encode(`${json ?? 'null'}\n`);
}

function* filesOf(id: string, raw: RawRun): Generator<ZipFile> {
  const file = (name: string, pieces: readonly Uint8Array[], isPacked = false) => ({
    name: `${id.replace(/[^\w-]/g, '-') || 'run'}/${name}`,
    isPacked,
    pieces,
  });
  yield file('row.json', [rawJson(raw.row)]);
  for (const [table, values] of Object.entries(raw.tables)) {
    const named = table === 'series' ? { names: raw.seriesNames, values } : values;
    if (values.length > 0) yield file(`${table}.json`, [rawJson(named)]);
  }
  for (const [step, pieces] of raw.checkpoints)
    yield file(`checkpoint-${step}.safetensors`, pieces, true);
}

/** @throws RangeError for more bytes than a zip file holds */
export async function rawFile(id: string, raw: RawRun): Promise<Blob> {
  const pieces: BlobPart[] = [];
  for await (const piece of zipped(filesOf(id, raw))) pieces.push(Uint8Array.from(piece));
  return new Blob(pieces, { type: 'application/zip' });
}
