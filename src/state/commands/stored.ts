/** Commands for runs of the library. */
import type { Change } from '../../config/experiment.ts';
import type { Library } from '../../runs/library.ts';
import type { StoredDeps } from '../storedRuns.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { Opening } from './opening.ts';

export interface StoredCommands {
  /** Offers to go on with the newest run that was left open, where there is one. */
  offer(): Promise<void>;
  decline(): void;
  /** Goes on with a stored run where it stopped; false when it could not, or may not. */
  goOn(id: string): Promise<boolean>;
  /**
   * Opens a run of its own that begins with a stored checkpoint.
   * @param step of the checkpoint; null: of the last one
   */
  forkStored(id: string, step: number | null, change: Change): Promise<boolean>;
  /** Stores a checkpoint of the open run, however large. */
  keepCheckpoint(): Promise<void>;
  /** Deletes the oldest checkpoints that are not pinned until the open run can be stored again. */
  freeStorage(): Promise<void>;
}

/** What the commands need beside the trainer. */
export interface StoredHost {
  library: Library;
  /** Ids of the runs that are open in any tab. */
  openRuns(): Promise<ReadonlySet<string>>;
}

/** Bytes that are freed at least when the storage is full. */
const LEAST_FREED = 16 * 2 ** 20;

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

export function createStoredCommands(
  client: TrainerClient,
  stores: Stores,
  opening: Opening,
  host: StoredHost | null,
): StoredCommands {
  const { run, view } = stores;
  const load = () => import('../storedRuns.ts');

  async function withRuns<T>(
    title: string,
    task: (runs: Awaited<ReturnType<typeof load>>, deps: StoredDeps) => Promise<T>,
  ): Promise<T | null> {
    if (host === null) return null;
    return opening.attempt(
      async () => task(await load(), { client, stores, opening, ...host }),
      title,
    );
  }

  return {
    async offer() {
      if (host === null) return;
      try {
        const rows = await host.library.rows();
        if (rows.length === 0) return;
        const { resumableOf } = await load();
        const resumable = resumableOf(rows, await host.openRuns());
        if (run.getState().phase === 'empty') run.getState().set({ resumable });
      } catch {
        // A library that cannot be read offers nothing.
      }
    },
    decline: () => run.getState().set({ resumable: null }),
    async goOn(id) {
      const done = await withRuns('The run was not opened', (runs, deps) => runs.goOn(deps, id));
      return done === true;
    },
    async forkStored(id, step, change) {
      const done = await withRuns('The run was not forked', (runs, deps) =>
        runs.fork(deps, id, step, change),
      );
      return done === true;
    },
    async keepCheckpoint() {
      const step = await opening.attempt(
        () => client.keepCheckpoint(),
        'The checkpoint was not stored',
      );
      if (step !== null)
        view.getState().say(`A checkpoint of step ${step.toLocaleString('en')} is stored.`);
    },
    async freeStorage() {
      const wanted = Math.max(LEAST_FREED, run.getState().recording?.failure?.bytes ?? 0);
      const freed = await withRuns('No checkpoint was deleted', (runs, { library }) =>
        runs.freeStorage(library, wanted),
      );
      if (freed === null) return;
      const says =
        freed === 0
          ? 'There is no checkpoint that could be deleted: delete runs for good, or unpin checkpoints.'
          : `${megabytes(freed)} of checkpoints were deleted.`;
      view.getState().say(says);
    },
  };
}
