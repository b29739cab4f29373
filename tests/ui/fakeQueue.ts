/** A queue that runs nothing: it takes requests, and tells what a test has it tell. */
import type { RecipeResult } from '../../src/recipes/result.ts';
import type { SweepResult } from '../../src/recipes/sweep.ts';
import type {
  QueueApi,
  QueueEstimate,
  QueueEvent,
  QueueItem,
  QueueRequest,
  QueueState,
} from '../../src/worker/api.ts';

export interface FakeQueue extends QueueApi {
  calls: (readonly [name: string, ...args: unknown[]])[];
  now: QueueState;
  own: RecipeResult[];
  sweeps: Map<string, SweepResult>;
  estimated: (request: QueueRequest) => QueueEstimate;
  /** Changes what is told of the queue. */
  tell(part: Partial<QueueState>): void;
  emit(event: QueueEvent): void;
}

export function queueItem(part: Partial<QueueItem> & Pick<QueueItem, 'id' | 'request'>): QueueItem {
  const progress = { share: 0, secondsLeft: 60 };
  return {
    ...{ title: part.id, state: 'waiting', failure: null, addedAt: 0, done: 0, of: 3, progress },
    tag: part.request.kind === 'recipe' ? part.request.name : (part.title ?? part.id),
    hasResults: (part.done ?? 0) > 0,
    ...part,
  };
}

export function createFakeQueue(): FakeQueue {
  let listener: ((event: QueueEvent) => void) | null = null;
  const called = async <T>(name: string, answer: T, ...args: unknown[]): Promise<T> => {
    fake.calls.push([name, ...args]);
    return answer;
  };
  const fake: FakeQueue = {
    calls: [],
    now: {
      items: [],
      isPaused: false,
      isElsewhere: false,
      work: null,
      secondsLeft: null,
      failure: null,
      adapter: null,
    },
    own: [],
    sweeps: new Map(),
    estimated: () => ({ runs: 6, seconds: 120, longestRun: 25, refusal: null }),
    tell(part) {
      fake.now = { ...fake.now, ...part };
      listener?.({ type: 'state', state: fake.now });
    },
    emit: (event) => listener?.(event),
    state: async () => fake.now,
    async subscribe(next) {
      listener = next;
    },
    estimate: async (request) => fake.estimated(request),
    async add(request) {
      const id = `item-${fake.now.items.length}`;
      const of = request.kind === 'recipe' ? request.seeds.length : 1;
      fake.tell({ items: [...fake.now.items, queueItem({ id, request, of })] });
      return called('add', id, request);
    },
    async pause() {
      fake.tell({ isPaused: true });
      return called('pause', undefined);
    },
    async resume() {
      fake.tell({ isPaused: false });
      return called('resume', undefined);
    },
    move: (id, place) => called('move', undefined, id, place),
    cancel: (id) => called('cancel', undefined, id),
    again: (id) => called('again', undefined, id),
    remove: (id) => called('remove', undefined, id),
    results: async () => fake.own,
    sweepResult: async (id) => fake.sweeps.get(id) ?? null,
  };
  return fake;
}
