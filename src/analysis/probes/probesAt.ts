/** What a run answered to the probe tasks while it trained. */
import type { ProbeResults } from './score.ts';

export interface ProbesAt {
  /** Steps taken when the first item was answered, and when the last one was: one item between two steps. */
  from: number;
  step: number;
  /** What the items were chosen with. */
  seed: number;
  /** Items of a task, at most: of each domain, or of all for `induction`. */
  items: number;
  results: ProbeResults;
}
