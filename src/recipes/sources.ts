/** Where claims come from: the five papers, and the mechanisms that are compared beside them. */
import { PAPER_NAMES, type PaperId } from '../analysis/papers/printed.ts';
import { PAPERS } from '../analysis/papers.ts';

export type SourceId = PaperId | 'balancing';

export interface Source {
  id: SourceId;
  name: string;
  title: string;
  /** Whose numbers stand beside one's own. */
  printer: string;
}

export const BALANCING: Source = {
  id: 'balancing',
  name: 'Balancing',
  title: 'Losses, biases and selections that models balance their experts with',
  printer: 'the mechanisms’ own papers',
};

/** In the order in which their claims are listed. */
export const SOURCES: readonly Source[] = [
  ...PAPERS.map(({ id, title }) => ({
    ...{ id, title, name: PAPER_NAMES[id], printer: PAPER_NAMES[id] },
  })),
  BALANCING,
];

export function sourceOf({ paper }: { paper: SourceId }): Source {
  return SOURCES.find(({ id }) => id === paper) ?? BALANCING;
}
