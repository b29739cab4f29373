/** Everything a person can ask for, put together. */
import { type Benchmark, createBenchmark } from './benchmark.ts';
import { type AdapterCommands, createAdapterCommands } from './commands/adapter.ts';
import { type AgainCommands, createAgainCommands } from './commands/again.ts';
import { createEditCommands, type EditCommands } from './commands/edit.ts';
import { createFileCommands, type FileCommands } from './commands/file.ts';
import { createSendLive } from './commands/live.ts';
import { createOpening } from './commands/opening.ts';
import { createPendingCommands, type PendingCommands } from './commands/pending.ts';
import { createRackCommands, type RackCommands } from './commands/rack.ts';
import { createRunCommands, type RunCommands } from './commands/run.ts';
import { createStoredCommands, type StoredCommands, type StoredHost } from './commands/stored.ts';
import type { Stores, TrainerClient } from './stores.ts';

export type { Stores, TrainerClient } from './stores.ts';

/** None rejects: what goes wrong is in the run store's `failure`. */
export interface Commands
  extends AdapterCommands,
    RunCommands,
    AgainCommands,
    EditCommands,
    PendingCommands,
    FileCommands,
    StoredCommands {
  /** Edits of the expert space, of the open run where there is one. */
  rack: RackCommands;
  /** Measures the device as `npm run bench` does. */
  benchmark: Benchmark;
}

/** @param host where runs are kept; nowhere for null */
export function createCommands(
  client: TrainerClient,
  stores: Stores,
  host: StoredHost | null = null,
): Commands {
  const sendLive = createSendLive(client, stores);
  const opening = createOpening(client, stores, sendLive);
  const { set, take, ...edits } = createEditCommands(stores, sendLive);
  const pending = createPendingCommands(client, stores, opening, { set });
  return {
    ...createAdapterCommands(client, stores, opening.attempt),
    ...createRunCommands(client, stores, opening),
    ...createAgainCommands(client, stores, opening),
    ...edits,
    ...pending,
    ...createFileCommands(client, stores, opening, { take }, host),
    ...createStoredCommands(client, stores, opening, host),
    rack: createRackCommands(client, stores, { ...edits, ...pending }),
    benchmark: createBenchmark(stores.run),
  };
}
