/** How views read claims, results and the queue. */
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { createPapers, type Papers, type PapersValues } from '../../state/papers/papers.ts';
import { useLab } from './useLab.tsx';

export function usePapers(): Papers {
  return useLab().papers(createPapers);
}

export function usePapersState<T>(select: (state: PapersValues) => T): T {
  return useStore(usePapers(), select);
}

/** Reaches the queue once a view of it is shown. */
export function useQueue(): void {
  const papers = usePapers();
  useEffect(() => void papers.connect(), [papers]);
}
