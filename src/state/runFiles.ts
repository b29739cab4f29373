/** Files of runs: into the library, and out of it. What reads and writes them comes with the first. */
import type { WriteOptions } from '../runs/files/writeRuns.ts';
import type { Library } from '../runs/library.ts';
import type { Stores } from './stores.ts';

export interface RunFiles {
  /** Takes the runs of a file into the library, and says what came of it. */
  open(file: Blob, name: string): Promise<void>;
  /** Runs of the library as one file; null where that failed, which is said. */
  write(ids: readonly string[], options: WriteOptions): Promise<Blob | null>;
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** @param library where runs are kept; null: nowhere */
export function createRunFiles({ view }: Pick<Stores, 'view'>, library: Library | null): RunFiles {
  const { say } = view.getState();
  return {
    async open(file, name) {
      if (library === null) {
        say(`${name} was not opened: this visit keeps no runs.`);
        return;
      }
      try {
        const [{ readRuns }, { importRuns, importSummary }] = await Promise.all([
          import('../runs/files/readRuns.ts'),
          import('../runs/files/importRuns.ts'),
        ]);
        say(importSummary(name, await importRuns(library, await readRuns(file))));
      } catch (error) {
        say(`${name} was not opened: ${reasonOf(error)}`);
      }
    },
    async write(ids, options) {
      if (library === null) return null;
      try {
        const [{ writeRuns }, { runsOf }] = await Promise.all([
          import('../runs/files/writeRuns.ts'),
          import('../runs/files/importRuns.ts'),
        ]);
        const blob = await writeRuns(runsOf(library, ids), options);
        const exportedAt = Date.now();
        for (const id of ids) await library.change(id, { exportedAt });
        return blob;
      } catch (error) {
        say(`The runs were not saved: ${reasonOf(error)}`);
        return null;
      }
    },
  };
}
