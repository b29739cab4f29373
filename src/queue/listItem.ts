import type { QueueRequest } from './items.ts';
import type { Job, JobUnit } from './job.ts';
import type { StoredItem } from './queueStore.ts';

/** An item of the queue as it is worked on. */
export interface ListItem extends StoredItem {
  /** Comes with the first look; null where its request is refused by this version. */
  job: Job | null;
  /** Units whose results are stored. */
  done: Set<JobUnit>;
  /** Whether anything of it is stored, of any version and adapter. */
  hasResults: boolean;
}

/** What of it is stored. */
export const storedOf = ({
  job: _job,
  done: _done,
  hasResults: _has,
  ...stored
}: ListItem): StoredItem => stored;

export function newItem(request: QueueRequest, job: Job, addedAt: number): ListItem {
  const stored = { id: crypto.randomUUID(), request, title: job.title, addedAt, failure: null };
  return { ...stored, state: 'waiting', job, done: new Set(), hasResults: false };
}

/** Gives the list as it is now back, its items in their states, whatever becomes of it meanwhile. */
export function asItIs(items: readonly ListItem[]): () => ListItem[] {
  const before = items.map((item) => ({ item, state: item.state, failure: item.failure }));
  return () => before.map(({ item, ...was }) => Object.assign(item, was));
}

export const isOpen = ({ state }: Pick<ListItem, 'state'>) =>
  state === 'waiting' || state === 'running';

/** Units that are run or were, in their order. */
export const unitsOf = (items: readonly ListItem[]) =>
  items.flatMap((item) => (isOpen(item) || item.state === 'done' ? (item.job?.units ?? []) : []));

export const unitsLeft = ({ job, done }: ListItem) =>
  (job?.units ?? []).filter((unit) => !done.has(unit));

/** Part of a unit's work that its longest run takes, by steps. */
export function longestPart({ runs, onward }: Pick<JobUnit, 'runs' | 'onward'>): number {
  const steps = runs.map(({ experiment }) => experiment.optimizer.totalSteps);
  return (
    Math.max(0, ...steps) /
    Math.max(
      1,
      steps.reduce((sum, one) => sum + one, onward),
    )
  );
}
