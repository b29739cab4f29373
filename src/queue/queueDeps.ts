/** What the queue rests on. */
import type { RecipeResult, UnitResult } from '../recipes/result.ts';
import type { SweepResult, SweepRun } from '../recipes/sweep.ts';
import type { MeasureDeps } from '../train/recipes/measures.ts';
import type { QueueRequest } from './items.ts';
import type { Job } from './job.ts';
import type { QueueStore } from './queueStore.ts';
import type { RecordingDeps } from './recording.ts';

export interface QueueDeps {
  measure: MeasureDeps;
  store: QueueStore;
  /** Who keeps runs in the library. */
  recording: RecordingDeps;
  /** What a request comes to. @throws RangeError for one that is refused */
  jobOf(request: QueueRequest): Promise<Job>;
  /** Why the adapter cannot hold a job's runs; null where it can. */
  misfit(job: Job): Promise<string | null>;
  merged: Merged;
  /** Takes the right to work, and to change what is to be done; false where another tab has it. */
  hold(): Promise<boolean>;
  release(): void;
  /** To the other tabs that have the queue open; null where the browser has none. */
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'> | null;
  now(): number;
}

/** Results put together of what is stored. */
export interface Merged {
  recipes(units: readonly UnitResult[]): RecipeResult[];
  sweep(request: QueueRequest, runs: readonly SweepRun[]): SweepResult | null;
}
