import { type ReactNode, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { counted } from '../../config/plural.ts';
import type { QueueEstimate, QueueItem, QueueRequest } from '../../worker/api.ts';
import { Button } from './Button.tsx';
import { formatDuration } from './format.ts';
import { PlayIcon } from './icons.tsx';
import { usePapers, usePapersState } from './papers.ts';

export type Estimated = QueueEstimate | { problem: string } | null;

/** Wait before something that changes is estimated. */
const SETTLED_MS = 300;

/** How often a person asked for estimates again: all that failed are asked for at once. */
const rounds = createStore(() => 0);

/** Changes with what is finished, and with what is to be run: estimates of before are stale then. */
function useFinished(): string {
  const isOpen = ({ state }: QueueItem) => state === 'waiting' || state === 'running';
  return usePapersState(({ queue }) =>
    (queue?.items ?? []).map((item) => `${item.id} ${item.done} ${isOpen(item)}`).join(),
  );
}

interface Known {
  key: string;
  round: number;
  estimated: NonNullable<Estimated>;
}

/** What a request would take on this adapter; null while nobody knows. */
export function useEstimate(request: QueueRequest | null): Estimated {
  const papers = usePapers();
  const [known, setKnown] = useState<Known | null>(null);
  const round = useStore(rounds);
  const finished = useFinished();
  const key = JSON.stringify(request);
  const ground = JSON.stringify({ key, round, finished });
  useEffect(() => {
    const { key, round } = JSON.parse(ground) as Pick<Known, 'key' | 'round'>;
    if (key === 'null') return undefined;
    let isOver = false;
    const timer = setTimeout(() => {
      const put = (estimated: NonNullable<Estimated>) => {
        if (!isOver) setKnown({ key, round, estimated });
      };
      papers
        .estimate(JSON.parse(key) as QueueRequest)
        .then(put, (error: unknown) =>
          put({ problem: error instanceof Error ? error.message : String(error) }),
        );
    }, SETTLED_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [papers, ground]);
  if (known?.key !== key) return null;
  // What failed is being tried again.
  return 'problem' in known.estimated && known.round !== round ? null : known.estimated;
}

/** "9 runs, about 12 min on this adapter; the longest 1 min 10 s". */
export function estimateText(estimated: Estimated): string {
  if (estimated === null) return 'being estimated…';
  if ('problem' in estimated) return estimated.problem;
  const { runs, seconds, longestRun, refusal } = estimated;
  if (refusal !== null) return refusal;
  if (runs === 0) return 'all runs are there already';
  const longest = runs > 1 ? `; the longest ${formatDuration(longestRun)}` : '';
  return `${counted(runs, 'run')}, about ${formatDuration(seconds)} on this adapter${longest}`;
}

interface StartWorkProps {
  /** Null where nothing can be started yet. */
  request: QueueRequest | null;
  /** What would be started, for messages. */
  name: string;
  children: ReactNode;
  estimated: Estimated;
  className?: string;
}

/** A button that queues something, unless it cannot start; what could not be estimated is tried again. */
export function StartWork({ request, name, children, estimated, className }: StartWorkProps) {
  const papers = usePapers();
  const [isAdding, setAdding] = useState(false);
  const hasFailed = estimated !== null && 'problem' in estimated;
  const isRefused = hasFailed || (estimated !== null && estimated.refusal !== null);
  return (
    <>
      <Button
        className={className ?? 'btn small primary'}
        isOff={request === null || isAdding || isRefused}
        onClick={async () => {
          if (request === null) return;
          setAdding(true);
          await papers.connect();
          await papers.ask(`${name} was not queued`, (queue) => queue.add(request));
          setAdding(false);
        }}
      >
        <PlayIcon />
        {children}
      </Button>
      {hasFailed && (
        <button
          type="button"
          className="btn quiet small"
          onClick={() => rounds.setState((round) => round + 1)}
        >
          Try again
        </button>
      )}
    </>
  );
}
