/** What can be done with stored runs that concerns the trainer; loaded when first asked for. */
import { goesOnFrom } from '../analysis/seams.ts';
import { settingsInForce } from '../config/edit.ts';
import type { Change } from '../config/experiment.ts';
import type { Library } from '../runs/library.ts';
import type { RunRow } from '../runs/record.ts';
import type { Opening } from './commands/opening.ts';
import { metricsOf, refill } from './refill.ts';
import type { Stores, TrainerClient } from './stores.ts';

export interface StoredDeps {
  client: TrainerClient;
  stores: Stores;
  opening: Opening;
  library: Library;
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

async function takeOwnText({ stores, library }: StoredDeps, { text }: RunRow): Promise<void> {
  if (text === null || !text.isOwn || text.hash === null) return;
  const own = await library.ownText(text.hash);
  if (own !== null) stores.config.getState().set({ own });
}

/** Asks whether the open run may go, where one is open. */
async function mayOpen({ opening, stores }: StoredDeps, name: string): Promise<boolean> {
  const { replacing } = opening;
  const allowed = !replacing.isOpen() || (await replacing.mayGo(name, 'Open it'));
  if (allowed) stores.run.getState().set({ resumable: null });
  return allowed;
}

/** Goes on with a stored run where it stopped, with all that was recorded of it up to there. */
export async function goOn(deps: StoredDeps, id: string): Promise<boolean> {
  const { client, stores, opening, library } = deps;
  const row = await rowOf(library, id);
  if (!(await mayOpen(deps, row.name))) return false;
  const parts = await library.parts(id);
  await takeOwnText(deps, row);
  const report = await opening.openFrom(() => client.openStored(id, null, null), row.name);
  if (report === null) return false;
  const step = lastCheckpoint(row) ?? row.parent?.step ?? 0;
  refill(stores.run, report.experiment, parts, step);
  stores.run.getState().set({ seams: row.seams ?? [] });
  const { config } = stores;
  config.getState().set({ experiment: settingsInForce(report.experiment, step) });
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
  if (!(await mayOpen(deps, `The fork of ${row.name}`))) return false;
  const parts = await library.parts(id);
  await takeOwnText(deps, row);
  const at = step ?? lastCheckpoint(row);
  const report = await opening.openFrom(() => client.openStored(id, at, change), 'The fork');
  if (report === null) return false;
  stores.run.getState().set({ previous: metricsOf(parts), previousTokens: row.tokensPerStep });
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
