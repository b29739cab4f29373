/** What is told of the queue. */
import type { QueueItem, QueueState } from './items.ts';
import { isOpen, type ListItem } from './listItem.ts';
import type { QueuePace, UnitUnderWay } from './progress.ts';

interface Told extends Pick<QueueState, 'isPaused' | 'isElsewhere' | 'failure' | 'adapter'> {
  items: readonly ListItem[];
  under: UnitUnderWay | null;
}

/** Sum of what is left; null where nobody knows of one. */
function sumOf(seconds: readonly (number | null)[]): number | null {
  return seconds.reduce<number | null>(
    (sum, one) => (sum === null || one === null ? null : sum + one),
    0,
  );
}

export function stateOf({ under, ...told }: Told, pace: QueuePace, now: number): QueueState {
  const itemNow = ({ job, done, ...item }: ListItem): QueueItem => {
    const units = job?.units ?? [];
    const own = under?.item === item.id ? under : null;
    const progress = pace.progress(units, (unit) => done.has(unit), own, now);
    const { request, title } = item;
    const tag = job?.tag ?? (request.kind === 'recipe' ? request.name : title);
    return { ...item, tag, done: done.size, of: units.length, progress };
  };
  const items = told.items.map(itemNow);
  const estimated = under === null ? null : pace.estimate(under.unit);
  const factor = pace.factor(under, now);
  const secondsOf = (share: number) => (estimated === null ? null : factor * estimated * share);
  return {
    ...told,
    items,
    work: under?.work(secondsOf) ?? null,
    secondsLeft: sumOf(items.filter(isOpen).map(({ progress }) => progress.secondsLeft)),
  };
}
