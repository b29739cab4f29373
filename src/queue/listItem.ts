import type { Job, JobUnit } from './job.ts';
import type { StoredItem } from './queueStore.ts';

/** An item of the queue as it is worked on. */
export interface ListItem extends StoredItem {
  /** Comes with the first look; null where its request is refused by this version. */
  job: Job | null;
  /** Units whose results are stored. */
  done: Set<JobUnit>;
}

export const isOpen = ({ state }: ListItem) => state === 'waiting' || state === 'running';

/** Units that are run or were, in their order. */
export const unitsOf = (items: readonly ListItem[]) =>
  items.flatMap((item) => (isOpen(item) || item.state === 'done' ? (item.job?.units ?? []) : []));

export const unitsLeft = ({ job, done }: ListItem) =>
  (job?.units ?? []).filter((unit) => !done.has(unit));

/** Part of a unit's work that its longest run takes, by steps. */
export function longestPart({ runs }: JobUnit): number {
  const steps = runs.map(({ experiment }) => experiment.optimizer.totalSteps);
  return (
    Math.max(0, ...steps) /
    Math.max(
      1,
      steps.reduce((sum, one) => sum + one, 0),
    )
  );
}
