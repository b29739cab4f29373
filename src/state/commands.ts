/** Everything a person can ask for, put together. */
import { createEditCommands, type EditCommands } from './commands/edit.ts';
import { createFileCommands, type FileCommands } from './commands/file.ts';
import { createOpening } from './commands/opening.ts';
import { createRackCommands, type RackCommands } from './commands/rack.ts';
import { createRunCommands, type RunCommands } from './commands/run.ts';
import type { Stores, TrainerClient } from './stores.ts';

export type { Stores, TrainerClient } from './stores.ts';

/** None rejects: what goes wrong is in the run store's `failure`. */
export interface Commands extends RunCommands, Omit<EditCommands, 'take'>, FileCommands {
  /** Edits of the expert space, of the open run where there is one. */
  rack: RackCommands;
}

export function createCommands(client: TrainerClient, stores: Stores): Commands {
  const opening = createOpening(client, stores);
  const { take, ...edits } = createEditCommands(client, stores, opening);
  return {
    ...createRunCommands(client, stores, opening),
    ...edits,
    ...createFileCommands(client, stores, opening, { take }),
    rack: createRackCommands(client, stores, edits),
  };
}
