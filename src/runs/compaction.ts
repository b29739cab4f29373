/** Makes few large pieces of the many small ones that training leaves. */
import {
  groups,
  joinLoads,
  joinScalars,
  joinsLoads,
  joinsScalars,
  loadBytes,
  scalarBytes,
} from './records.ts';
import type { Key, Tables } from './tables.ts';

/** Bytes from which on a piece is left as it is. */
const LARGE = { scalars: 200_000, loads: 2_000_000 } as const;

interface Kind<P> {
  joins(a: P, b: P): boolean;
  join(pieces: readonly P[]): P;
  bytes(piece: P): number;
}
const SCALAR_KIND = { joins: joinsScalars, join: joinScalars, bytes: scalarBytes };
const LOAD_KIND = { joins: joinsLoads, join: joinLoads, bytes: loadBytes };

/** Joins what lies together, up to the bytes of a large piece; those that stay alone are left out. */
function mergeable<P>(pieces: readonly P[], { joins, bytes }: Kind<P>, large: number): P[][] {
  let size = 0;
  const small = groups(pieces, (a, b) => {
    size = size === 0 ? bytes(a) : size;
    const fits = joins(a, b) && size < large && bytes(b) < large;
    size = fits ? size + bytes(b) : 0;
    return fits;
  });
  return small.filter(({ length }) => length > 1);
}

async function compactTable<T extends 'scalars' | 'loads'>(
  tables: Tables,
  table: T,
  id: string,
  keys: readonly Key[],
): Promise<void> {
  const kind = (table === 'scalars' ? SCALAR_KIND : LOAD_KIND) as unknown as Kind<{
    firstStep: number;
  }>;
  await tables.transact([table], 'readwrite', async (tx) => {
    const pieces: { firstStep: number }[] = [];
    for (const key of keys) {
      const piece = await tx.get(table, key);
      if (piece !== undefined) pieces.push(piece);
    }
    for (const group of mergeable(pieces, kind, LARGE[table])) {
      for (const { firstStep } of group) await tx.delete(table, { prefix: [id, firstStep] });
      const whole = kind.join(group);
      await tx.put(table, [id, whole.firstStep], whole as never);
    }
  });
}

/** Pieces that are read at once. */
const AT_ONCE = 32;

/**
 * Compacts the pieces of a run from a step on. Each transaction leaves a whole run behind.
 * @param from first step of the first piece that is looked at
 */
export async function compact(tables: Tables, id: string, from: number): Promise<void> {
  for (const table of ['scalars', 'loads'] as const) {
    const keys = await tables.transact([table], 'readonly', (tx) =>
      tx.keys(table, { prefix: [id], from }),
    );
    for (let i = 0; i < keys.length; i += AT_ONCE)
      await compactTable(tables, table, id, keys.slice(i, i + AT_ONCE));
  }
}
