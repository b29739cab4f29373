/** Where conversions lie: two tables of the library's database, or of memory. */
import type { OwnText } from '../../data/ownText.ts';
import { joined, piecesOf } from '../pieces.ts';
import type { Tables, Transaction } from '../tables.ts';
import { type ConversionRecord, readRecord } from './record.ts';

/** Parts by name; null takes one away. */
export type Parts = readonly (readonly [name: string, bytes: Uint8Array | null])[];

export interface ConversionStore {
  /** Those that can be read, latest first. */
  all(): Promise<ConversionRecord[]>;
  /** @throws RangeError for an unknown one, or one that cannot be read */
  get(id: string): Promise<ConversionRecord>;
  /** Stores a record with those of its parts that are new, together or not at all. */
  put(record: ConversionRecord, parts?: Parts): Promise<void>;
  part(id: string, name: string): Promise<Uint8Array | null>;
  remove(id: string): Promise<void>;
  text(hash: string): Promise<OwnText | null>;
  putText(hash: string, text: OwnText): Promise<void>;
}

async function bytesOf(tx: Transaction, id: string, name: string): Promise<Uint8Array | null> {
  const pieces = await tx.all('conversionParts', { prefix: [id, name] });
  return pieces.length === 0 ? null : joined(pieces);
}

export function conversionStore(tables: Tables): ConversionStore {
  const both = ['conversions', 'conversionParts'] as const;
  return {
    async all() {
      const stored = await tables.transact(['conversions'], 'readonly', (tx) =>
        tx.all('conversions'),
      );
      const records = stored.flatMap((one) => {
        try {
          return [readRecord(one)];
        } catch {
          return [];
        }
      });
      return records.sort((a, b) => b.state.begunAt - a.state.begunAt);
    },
    async get(id) {
      const stored = await tables.transact(['conversions'], 'readonly', (tx) =>
        tx.get('conversions', [id]),
      );
      if (stored === undefined) throw new RangeError(`There is no conversion "${id}".`);
      return readRecord(stored);
    },
    put: (record, parts = []) =>
      tables.transact(both, 'readwrite', async (tx) => {
        const { id } = record.state;
        let { bytes } = (await tx.get('conversions', [id])) ?? { bytes: 0 };
        for (const [name, part] of parts) {
          bytes += (part?.length ?? 0) - ((await bytesOf(tx, id, name))?.length ?? 0);
          await tx.delete('conversionParts', { prefix: [id, name] });
          for (const [i, piece] of (part === null ? [] : piecesOf(part)).entries())
            await tx.put('conversionParts', [id, name, i], piece);
        }
        await tx.put('conversions', [id], { ...record, bytes });
      }),
    part: (id, name) =>
      tables.transact(['conversionParts'], 'readonly', (tx) => bytesOf(tx, id, name)),
    remove: (id) =>
      tables.transact(both, 'readwrite', async (tx) => {
        await tx.delete('conversions', { prefix: [id] });
        await tx.delete('conversionParts', { prefix: [id] });
      }),
    text: async (hash) =>
      (await tables.transact(['texts'], 'readonly', (tx) => tx.get('texts', [hash]))) ?? null,
    putText: (hash, text) =>
      tables.transact(['texts'], 'readwrite', (tx) => tx.put('texts', [hash], text)),
  };
}
