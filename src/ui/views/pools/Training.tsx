import { type PoolsSide, SIDES } from '../../../recipes/pools.ts';
import type { QueueItem, QueueState } from '../../../worker/api.ts';
import { formatCount, formatDuration, formatWholePercent } from '../../kit/format.ts';
import { usePapers } from '../../kit/papers.ts';
import { useLibrary } from '../../kit/useLab.tsx';
import { finishedRun } from './runs.ts';

export const SIDE_NAMES: Readonly<Record<PoolsSide, string>> = {
  without: 'without pools',
  with: 'with pools',
};

function SideRow({ side, item, state }: { side: PoolsSide; item: QueueItem; state: QueueState }) {
  const rows = useLibrary((s) => s.rows);
  const seed = item.request.kind === 'sweep' ? (item.request.sweep.seeds[0] ?? 1) : 1;
  const isDone = finishedRun(rows, side, seed) !== null;
  const work = state.work?.item === item.id ? state.work : null;
  const run =
    work?.group === String(SIDES.indexOf(side)) ? work.runs.find(({ step }) => step >= 0) : null;
  const share = isDone ? 1 : (run?.share ?? 0);
  const text = isDone
    ? 'trained'
    : run
      ? `step ${formatCount(run.step)} of ${formatCount(run.steps)}`
      : 'waiting';
  return (
    <li>
      <span>{SIDE_NAMES[side]}</span>
      <progress max={1} value={share} aria-label={`Training ${SIDE_NAMES[side]}`}>
        {formatWholePercent(share)}
      </progress>
      <span className="num">{text}</span>
    </li>
  );
}

/** Both runs on their way, and what ends them; what went wrong. */
export function Training({ item, state }: { item: QueueItem; state: QueueState }) {
  const papers = usePapers();
  const { secondsLeft } = item.progress;
  if (item.state === 'failed')
    return (
      <p className="field-error" role="alert">
        {item.failure ?? 'The training failed.'}{' '}
        <button
          type="button"
          className="btn small"
          onClick={() => void papers.ask('It was not tried again', (queue) => queue.again(item.id))}
        >
          Try again
        </button>
      </p>
    );
  const before = state.items.filter(
    ({ id, state: of }) => id !== item.id && (of === 'running' || of === 'waiting'),
  );
  const isBehind = state.work !== null && state.work.item !== item.id;
  return (
    <div className="pools-training">
      <ul>
        {SIDES.map((side) => (
          <SideRow key={side} side={side} item={item} state={state} />
        ))}
      </ul>
      <p className="pools-actions">
        <span className="num" role="status">
          {state.isElsewhere
            ? 'The queue works in another tab.'
            : state.isPaused
              ? 'The queue is paused.'
              : isBehind
                ? `Behind ${before[0]?.title ?? 'other work'} in the queue.`
                : secondsLeft === null
                  ? 'Being estimated…'
                  : `About ${formatDuration(secondsLeft)} left.`}
        </span>
        {(state.isPaused || state.isElsewhere) && (
          <button
            type="button"
            className="btn small primary"
            onClick={() => void papers.ask('The queue did not go on', (queue) => queue.resume())}
          >
            {state.isElsewhere ? 'Go on in this tab' : 'Go on'}
          </button>
        )}
        <button
          type="button"
          className="btn small"
          title="What is trained stays in the library"
          onClick={() => void papers.ask('It was not cancelled', (queue) => queue.cancel(item.id))}
        >
          Cancel
        </button>
      </p>
    </div>
  );
}
