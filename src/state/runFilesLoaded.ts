/** What `runFiles.ts` loads with the first file. */
import { importRuns, importSummary, runsOf } from '../runs/files/importRuns.ts';
import type { OpenThread } from '../runs/files/openWorker.ts';
import type { WriteOptions } from '../runs/files/writeRuns.ts';
import type { Library } from '../runs/library.ts';
import { askForeign } from './foreign.ts';
import type { Stores } from './stores.ts';

export interface RunFilesDeps {
  stores: Pick<Stores, 'view' | 'config'>;
  /** Where runs are kept; null: nowhere. */
  library: Library | null;
  /** A thread of its own for each file. */
  openThread(): Promise<OpenThread>;
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Does something with a file in a thread; null where that failed, which is said. */
async function withThread<T>(
  { openThread, stores }: RunFilesDeps,
  what: string,
  task: (thread: OpenThread['thread']) => Promise<T>,
): Promise<T | null> {
  try {
    const { thread, failed, close } = await openThread();
    try {
      return await Promise.race([task(thread), failed]);
    } finally {
      close();
    }
  } catch (error) {
    stores.view.getState().say(`${what}: ${reasonOf(error).replace(/\.$/, '')}.`);
    return null;
  }
}

export async function open(deps: RunFilesDeps, file: Blob, name: string): Promise<void> {
  const { library, stores } = deps;
  const { say } = stores.view.getState();
  if (library === null) {
    say(`${name} was not opened: this visit keeps no runs.`);
    return;
  }
  const imported = await withThread(deps, `${name} was not opened`, async (thread) =>
    importRuns(library, { ...(await thread.read(file)), runs: thread }),
  );
  if (imported !== null) say(importSummary(name, imported));
}

export async function write(
  deps: RunFilesDeps,
  ids: readonly string[],
  options: WriteOptions,
): Promise<Blob | null> {
  const { library } = deps;
  if (library === null) return null;
  return withThread(deps, 'The runs were not saved', async (thread) => {
    const { rows, runs } = await runsOf(library, ids);
    const blob = await thread.write(rows, runs, options);
    const exportedAt = Date.now();
    // The file is there, whether or not a full storage takes a note of it.
    for (const id of ids) await library.change(id, { exportedAt }).catch(() => undefined);
    return blob;
  });
}

export async function writeRaw(deps: RunFilesDeps, id: string): Promise<Blob | null> {
  const { library } = deps;
  if (library === null) return null;
  return withThread(deps, 'The run was not saved', async (thread) =>
    thread.writeRaw(id, await library.raw(id)),
  );
}

/** Whether a checkpoint says first that it is of this lab, as those written here do. */
function isOwn(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(8, 72)).includes('"format":"switchyard-');
}

export async function ownCheckpoint(
  deps: RunFilesDeps,
  bytes: Uint8Array,
  name: string,
): Promise<Uint8Array | null> {
  if (isOwn(bytes)) return bytes;
  return withThread(deps, `${name} was not opened`, async (thread) => {
    const foreign = await thread.readForeign(bytes);
    if (foreign === null) return bytes;
    const answers = await askForeign(foreign, name, deps.stores);
    return answers === null ? null : thread.asCheckpoint(answers);
  });
}
