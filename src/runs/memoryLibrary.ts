import type { Library } from './library.ts';
import { memoryTables } from './memoryTables.ts';
import { tableLibrary } from './tableLibrary.ts';

/** A library that dies with the page: where the browser stores nothing, and in tests. */
export function memoryLibrary(): Library {
  return tableLibrary(memoryTables(), { channel: null, storage: null, now: () => Date.now() });
}
