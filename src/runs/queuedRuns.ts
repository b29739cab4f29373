/** Records of runs that the queue has begun and not finished: it goes on with them, and nobody is asked to. */
import type { Tables } from './tables.ts';

const KEY = ['queue', 'runs'];

export async function queuedRuns(tables: Tables): Promise<ReadonlySet<string>> {
  const ids = await tables.transact(['facts'], 'readonly', (tx) => tx.get('facts', KEY));
  return new Set(ids as readonly string[] | undefined);
}

/** Notes that the queue has a run to finish, or has finished it. */
export function noteQueued(tables: Tables, id: string, isQueued: boolean): Promise<void> {
  return tables.transact(['facts'], 'readwrite', async (tx) => {
    const ids = new Set((await tx.get('facts', KEY)) as readonly string[] | undefined);
    if (isQueued) ids.add(id);
    else ids.delete(id);
    await tx.put('facts', KEY, [...ids]);
  });
}

export function forgetQueued(tables: Tables): Promise<void> {
  return tables.transact(['facts'], 'readwrite', (tx) => tx.put('facts', KEY, []));
}
