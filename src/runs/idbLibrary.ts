/** The library in the browser's own database, shared by all tabs and workers of this origin. */
import { DATABASE } from './databases.ts';
import { idbTables } from './idbTables.ts';
import { type Library, UNDO_MS } from './library.ts';
import { openRuns } from './locks.ts';
import { type TableLibrary, tableLibrary } from './tableLibrary.ts';

const MARGIN_MS = 60_000;

/** Only the page tidies up: the worker beside it has the same library. */
async function tidy(library: TableLibrary): Promise<void> {
  const { takeOverKept } = await import('./takeOver.ts');
  await takeOverKept(library).catch(() => undefined);
  // Pages offer no way back any more.
  await library.forgetBefore(Date.now() - UNDO_MS - MARGIN_MS);
}

/**
 * Opens the library; runs that earlier versions kept are taken over.
 * @throws StorageError `denied` where the browser allows no database
 */
export async function idbLibrary({
  name = DATABASE,
  tidies = false,
}: {
  name?: string;
  tidies?: boolean;
} = {}): Promise<Library> {
  const tables = await idbTables(name);
  const library = tableLibrary(tables, {
    channel: 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : null,
    storage: globalThis.navigator?.storage ?? null,
    openRuns: () => openRuns(globalThis.navigator?.locks ?? null),
    now: () => Date.now(),
  });
  // What cannot be tidied up now is on the next visit.
  if (tidies) await tidy(library).catch(() => undefined);
  return library;
}
