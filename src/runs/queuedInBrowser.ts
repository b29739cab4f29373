import { idbTables } from './idbTables.ts';
import { queuedRuns } from './queuedRuns.ts';

/** Records of the runs that this browser's queue has to finish; none where nothing is stored. */
export async function queuedInBrowser(): Promise<ReadonlySet<string>> {
  try {
    return await queuedRuns(await idbTables());
  } catch {
    return new Set();
  }
}
