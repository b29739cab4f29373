import { useState } from 'react';
import type { QueueItem, QueueState, QueueWork } from '../../../worker/api.ts';
import { formatWholePercent } from '../../kit/format.ts';
import { usePapers } from '../../kit/papers.ts';
import { useLab, useLibrary } from '../../kit/useLab.tsx';
import { askedOf, doneText, isOver, leftText, measuringText, runText, tagOf } from './words.ts';

interface ItemProps {
  item: QueueItem;
  /** Places in the queue of the items before and after it that are not over; null for none. */
  up: number | null;
  down: number | null;
  state: QueueState;
}

/** What can be done to an item, in its state. */
function Actions({ item, up, down }: Omit<ItemProps, 'state'>) {
  const papers = usePapers();
  const { id, title } = item;
  const move = (to: number | null) => {
    if (to !== null) void papers.ask(`${title} was not moved`, (queue) => queue.move(id, to));
  };
  // Of a sweep nothing but its item leads to what came of it.
  const isLast = item.request.kind === 'sweep' && item.hasResults;
  const [isAsked, setAsked] = useState(false);
  const remove = () => void papers.ask(`${title} was not removed`, (queue) => queue.remove(id));
  return (
    <span className="queue-actions">
      {!isOver(item) && (
        <>
          <button
            type="button"
            className="btn quiet icon small"
            aria-label={`Move ${title} up`}
            title="Up"
            disabled={up === null}
            onClick={() => move(up)}
          >
            ↑
          </button>
          <button
            type="button"
            className="btn quiet icon small"
            aria-label={`Move ${title} down`}
            title="Down"
            disabled={down === null}
            onClick={() => move(down)}
          >
            ↓
          </button>
          <button
            type="button"
            className="btn quiet small"
            aria-label={`Cancel ${title}`}
            title="What is finished stays"
            onClick={() =>
              void papers.ask(`${title} was not cancelled`, (queue) => queue.cancel(id))
            }
          >
            Cancel
          </button>
        </>
      )}
      {isOver(item) && item.done < item.of && (
        <button
          type="button"
          className="btn small"
          aria-label={`Go on with ${title}`}
          title="What was finished is not run again"
          onClick={() => void papers.ask(`${title} was not queued`, (queue) => queue.again(id))}
        >
          Go on
        </button>
      )}
      {isOver(item) && (
        <button
          type="button"
          className="btn quiet small"
          aria-label={`Remove ${title} from the list`}
          title={
            isLast ? 'Its results leave the page with it: save them before' : 'Its results stay'
          }
          onClick={() => (isLast && !isAsked ? setAsked(true) : remove())}
        >
          {isAsked ? 'Remove its results, too' : 'Remove'}
        </button>
      )}
    </span>
  );
}

/** Ways to what came of an item. */
function Links({ item }: { item: QueueItem }) {
  const { view, library } = useLab();
  const { request, tag } = item;
  const runs = useLibrary((s) => s.rows).filter(({ tags }) => tags.includes(tag));
  return (
    <span className="queue-links">
      {request.kind === 'recipe' ? (
        <button
          type="button"
          className="link-btn"
          onClick={() => {
            view.getState().setOwn('claims', { claim: request.name, shown: 'own' });
            view.getState().set({ sought: { view: 'claims' } });
          }}
        >
          Claim
        </button>
      ) : (
        item.hasResults && (
          <button
            type="button"
            className="link-btn"
            onClick={() => {
              view.getState().setOwn('sweeps', { item: item.id });
              view.getState().set({ sought: { view: 'sweeps' } });
            }}
          >
            Results
          </button>
        )
      )}
      {runs.length > 0 && (
        <button
          type="button"
          className="link-btn"
          title="Chosen in the library, and so compared"
          onClick={() => {
            library.getState().select(runs.map(({ id }) => id));
            view.getState().set({ room: 'runs', sought: { view: 'library' } });
          }}
        >
          {runs.length === 1 ? '1 run' : `${runs.length} runs`} in the library
        </button>
      )}
    </span>
  );
}

function Work({ work, isSweep }: { work: QueueWork; isSweep: boolean }) {
  const { group, seed, runs } = work;
  return (
    <div className="queue-work">
      <p className="muted">
        Seed {seed}
        {isSweep ? '' : `, ${group}`}
        {measuringText(work)}
      </p>
      <ul>
        {runs.map((run) => (
          <li key={run.variant} className="queue-run">
            <span className="queue-label">{run.label}</span>
            <span className="queue-step num">{runText(run)}</span>
            <progress max={1} value={run.state === 'ready' ? 1 : run.share} aria-label={run.label}>
              {formatWholePercent(run.share)}
            </progress>
            <span className="queue-left num muted">
              {run.state === 'training' || run.state === 'waiting' ? leftText(run.secondsLeft) : ''}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A recipe or a sweep of the queue. */
export function Item({ item, up, down, state }: ItemProps) {
  const { title, failure, progress } = item;
  const tag = tagOf(item);
  const work = state.work?.item === item.id ? state.work : null;
  return (
    <li className="queue-item" data-state={item.state}>
      <div className="queue-head">
        <b>{title}</b>
        <span className={tag.className}>
          {item.state === 'running' && state.isPaused ? 'paused' : tag.text}
        </span>
        <span className="muted num">
          {askedOf(item)}
          {doneText(item)}
        </span>
        <Links item={item} />
        <Actions item={item} up={up} down={down} />
      </div>
      {!isOver(item) && (
        <div className="queue-progress">
          <progress max={1} value={progress.share} aria-label={`Progress of ${title}`}>
            {formatWholePercent(progress.share)}
          </progress>
          <span className="num muted">
            {formatWholePercent(progress.share)} {leftText(progress.secondsLeft)}
          </span>
        </div>
      )}
      {failure !== null && <p className="queue-failure">{failure}</p>}
      {work !== null && <Work work={work} isSweep={item.request.kind === 'sweep'} />}
    </li>
  );
}
