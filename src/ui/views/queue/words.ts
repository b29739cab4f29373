/** What the queue says of its items. */
import { counted } from '../../../config/plural.ts';
import type {
  QueueItem,
  QueueItemState,
  QueueRun,
  QueueState,
  QueueWork,
} from '../../../worker/api.ts';
import { formatCount, formatDuration } from '../../kit/format.ts';

export function isOver({ state }: Pick<QueueItem, 'state'>): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

const STATE_TAGS: Readonly<Record<QueueItemState, { text: string; className: string }>> = {
  waiting: { text: 'waiting', className: 'tag' },
  running: { text: 'running', className: 'tag accent' },
  done: { text: '✓ done', className: 'tag good' },
  failed: { text: '✗ failed', className: 'tag bad' },
  cancelled: { text: 'cancelled', className: 'tag warn' },
};

/** "quick, seeds 1, 2, 3; "; nothing more of a sweep. */
export function askedOf({ request }: QueueItem): string {
  if (request.kind === 'sweep') return '';
  const { budget, seeds } = request;
  return `${budget}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}; `;
}

export function leftText(seconds: number | null): string {
  return seconds === null ? '' : `${formatDuration(seconds)} left`;
}

/** "2 of 3 units". */
export function doneText({ request, done, of }: QueueItem): string {
  return `${formatCount(done)} of ${counted(of, request.kind === 'sweep' ? 'run' : 'unit')}`;
}

/** What an item's state is called: one that is done may be of another version or adapter. */
export function tagOf({ state, done, of }: QueueItem): { text: string; className: string } {
  return state === 'done' && done < of
    ? { text: 'done, of another version or adapter', className: 'tag' }
    : STATE_TAGS[state];
}

const RUN_STATES: Readonly<Record<QueueRun['state'], string>> = {
  waiting: 'waiting',
  training: 'training',
  ready: 'trained',
  diverged: 'diverged',
};

export function runText({ state, step, steps }: QueueRun): string {
  if (state !== 'training') return RUN_STATES[state];
  return `step ${formatCount(step)} of ${formatCount(steps)}`;
}

/** ": measuring Loss"; ": measuring Steps after a shock, step 40 of 193" where it trains. */
export function measuringText({ measuring, onward }: QueueWork): string {
  if (measuring === null) return '';
  const at =
    onward === null ? '' : `, step ${formatCount(onward.step)} of ${formatCount(onward.steps)}`;
  return `: measuring ${measuring}${at}`;
}

/** What is worked on, for those who listen: it changes with units, not with steps. */
export function spokenOf({ items, work, isPaused, isElsewhere }: QueueState): string {
  if (isElsewhere) return 'The queue is in another tab';
  const item = items.find(({ id }) => id === work?.item);
  if (item === undefined) return isPaused && items.some((one) => !isOver(one)) ? 'Paused' : '';
  const seed = work === null ? '' : `, seed ${work.seed}`;
  return `${isPaused ? 'Paused: ' : ''}${item.title}${seed}, ${doneText(item)}`;
}
