import { counted } from '../../../config/plural.ts';
import type { QueueItem, QueueState } from '../../../worker/api.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { formatDuration } from '../../kit/format.ts';
import { PauseIcon, PlayIcon } from '../../kit/icons.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { usePapers, usePapersState, useQueue } from '../../kit/papers.ts';
import { Item } from './Item.tsx';
import { isOver, spokenOf } from './words.ts';
import './queue.css';

export const about: Explanation = {
  label: 'Queue',
  meaning:
    'Recipes and sweeps, trained one after the other. After a reload the run in progress goes on from its last checkpoint.',
};

/** Pauses what trains, or goes on with it. */
function PauseButton({ state }: { state: QueueState }) {
  const papers = usePapers();
  const { isPaused } = state;
  return (
    <button
      type="button"
      className={isPaused ? 'btn small primary' : 'btn small'}
      onClick={() =>
        void papers.ask(
          isPaused ? 'The queue did not go on' : 'The queue was not paused',
          (queue) => (isPaused ? queue.resume() : queue.pause()),
        )
      }
    >
      {isPaused ? <PlayIcon /> : <PauseIcon />}
      {isPaused ? 'Resume the queue' : 'Pause the queue'}
    </button>
  );
}

/** Goes on in this tab, once no other has the queue: one that was closed says nothing any more. */
function TakeOver() {
  const papers = usePapers();
  return (
    <button
      type="button"
      className="btn small"
      title="The queue works in another tab; once that is closed, it goes on in this one"
      onClick={() => void papers.ask('The queue did not go on', (queue) => queue.resume())}
    >
      <PlayIcon />
      Go on in this tab
    </button>
  );
}

function subOf({ items, isPaused, isElsewhere, secondsLeft }: QueueState): string {
  const open = items.filter((item) => !isOver(item)).length;
  if (open === 0) return 'at rest';
  const left = secondsLeft === null ? '' : `, ${formatDuration(secondsLeft)} left in all`;
  return `${isElsewhere ? 'in another tab, ' : ''}${isPaused ? 'paused, ' : ''}${open} to do${left}`;
}

function placeOf(items: readonly QueueItem[], item: QueueItem | undefined): number | null {
  return item === undefined ? null : items.indexOf(item);
}

/** What is trained after what: order, progress and time left of recipes and sweeps. */
export default function QueuePanel() {
  useQueue();
  const papers = usePapers();
  const state = usePapersState((s) => s.queue);
  const unreached = usePapersState((s) => s.failure);
  if (state === null)
    return (
      <PanelFrame className="queue">
        <p className="empty">{unreached ?? 'The queue is being opened…'}</p>
      </PanelFrame>
    );
  const { items, failure } = state;
  const open = items.filter((item) => !isOver(item));
  const over = items.filter(isOver);
  // Of a sweep nothing but its item leads to what came of it.
  const cleared = over.filter(({ request, hasResults }) => request.kind !== 'sweep' || !hasResults);
  return (
    <PanelFrame
      className="queue"
      sub={subOf(state)}
      tools={open.length > 0 && (state.isElsewhere ? <TakeOver /> : <PauseButton state={state} />)}
    >
      {failure !== null && (
        <p role="alert" className="queue-failure">
          {failure}
        </p>
      )}
      <p className="visually-hidden" role="status">
        {spokenOf(state)}
      </p>
      {items.length === 0 && (
        <p className="empty">Nothing is queued. A claim or a sweep is started with one press.</p>
      )}
      <ol className="queue-items">
        {open.map((item, i) => (
          <Item
            key={item.id}
            item={item}
            up={placeOf(items, open[i - 1])}
            down={placeOf(items, open[i + 1])}
            state={state}
          />
        ))}
      </ol>
      {over.length > 0 && (
        <>
          <div className="queue-over">
            <h3>{counted(over.length, 'finished item')}</h3>
            <button
              type="button"
              className="btn quiet small"
              title="Their results stay; sweeps with results stay in the list"
              disabled={cleared.length === 0}
              onClick={() =>
                void papers.ask('The list was not cleared', (queue) =>
                  Promise.all(cleared.map(({ id }) => queue.remove(id))),
                )
              }
            >
              Clear
            </button>
          </div>
          <ol className="queue-items">
            {over.map((item) => (
              <Item key={item.id} item={item} up={null} down={null} state={state} />
            ))}
          </ol>
        </>
      )}
    </PanelFrame>
  );
}
