/** Reading curves and routing of runs when they are asked for, and again when runs go on. */
import type { RunRouting } from '../analysis/compare/routing.ts';
import type { RunCurves, RunParts, RunRow } from '../runs/record.ts';

/** A run that goes on is read again this often at most. */
const AGAIN_MS = 1000;

interface Known {
  rows: readonly RunRow[];
  curves: ReadonlyMap<string, RunCurves>;
  routing: ReadonlyMap<string, RunRouting>;
}

/** What is read of a run beside its row. */
export type Part = 'curves' | 'routing';

interface ReadingHost {
  now(): Known & { read(): Promise<void> };
  /** Null where they could not be read, which was told. */
  readCurves(id: string): Promise<RunCurves | null>;
  readParts(id: string): Promise<RunParts | null>;
  put(known: Partial<Known>): void;
  /** Whether somebody follows a part of a run. */
  isFollowed(part: Part, id: string): boolean;
}

export interface Reading {
  wantCurves(ids: readonly string[]): Promise<void>;
  wantRouting(ids: readonly string[]): Promise<void>;
  /** Some runs have changed, in this tab or in another one. */
  hear(ids: readonly string[]): Promise<void>;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Does one piece of work after the other; one that waits already takes the place of its like. */
class Queue {
  readonly #waiting = new Map<string, () => Promise<void>>();
  #running: Promise<void> | null = null;

  add(name: string, work: () => Promise<void>): void {
    this.#waiting.set(name, work);
  }

  /** Resolves when everything that waits is done. */
  run(): Promise<void> {
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #work(): Promise<void> {
    for (let next = this.#take(); next !== undefined; next = this.#take()) await next();
  }

  #take(): (() => Promise<void>) | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    this.#waiting.delete(first[0]);
    return first[1];
  }
}

/** Curves that were read are shown together: a chart of two hundred runs is not drawn for each. */
const TOGETHER_MS = 300;

function without<V>(map: ReadonlyMap<string, V>, ids: readonly string[]): ReadonlyMap<string, V> {
  return new Map([...map].filter(([id]) => !ids.includes(id)));
}

export function createReading(host: ReadingHost): Reading {
  const { now, readCurves, readParts, put, isFollowed } = host;
  const queue = new Queue();
  let found: [id: string, curves: RunCurves][] = [];
  let shownAt = 0;

  function show(): void {
    if (found.length === 0) return;
    put({ curves: new Map([...now().curves, ...found]) });
    found = [];
    shownAt = performance.now();
  }

  async function curvesOf(id: string): Promise<void> {
    const curves = await readCurves(id);
    if (curves !== null) found.push([id, curves]);
    if (performance.now() - shownAt >= TOGETHER_MS) show();
    // Frames and input have their turn.
    await pause(0);
  }

  async function readRouting(id: string): Promise<void> {
    const row = now().rows.find((row) => row.id === id);
    if (row === undefined || row.experiment === null) return;
    const parts = await readParts(id);
    const { routingOf } = await import('../analysis/compare/routing.ts');
    const routing = parts && routingOf(row, parts.records);
    if (routing !== null) put({ routing: new Map(now().routing).set(id, routing) });
    await pause(0);
  }

  const addCurves = (id: string) => queue.add(`curves ${id}`, () => curvesOf(id));
  const addRouting = (id: string) => queue.add(`routing ${id}`, () => readRouting(id));
  const runAll = () => queue.run().then(show);

  /** Has a part of runs that went on read again for who follows it; what nobody does is forgotten. */
  function again(part: Part, ids: readonly string[]): void {
    const known = ids.filter((id) => now()[part].has(id));
    const add = part === 'curves' ? addCurves : addRouting;
    for (const id of known) if (isFollowed(part, id)) add(id);
    const old = known.filter((id) => !isFollowed(part, id));
    if (old.length === 0) return;
    const { curves, routing } = now();
    put(part === 'curves' ? { curves: without(curves, old) } : { routing: without(routing, old) });
  }

  /** Rows again, and what is followed of those that have gone on. */
  async function follow(changed: ReadonlySet<string>): Promise<void> {
    // Each append has a time; a name or a note that a person writes has none.
    const before = new Map(now().rows.map(({ id, changedAt }) => [id, changedAt]));
    await now().read();
    const gone = now()
      .rows.filter(({ id, changedAt }) => changed.has(id) && before.get(id) !== changedAt)
      .map(({ id }) => id);
    again('curves', gone);
    again('routing', gone);
    await runAll();
  }

  let changed = new Set<string>();
  let isFollowing = false;
  return {
    wantCurves(ids) {
      for (const id of ids) if (!now().curves.has(id)) addCurves(id);
      return runAll();
    },
    wantRouting(ids) {
      for (const id of ids) if (!now().routing.has(id)) addRouting(id);
      return runAll();
    },
    async hear(ids) {
      for (const id of ids) changed.add(id);
      if (isFollowing) return;
      isFollowing = true;
      try {
        while (changed.size > 0) {
          const these = changed;
          changed = new Set();
          await follow(these);
          await pause(AGAIN_MS);
        }
      } finally {
        isFollowing = false;
      }
    },
  };
}
