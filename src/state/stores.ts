/** What commands work on. */
import type { Library } from '../runs/library.ts';
import type {
  BesideApi,
  ConversionApi,
  QueueApi,
  StoredApi,
  TrainerApi,
  TrainerEvent,
} from '../worker/api.ts';
import type { ConfigStore } from './configStore.ts';
import type { HistoryStore } from './history.ts';
import type { RackStore } from './rackStore.ts';
import type { RunStore } from './runStore.ts';
import type { ViewStore } from './viewStore.ts';

/** The trainer as the page holds it (`createTrainerClient`). */
export type TrainerClient = TrainerApi &
  StoredApi &
  Omit<BesideApi, 'subscribeBeside'> & {
    onEvent(listener: (event: TrainerEvent) => void): () => void;
    onBesideEvent(listener: (event: TrainerEvent) => void): () => void;
    /** The library of this visit, where the browser stores nothing. */
    memory(): Promise<Library>;
    /** Commands of conversions, loaded with the first. */
    conversion(): Promise<ConversionApi>;
    /** Recipes and sweeps, run one after the other. */
    queue(): Promise<QueueApi>;
    terminate(): void;
  };

export interface Stores {
  config: ConfigStore;
  run: RunStore;
  view: ViewStore;
  rack: RackStore;
  history: HistoryStore;
}
