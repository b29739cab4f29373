/** Claims of the papers on the page: recorded results, one's own, and the queue; loaded with the first view of them. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { BUDGETS, type BudgetName } from '../../recipes/recipe.ts';
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
  /** What is recorded of all claims, in short; null before it was read, empty where it cannot be. */
  index: RecordedIndex | null;
  /** Why it cannot be; null where it can. */
  unread: string | null;
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

/** @throws Error for a text that is no result of that recipe, as this page has it, and budget */
async function resultIn(name: string, of: BudgetName, text: string): Promise<RecipeResult> {
  const [{ parseResult }, { recipeDigest }, { recipeNamed }] = await Promise.all([
    import('../../recipes/parseResult.ts'),
    import('../../recipes/digest.ts'),
    import('../../recipes/recipes.ts'),
  ]);
  const file = `recorded/${recordedFile(name, of)}.json`;
  const result = parseResult(JSON.parse(text));
  if (result.kind !== 'recipe' || result.recipe !== name || result.budget !== of)
    throw new RangeError(`${file} holds no ${of} result of ${name}`);
  if (result.digest !== recipeDigest(recipeNamed(name), of))
    throw new RangeError(`${file} is of another version of this claim; load the page again`);
  return result;
}

/** @throws Error for a text that is no index */
function indexIn(text: string | null): RecordedIndex {
  const index: unknown = text === null ? {} : JSON.parse(text);
  if (typeof index !== 'object' || index === null)
    throw new TypeError('recorded/index.json holds no index');
  return index as RecordedIndex;
}

export function createPapers({ queue, read, say }: PapersDeps): Papers {
  const store = createStore<PapersValues>()(() => ({
    index: null,
    unread: null,
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
        .then((text) => set({ index: indexIn(text), unread: null }))
        // A host may answer with a page of its own in place of a file that it does not have.
        .catch((error) => {
          index = null;
          set({ index: {}, unread: reasonOf(error) });
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
        const result = text === null ? null : await resultIn(recipe, budget, text);
        put(name, { state: 'read', result });
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

/** When the last of its units began. */
const begunAt = ({ units }: RecipeResult): string =>
  units.reduce((last, { times }) => (times.begunAt > last ? times.begunAt : last), '');

const seedCount = ({ units }: RecipeResult) => new Set(units.map(({ seed }) => seed)).size;

/** Results of one's own of a recipe, the smallest budget first: of each the one with most seeds, then the latest. */
export function ownResults(own: readonly RecipeResult[], name: string): RecipeResult[] {
  return BUDGETS.flatMap((budget) => {
    const mine = own
      .filter((one) => one.recipe === name && one.budget === budget)
      .sort((a, b) => seedCount(b) - seedCount(a) || (begunAt(a) < begunAt(b) ? 1 : -1));
    return mine.slice(0, 1);
  });
}

/** The result of one's own that stands for a recipe: that of the largest budget. */
export function ownResult(own: readonly RecipeResult[], name: string): RecipeResult | null {
  return ownResults(own, name).at(-1) ?? null;
}
