/** Probe tasks of stored runs, asked when a person says so: the answers are stored with the run. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ItemsAnswered, ProbeAsk } from '../../worker/api.ts';
import type { LibraryStore } from '../library.ts';
import type { TrainerClient } from '../stores.ts';
import type { Side } from './looked.ts';
import type { SidesStore } from './sides.ts';

export interface StoredProbesState {
  /** Who is asked, and how many items are answered; null: nobody. */
  asking: ({ name: string } & ItemsAnswered) | null;
  /** Why the last question has no answer; null where it has one, or was cancelled. */
  problem: string | null;
  /** Asks those of the sides that are stored runs, one after the other; nobody while others are asked. */
  ask(sides: readonly Side[], ask: ProbeAsk): Promise<void>;
  cancel(): void;
}

export type StoredProbesStore = StoreApi<StoredProbesState>;

interface Deps {
  client: Pick<TrainerClient, 'probeStored' | 'cancelStored'>;
  library: LibraryStore;
  sides: SidesStore;
}

export function createStoredProbes({ client, library, sides }: Deps): StoredProbesStore {
  let cancelled = false;
  return createStore<StoredProbesState>()((set, get) => {
    async function askOne({ subject, name }: Side, ask: ProbeAsk): Promise<void> {
      if (typeof subject === 'string' || !('run' in subject)) return;
      const { run } = subject;
      set({ asking: { name, done: 0, total: 0 } });
      const probes = await client.probeStored(subject, ask, (items) => {
        if (get().asking !== null) set({ asking: { name, ...items } });
      });
      // Shown whether or not there is room to store it.
      sides.getState().hear(run, probes);
      await library.getState().putProbes(run, probes);
    }
    return {
      asking: null,
      problem: null,
      async ask(all, ask) {
        if (get().asking !== null) return;
        cancelled = false;
        set({ problem: null });
        try {
          for (const side of all) {
            if (cancelled) break;
            await askOne(side, ask);
          }
        } catch (error) {
          const problem = error instanceof Error ? error.message : String(error);
          if (!cancelled) set({ problem });
        } finally {
          set({ asking: null });
        }
      },
      cancel() {
        cancelled = true;
        void client.cancelStored();
      },
    };
  });
}
