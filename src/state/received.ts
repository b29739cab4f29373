/** What a link brought of other people's runs and conversions, and what came of running them here. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { bringsMore } from '../config/permalink.ts';
import type { Receipt } from '../links/receipt.ts';
import type { ReceivedRuns } from './readReceived.ts';

export type { ReceivedRun } from './readReceived.ts';

/** A run of the link that is run here. */
export type Reproduction =
  | { run: number; state: 'running' }
  | { run: number; state: 'ended'; reason: string }
  | { run: number; state: 'done'; receipt: Receipt };

export interface ReceivedState extends ReceivedRuns {
  reproduction: Reproduction | null;
  /** Takes what a link tells of runs and of a conversion; of one that tells nothing, nothing is left. */
  receive(fragment: string): Promise<void>;
  set(values: Partial<Pick<ReceivedState, 'reproduction' | 'conversion'>>): void;
  /** Puts away what the link brought. */
  dismiss(): void;
}

export type ReceivedStore = StoreApi<ReceivedState>;

const NOTHING = { runs: [], problems: [], conversion: null, reproduction: null } as const;

export function createReceivedStore(): ReceivedStore {
  let turn = 0;
  return createStore<ReceivedState>()((set) => ({
    ...NOTHING,
    set,
    async receive(fragment) {
      turn += 1;
      const mine = turn;
      set(NOTHING);
      if (!bringsMore(fragment)) return;
      const { readReceived } = await import('./readReceived.ts');
      if (mine === turn) set({ ...readReceived(fragment), reproduction: null });
    },
    dismiss() {
      turn += 1;
      set(NOTHING);
    },
  }));
}
