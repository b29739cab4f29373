import { type ReactNode, useEffect, useState } from 'react';
import { counted } from '../../config/plural.ts';
import type { QueueEstimate, QueueRequest } from '../../worker/api.ts';
import { Button } from './Button.tsx';
import { formatDuration } from './format.ts';
import { PlayIcon } from './icons.tsx';
import { usePapers } from './papers.ts';

export type Estimated = QueueEstimate | { problem: string } | null;

/** Wait before something that changes is estimated. */
const SETTLED_MS = 300;

/** What a request would take on this adapter; null while nobody knows. */
export function useEstimate(request: QueueRequest | null): Estimated {
  const papers = usePapers();
  const [known, setKnown] = useState<{ key: string; estimated: Estimated } | null>(null);
  const key = JSON.stringify(request);
  useEffect(() => {
    if (key === 'null') return undefined;
    let isOver = false;
    const timer = setTimeout(() => {
      const put = (estimated: Estimated) => {
        if (!isOver) setKnown({ key, estimated });
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
  }, [papers, key]);
  return known?.key === key ? known.estimated : null;
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

/** A button that queues something, unless it cannot start. */
export function StartWork({ request, name, children, estimated, className }: StartWorkProps) {
  const papers = usePapers();
  const [isAdding, setAdding] = useState(false);
  const isRefused = estimated !== null && ('problem' in estimated || estimated.refusal !== null);
  return (
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
  );
}
