import { type ListItem, unitsLeft } from './listItem.ts';
import type { QueueStore } from './queueStore.ts';

/** Forgets unfinished work that no item needs any more; gives the names of what is left. */
export async function tidy(
  store: QueueStore,
  items: readonly ListItem[],
): Promise<ReadonlySet<string>> {
  const open = items.filter(({ state }) => state !== 'done');
  const needed = new Set(open.flatMap(unitsLeft).flatMap(({ runKeys }) => runKeys));
  const keys = await store.work.keys();
  const isOver = (key: string) => open.length === 0 || (key.startsWith('run-') && !needed.has(key));
  for (const key of keys) if (isOver(key)) await store.work.delete(key);
  if (open.length === 0) await store.forgetRuns();
  return new Set(keys.filter((key) => !isOver(key)));
}
