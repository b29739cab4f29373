/** Claims of the papers on the page: recorded results, one's own, and the queue; loaded with the first view of them. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { BudgetName } from '../../recipes/recipe.ts';
import { type RecordedIndex, recordedFile } from '../../recipes/recordedIndex.ts';
import type { RecipeResult } from '../../recipes/result.ts';
import type { SweepResult } from '../../recipes/sweep.ts';
import type {
  QueueApi,
  QueueEstimate,
  QueueEvent,
  QueueRequest,
  QueueState,
} from '../../worker/api.ts';

/** A file that is read when it is asked for; null where there is none of that name. */
export type Recorded =
  | { state: 'reading' }
  | { state: 'read'; result: RecipeResult | null }
  | { state: 'failed'; reason: string };

export interface PapersValues {
  /** What is recorded of all claims, in short; null before it was read. */
  index: RecordedIndex | null;
  /** By name of the file. */
  recorded: ReadonlyMap<string, Recorded>;
  /** What this browser ran, one per recipe, budget, version and adapter; the latest first. */
  own: readonly RecipeResult[];
  /** By id of the queue's item. */
  sweeps: ReadonlyMap<string, SweepResult>;
  /** Null before the queue was reached. */
  queue: QueueState | null;
  /** Why the queue cannot be reached; null where it can, or was not asked for. */
  failure: string | null;
}

export interface Papers extends StoreApi<PapersValues> {
  /** Reaches the queue and what this browser ran, once. */
  connect(): Promise<void>;
  readIndex(): Promise<void>;
  readRecorded(recipe: string, budget: BudgetName): Promise<void>;
  /** Results of a sweep of the queue. */
  readSweep(item: string): Promise<void>;
  /** @throws Error, in a sentence, where nothing can be estimated */
  estimate(request: QueueRequest): Promise<QueueEstimate>;
  /** Does something with the queue; what goes wrong is told, and answered by null. */
  ask<T>(what: string, work: (queue: QueueApi) => Promise<T>): Promise<T | null>;
}

export interface PapersDeps {
  queue: () => Promise<QueueApi>;
  /** Text of a recorded file; null where there is none. */
  read: (name: string) => Promise<string | null>;
  say: (text: string) => void;
}

/** Name of the file that says which results are recorded. */
const INDEX = 'index';

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isOf(a: RecipeResult, b: RecipeResult): boolean {
  const grounds = ['recipe', 'budget', 'digest', 'version', 'adapter'] as const;
  return grounds.every((name) => a[name] === b[name]);
}

/** @throws RangeError for a text that is no result of that recipe and budget */
function resultIn(name: string, of: BudgetName, text: string): RecipeResult {
  const raw: unknown = JSON.parse(text);
  const { kind, format, recipe, budget } = raw as Partial<RecipeResult>;
  if (kind !== 'recipe' || format !== 1 || recipe !== name || budget !== of)
    throw new RangeError(
      `recorded/${recordedFile(name, of)}.json holds no ${of} result of ${name}`,
    );
  return raw as RecipeResult;
}

export function createPapers({ queue, read, say }: PapersDeps): Papers {
  const store = createStore<PapersValues>()(() => ({
    index: null,
    recorded: new Map(),
    own: [],
    sweeps: new Map(),
    queue: null,
    failure: null,
  }));
  const { getState: get, setState: set } = store;
  let reached: Promise<QueueApi> | null = null;
  let connected: Promise<void> | null = null;
  let index: Promise<void> | null = null;

  const put = (name: string, recorded: Recorded) =>
    set({ recorded: new Map(get().recorded).set(name, recorded) });
  const putSweep = (item: string, result: SweepResult) =>
    set({ sweeps: new Map(get().sweeps).set(item, result) });

  function hear(event: QueueEvent): void {
    if (event.type === 'state') set({ queue: event.state });
    else if (event.type === 'sweep') putSweep(event.item, event.result);
    else set({ own: [event.result, ...get().own.filter((before) => !isOf(before, event.result))] });
  }

  function reach(): Promise<QueueApi> {
    reached ??= queue().catch((error: unknown) => {
      reached = null;
      throw error;
    });
    return reached;
  }

  async function open(): Promise<void> {
    try {
      const api = await reach();
      await api.subscribe(hear);
      const [state, own] = await Promise.all([api.state(), api.results()]);
      set({ queue: state, own, failure: null });
    } catch (error) {
      connected = null;
      set({ failure: reasonOf(error) });
    }
  }

  return {
    ...store,
    connect() {
      connected ??= open();
      return connected;
    },
    readIndex() {
      index ??= read(INDEX)
        .then((text) => set({ index: text === null ? {} : (JSON.parse(text) as RecordedIndex) }))
        // A host may answer with a page of its own in place of a file that it does not have.
        .catch(() => {
          index = null;
          set({ index: {} });
        });
      return index;
    },
    async readRecorded(recipe, budget) {
      const name = recordedFile(recipe, budget);
      const before = get().recorded.get(name);
      if (before !== undefined && before.state !== 'failed') return;
      put(name, { state: 'reading' });
      try {
        const text = await read(name);
        put(name, { state: 'read', result: text === null ? null : resultIn(recipe, budget, text) });
      } catch (error) {
        put(name, { state: 'failed', reason: reasonOf(error) });
      }
    },
    async readSweep(item) {
      if (get().sweeps.has(item)) return;
      try {
        const result = await (await reach()).sweepResult(item);
        if (result !== null) putSweep(item, result);
      } catch (error) {
        say(`The results of the sweep were not read: ${reasonOf(error)}`);
      }
    },
    estimate: async (request) => (await reach()).estimate(request),
    async ask(what, work) {
      try {
        return await work(await reach());
      } catch (error) {
        say(`${what}: ${reasonOf(error)}`);
        return null;
      }
    },
  };
}

/** The result of one's own that stands for a recipe: the one with most seeds, then the latest. */
export function ownResult(own: readonly RecipeResult[], name: string): RecipeResult | null {
  const seedsOf = ({ units }: RecipeResult) => new Set(units.map(({ seed }) => seed)).size;
  const mine = own.filter(({ recipe }) => recipe === name);
  return mine.reduce<RecipeResult | null>(
    (best, one) => (best === null || seedsOf(one) > seedsOf(best) ? one : best),
    null,
  );
}
