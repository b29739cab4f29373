/** Which units of a job have their results, and where these are kept. */
import { PRODUCT_VERSION } from '../config/product.ts';
import type { UnitResult } from '../recipes/result.ts';
import type { SweepRun } from '../recipes/sweep.ts';
import type { QueueEvent } from './items.ts';
import type { Job, JobUnit } from './job.ts';
import type { ListItem } from './listItem.ts';
import type { QueueDeps } from './queueDeps.ts';
import type { QueueStore } from './queueStore.ts';

export function resultKey(
  { key }: Job,
  { group, seed }: JobUnit,
  adapter: string | null,
): string[] {
  return [...key, PRODUCT_VERSION, adapter ?? '', String(seed), group];
}

/** Units whose results are stored: of this version and adapter, or of any adapter as long as it is not known. */
export async function doneOf(
  store: QueueStore,
  job: Job,
  adapter: string | null,
): Promise<Set<JobUnit>> {
  const keys = await store.resultKeys([...job.key, PRODUCT_VERSION]);
  const isDone = ({ seed, group }: JobUnit) =>
    adapter === null
      ? [...keys].some((key) => key.endsWith(` ${seed} ${group}`))
      : keys.has([adapter, String(seed), group].join(' '));
  return new Set(job.units.filter(isDone));
}

/** What is stored of a job: its units, and whether anything came of it on any version and adapter. */
export async function foundOf(
  store: QueueStore,
  job: Job,
  adapter: string | null,
): Promise<Pick<ListItem, 'done' | 'hasResults'>> {
  const done = await doneOf(store, job, adapter);
  return { done, hasResults: (await store.resultKeys(job.key)).size > 0 };
}

/** What is told of an item when a unit of it is finished: its results on this version and adapter, merged. */
export async function resultEvent(
  { store, merged }: Pick<QueueDeps, 'store' | 'merged'>,
  { id, request }: ListItem,
  { key }: Job,
  adapter: string | null,
): Promise<QueueEvent | null> {
  const all = [...key, PRODUCT_VERSION, adapter ?? ''];
  if (request.kind === 'recipe') {
    const [result] = merged.recipes(await store.results<UnitResult>(all));
    return result === undefined ? null : { type: 'recipe', result };
  }
  const result = merged.sweep(request, await store.results<SweepRun>(all));
  return result === null ? null : { type: 'sweep', item: id, result };
}
