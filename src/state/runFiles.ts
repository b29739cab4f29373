/** Files of runs, and checkpoints of other programs. What reads and writes them comes with the first. */

import type { HandoverAsk } from '../handover/options.ts';
import type { OpenThread } from '../runs/files/openWorker.ts';
import type { WriteOptions } from '../runs/files/writeRuns.ts';
import type { Library } from '../runs/library.ts';
import type { HandedRun, HandoverAnswer } from './handed.ts';
import type { RunFilesDeps } from './runFilesLoaded.ts';

export interface RunFiles {
  /** Takes the runs of a file into the library, and says what came of it. */
  open(file: Blob, name: string): Promise<void>;
  /** Runs of the library as one file; null where that failed, which is said. */
  write(ids: readonly string[], options: WriteOptions): Promise<Blob | null>;
  /** What is stored of a damaged run, as it lies there; null where that failed, which is said. */
  writeRaw(id: string): Promise<Blob | null>;
  /**
   * A checkpoint of this lab from any: itself where it is one, else with what a person told of it.
   * Null where it cannot be used, which is said, or is not to be.
   */
  ownCheckpoint(bytes: Uint8Array, name: string): Promise<Uint8Array | null>;
  /** A model as a zip file for PyTorch or `transformers`, or why not. */
  handOver(run: HandedRun, ask: HandoverAsk): Promise<HandoverAnswer>;
}

async function inWorker(): Promise<OpenThread> {
  return (await import('../runs/files/openWorker.ts')).openFilesWorker();
}

/** @param openThread where files are read and written */
export function createRunFiles(
  stores: RunFilesDeps['stores'],
  library: Library | null,
  openThread: RunFilesDeps['openThread'] = inWorker,
): RunFiles {
  const deps: RunFilesDeps = { stores, library, openThread };
  const load = () => import('./runFilesLoaded.ts');
  return {
    open: async (file, name) => (await load()).open(deps, file, name),
    write: async (ids, options) => (await load()).write(deps, ids, options),
    writeRaw: async (id) => (await load()).writeRaw(deps, id),
    handOver: async (run, ask) => (await import('./handover.ts')).handOver({ library }, run, ask),
    ownCheckpoint: async (bytes, name) => (await load()).ownCheckpoint(deps, bytes, name),
  };
}
