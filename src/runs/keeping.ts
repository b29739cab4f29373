/** All that the worker needs to keep runs; loaded with the first run that is opened. */
import type { Change } from '../config/experiment.ts';
import type { Emit } from '../train/session/events.ts';
import type { KeptRun } from '../train/session/recordedRun.ts';
import type { Opening, RunRecording } from '../train/session/recording.ts';
import { createSerial } from '../train/session/serial.ts';
import type { ConversionStore } from './conversions/store.ts';
import type { Library } from './library.ts';
import { openRuns, type RunLocks, runLocks } from './locks.ts';
import { memoryLibrary } from './memoryLibrary.ts';
import { memoryTables } from './memoryTables.ts';
import { libraryOnce } from './openLibrary.ts';
import { keptRun } from './openStored.ts';
import { recordRun } from './recorder.ts';
import { type RemoteLibrary, served } from './remoteLibrary.ts';

export interface Keeping {
  record(opening: Opening, emit: Emit): RunRecording;
  /** What is to be opened of a stored run (openStored.ts). */
  kept(id: string, step: number | null, change: Change | null): Promise<KeptRun>;
  /** Lets a stored run go that was not opened after all. */
  release(id: string): void;
  /** The library itself. */
  library(): Promise<Library>;
  /** Where conversions are kept: beside the runs. */
  conversions(): Promise<ConversionStore>;
  locks: RunLocks;
  /** The library, for a page that has none of its own. */
  served(): Promise<RemoteLibrary>;
}

/** Keeps runs in the browser's database; in memory where that is denied. */
export function createKeeping(manager: LockManager | null): Keeping {
  const library = libraryOnce(false, async () => memoryLibrary(() => openRuns(manager)));
  const locks = runLocks(manager);
  let conversions: Promise<ConversionStore> | null = null;
  const openConversions = async () => {
    const { denied } = await library();
    const { conversionStore } = await import('./conversions/store.ts');
    if (denied !== null) return conversionStore(memoryTables());
    const { idbTables } = await import('./idbTables.ts');
    return conversionStore(await idbTables());
  };
  const deps = { library, locks, inTurn: createSerial(), now: Date.now };
  return {
    record: (opening, emit) => recordRun(deps, opening, emit),
    kept: async (id, step, change) =>
      keptRun((await library()).library, locks, id, { step, change }),
    release: (id) => locks.release(id),
    library: async () => (await library()).library,
    conversions() {
      conversions ??= openConversions().catch((error: unknown) => {
        conversions = null;
        throw error;
      });
      return conversions;
    },
    locks,
    served: async () => served((await library()).library),
  };
}
