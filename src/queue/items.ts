/** What is to be run, one after the other: types alone, structured-cloneable. */
import type { BudgetName } from '../recipes/recipe.ts';
import type { RecipeResult } from '../recipes/result.ts';
import type { Sweep, SweepResult } from '../recipes/sweep.ts';

/** What a person asks for: seeds of a recipe, or all runs of a sweep. */
export type QueueRequest =
  | { kind: 'recipe'; name: string; budget: BudgetName; seeds: readonly number[] }
  | { kind: 'sweep'; sweep: Sweep };

/**
 * `waiting`: its turn has not come; `running`: one of its units is worked on, also while the queue is
 * paused; `done`; `failed`: `failure` says why, and asking for the same again goes on from where it
 * stood; `cancelled`: by a person, what was finished stays.
 */
export type QueueItemState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** Of a run, or of all runs and measurements of an item. */
export interface QueueProgress {
  /** Share of the work, 0 to 1, by estimated seconds. */
  share: number;
  /** Estimated seconds that are left; null while nobody knows the adapter's pace. */
  secondsLeft: number | null;
}

/** A run of a unit that is under way. */
export interface QueueRun extends QueueProgress {
  /** Of a recipe its id, of a sweep the number of the point. */
  variant: string;
  label: string;
  /** `ready`: trained before, in this unit or for another one. */
  state: 'waiting' | 'training' | 'ready' | 'diverged';
  step: number;
  steps: number;
  /** Id of its record in the library; null before its first step. */
  record: string | null;
}

/** What is worked on. */
export interface QueueWork {
  item: string;
  /** Group of the recipe, '' for a sweep; and the seed. */
  group: string;
  seed: number;
  /** In the order in which they are trained. */
  runs: readonly QueueRun[];
  /** Label of the measurement that is taken; null while runs are trained. */
  measuring: string | null;
  /** How far that is, of all steps that measuring trains models on; null where it trains nothing. */
  onward: { step: number; steps: number } | null;
}

export interface QueueItem {
  id: string;
  request: QueueRequest;
  /** Title of the recipe, or name of the sweep. */
  title: string;
  /** Of its runs in the library. */
  tag: string;
  state: QueueItemState;
  failure: string | null;
  /** Milliseconds since 1970. */
  addedAt: number;
  /** Units of a recipe, runs of a sweep: finished, and of how many. */
  done: number;
  of: number;
  /** Whether anything of it is stored, of any version and adapter. */
  hasResults: boolean;
  progress: QueueProgress;
}

export interface QueueState {
  /** In the order in which they are worked on; finished ones stay until they are removed. */
  items: readonly QueueItem[];
  /** Whether a person paused the queue, or nothing was resumed since the page was opened anew. */
  isPaused: boolean;
  /** Whether another tab has the queue; `isPaused` is of that one then, and what it works on is not known. */
  isElsewhere: boolean;
  /** Null between two units, and while the queue rests. */
  work: QueueWork | null;
  /** Of everything that waits or runs. */
  secondsLeft: number | null;
  /** Why the queue cannot work at all, e.g. no adapter; null where it can. */
  failure: string | null;
  /** Description of the adapter; null before it was opened. */
  adapter: string | null;
}

export type QueueEvent =
  /** Ten times a second at most. */
  | { type: 'state'; state: QueueState }
  /** A unit of a recipe is finished: the result of everything that this browser ran of it so far. */
  | { type: 'recipe'; result: RecipeResult }
  | { type: 'sweep'; item: string; result: SweepResult };

/** Before anything runs. */
export interface QueueEstimate {
  /** Runs to be trained; those that are there already are not counted. */
  runs: number;
  /** Seconds of all, and of the longest run. */
  seconds: number;
  longestRun: number;
  /** Why it cannot start: what is held equal is not, or the adapter cannot hold it; null where it can. */
  refusal: string | null;
}

/** Commands of the queue. All reject with an error whose `name` is an `ErrorCode`. */
export interface QueueApi {
  state(): Promise<QueueState>;
  /** Hears of everything; another listener takes the place of this one. */
  subscribe(listener: (event: QueueEvent) => void): Promise<void>;
  /** By the adapter's measured speed; opens the device. */
  estimate(request: QueueRequest): Promise<QueueEstimate>;
  /**
   * Puts a request behind the others and begins to work unless the queue is paused; returns its id.
   * Rejects with ConfigInvalid where it is refused.
   */
  add(request: QueueRequest): Promise<string>;
  /** Ends work at the next step, with the run's state stored. */
  pause(): Promise<void>;
  /** Goes on, also after a reload: the run in progress from its stored state. */
  resume(): Promise<void>;
  /** To a place among the items, 0 the first. What is worked on gives way where another one comes first. */
  move(id: string, place: number): Promise<void>;
  /** Works on it no more; what is finished stays. */
  cancel(id: string): Promise<void>;
  /** Puts one that failed or was cancelled behind the others again. */
  again(id: string): Promise<void>;
  /** Takes it out of the list; results stay. */
  remove(id: string): Promise<void>;
  /**
   * What this browser ran of today's recipes, one result per recipe, budget, version and adapter; of one
   * recipe where named.
   */
  results(name?: string): Promise<readonly RecipeResult[]>;
  /** Of the sweep of an item, also while it runs; null before its first run. */
  sweepResult(id: string): Promise<SweepResult | null>;
}
