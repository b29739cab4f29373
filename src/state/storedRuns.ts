/** What can be done with stored runs that concerns the trainer; loaded when first asked for. */
import { goesOnFrom, holdsCurvesAlone } from '../analysis/seams.ts';
import type { Change } from '../config/experiment.ts';
import type { OwnText } from '../data/ownText.ts';
import type { Library } from '../runs/library.ts';
import type { RunRow } from '../runs/record.ts';
import type { CheckReport } from '../worker/api.ts';
import type { Opening } from './commands/opening.ts';
import { metricsOf, refill } from './refill.ts';
import type { Stores, TrainerClient } from './stores.ts';

export interface StoredDeps {
  client: TrainerClient;
  stores: Stores;
  opening: Opening;
  library: Library;
  /** Ids of the runs that are open in any tab. */
  openRuns(): Promise<ReadonlySet<string>>;
}

const lastCheckpoint = ({ checkpoints }: RunRow) => checkpoints.at(-1)?.step ?? null;

/** The newest run that was left open, can go on, and is open nowhere. */
export function resumableOf(
  rows: readonly RunRow[],
  openElsewhere: ReadonlySet<string>,
): RunRow | null {
  const canGoOn = (row: RunRow) =>
    row.status === 'open' &&
    row.origin === 'trained' &&
    row.experiment !== null &&
    (!goesOnFrom(row) || lastCheckpoint(row) !== null) &&
    !openElsewhere.has(row.id);
  const found = rows.filter(canGoOn).sort((a, b) => b.changedAt - a.changedAt);
  return found[0] ?? null;
}

/** @throws RangeError for an unknown run */
async function rowOf(library: Library, id: string): Promise<RunRow> {
  const row = await library.row(id);
  if (row === null) throw new RangeError(`There is no run "${id}" in the library.`);
  return row;
}

/** The own text that a run was trained on; null for one of other texts. @throws RangeError for a lost one */
async function ownTextOf(library: Library, { name, text }: RunRow): Promise<OwnText | null> {
  if (text === null || !text.isOwn) return null;
  const own = text.hash === null ? null : await library.ownText(text.hash);
  if (own === null) throw new RangeError(`The own text of "${name}" is not stored any more.`);
  return own;
}

/** A stored run as it would be opened: at a checkpoint, or at its start for null. */
interface Wanted {
  row: RunRow;
  at: number | null;
  isFork: boolean;
}

/** @throws RangeError for a run that somebody trains, or that the queue is to go on with */
async function checkFree(openRuns: StoredDeps['openRuns'], { id, name }: RunRow): Promise<void> {
  if ((await openRuns()).has(id))
    throw new RangeError(
      `"${name}" is open already, here, in another tab or in the queue. A fork can be opened beside it.`,
    );
}

/** Whether the trainer would open it, as far as that shows beside a run that trains on. */
async function check(
  { client, library, openRuns }: StoredDeps,
  { row, at, isFork }: Wanted,
): Promise<CheckReport> {
  const { id, name, experiment } = row;
  if (!isFork) await checkFree(openRuns, row);
  if (experiment === null || holdsCurvesAlone(row))
    throw new RangeError(`"${name}" holds curves alone; nothing of it can train.`);
  if (at === null && (isFork || goesOnFrom(row)))
    throw new RangeError(`No checkpoint of "${name}" is stored.`);
  const own = await ownTextOf(library, row);
  if (at === null) return client.check(experiment, own);
  return client.checkCheckpoint(await library.checkpoint(id, at), own);
}

/** Whether a stored run can take the place of the one that is open, and may; the open one goes on meanwhile. */
async function mayOpen(deps: StoredDeps, title: string, wanted: Wanted): Promise<boolean> {
  const { stores, opening } = deps;
  const { replacing } = opening;
  if (replacing.isOpen()) {
    if ((await replacing.checked(title, () => check(deps, wanted))) === null) return false;
    if (!(await replacing.mayGo(title, 'Open it'))) return false;
  } else if (!wanted.isFork) await checkFree(deps.openRuns, wanted.row);
  stores.run.getState().set({ resumable: null });
  return true;
}

/** Goes on with a stored run where it stopped, with all that was recorded of it up to there. */
export async function goOn(deps: StoredDeps, id: string): Promise<boolean> {
  const { client, stores, opening, library } = deps;
  const row = await rowOf(library, id);
  const at = lastCheckpoint(row);
  if (!(await mayOpen(deps, row.name, { row, at, isFork: false }))) return false;
  const parts = await library.parts(id);
  const own = await ownTextOf(library, row);
  const step = at ?? 0;
  const report = await opening.openFrom(
    () => client.openStored(id, null, null),
    row.name,
    ({ experiment }) => {
      refill(stores.run, experiment, parts, step);
      stores.run.getState().set({ seams: row.seams ?? [] });
      return step;
    },
  );
  if (report === null) return false;
  if (own !== null) stores.config.getState().set({ own });
  return true;
}

/** A run of its own from a stored checkpoint; the original stays as a faint line behind it. */
export async function fork(
  deps: StoredDeps,
  id: string,
  step: number | null,
  change: Change,
): Promise<boolean> {
  const { client, stores, opening, library } = deps;
  const row = await rowOf(library, id);
  const at = step ?? lastCheckpoint(row);
  if (!(await mayOpen(deps, `The fork of ${row.name}`, { row, at, isFork: true }))) return false;
  const parts = await library.parts(id);
  const own = await ownTextOf(library, row);
  const report = await opening.openFrom(() => client.openStored(id, at, change), 'The fork');
  if (report === null) return false;
  stores.run.getState().set({ previous: metricsOf(parts), previousTokens: row.tokensPerStep });
  if (own !== null) stores.config.getState().set({ own });
  return true;
}

/** Checkpoints that can be given up for room, oldest first: not pinned, and not the last of a run. */
export function spareCheckpoints(rows: readonly RunRow[]) {
  const spare = rows.flatMap(({ id, name, checkpoints }) =>
    checkpoints.slice(0, -1).flatMap((one) => (one.isPinned ? [] : [{ id, name, ...one }])),
  );
  const last = rows.flatMap(({ id, name, status, checkpoints }) => {
    const one = checkpoints.at(-1);
    return one === undefined || one.isPinned || status === 'open' ? [] : [{ id, name, ...one }];
  });
  return [...spare, ...last].sort((a, b) => a.at - b.at);
}

/** Deletes the oldest checkpoints until so many bytes are free. @returns bytes that were freed */
export async function freeStorage(library: Library, wanted: number): Promise<number> {
  let freed = 0;
  for (const { id, step, bytes } of spareCheckpoints(await library.rows())) {
    if (freed >= wanted) break;
    await library.removeCheckpoint(id, step);
    freed += bytes;
  }
  return freed;
}
