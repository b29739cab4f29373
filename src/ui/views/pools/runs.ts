/** The runs of the demonstration: in the library, under its tag, and in the queue. */
import { POOLS_NAME, type PoolsSide, SIDES } from '../../../recipes/pools.ts';
import type { RunRow } from '../../../runs/record.ts';
import type { QueueItem, QueueState } from '../../../worker/api.ts';

/** Both runs of a seed, finished. */
export interface Pair {
  seed: number;
  runs: Readonly<Record<PoolsSide, RunRow>>;
}

function sideOf({ experiment }: RunRow): PoolsSide | null {
  if (experiment === null) return null;
  return experiment.router.pool === null ? 'without' : 'with';
}

/** The newest finished run of a side and seed whose model can be asked. */
export function finishedRun(rows: readonly RunRow[], side: PoolsSide, seed: number): RunRow | null {
  const found = rows.filter(
    (row) =>
      row.tags.includes(POOLS_NAME) &&
      row.status === 'done' &&
      row.checkpoints.length > 0 &&
      row.experiment?.seeds.init === seed &&
      sideOf(row) === side,
  );
  return found.toSorted((a, b) => b.begunAt - a.begunAt)[0] ?? null;
}

/** Seeds of which both runs are finished, rising. */
export function pairsOf(rows: readonly RunRow[]): Pair[] {
  const seeds = rows.flatMap(({ tags, experiment }) =>
    tags.includes(POOLS_NAME) && experiment !== null ? [experiment.seeds.init] : [],
  );
  return [...new Set(seeds)]
    .sort((a, b) => a - b)
    .flatMap((seed) => {
      const [without, pools] = SIDES.map((side) => finishedRun(rows, side, seed));
      return without && pools ? [{ seed, runs: { without, with: pools } }] : [];
    });
}

/** What of it is in the queue, last asked for first: what is not over, else what failed. */
export function itemOf({ items }: QueueState): QueueItem | null {
  const own = items.filter(
    ({ request }) => request.kind === 'sweep' && request.sweep.name === POOLS_NAME,
  );
  const open = own.find(({ state }) => state === 'waiting' || state === 'running');
  return open ?? own.findLast(({ state }) => state === 'failed') ?? null;
}
