import type { Library } from './library.ts';
import { memoryTables } from './memoryTables.ts';
import { tableLibrary } from './tableLibrary.ts';

/** A library that dies with the page: where the browser stores nothing, and in tests. */
export function memoryLibrary(
  openRuns: () => Promise<ReadonlySet<string>> = async () => new Set(),
): Library {
  const host = { channel: null, storage: null, openRuns, now: () => Date.now() };
  return tableLibrary(memoryTables(), host);
}
