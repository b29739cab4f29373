/** A library that lies in the worker, for a page whose browser stores nothing. */
import type { Deleted, Library } from './library.ts';

/** What crosses the wire: values alone, but for the listener. */
export interface RemoteLibrary extends Omit<Library, 'remove' | 'subscribe'> {
  /** The rows that were deleted, and the number by which they are restored or forgotten. */
  remove(ids: readonly string[]): Promise<{ rows: Deleted['rows']; number: number }>;
  restore(number: number): Promise<void>;
  forget(number: number): Promise<void>;
  subscribe(listener: (ids: readonly string[]) => void): Promise<void>;
}

/** The worker's end. */
export function served(library: Library): RemoteLibrary {
  const deleted: Deleted[] = [];
  return {
    rows: () => library.rows(),
    damaged: () => library.damaged(),
    raw: (id) => library.raw(id),
    row: (id) => library.row(id),
    curves: (id) => library.curves(id),
    parts: (id) => library.parts(id),
    checkpoint: (id, step) => library.checkpoint(id, step),
    ownText: (hash) => library.ownText(hash),
    put: (row, parts, own) => library.put(row, parts, own),
    append: (row, piece) => library.append(row, piece),
    putProbes: (id, probes) => library.putProbes(id, probes),
    putCheckpoint: (id, step, bytes) => library.putCheckpoint(id, step, bytes),
    pin: (id, step, isPinned) => library.pin(id, step, isPinned),
    removeCheckpoint: (id, step) => library.removeCheckpoint(id, step),
    change: (id, change) => library.change(id, change),
    use: () => library.use(),
    persist: () => library.persist(),
    async remove(ids) {
      const one = await library.remove(ids);
      return { rows: one.rows, number: deleted.push(one) - 1 };
    },
    async restore(number) {
      await deleted[number]?.restore();
    },
    async forget(number) {
      await deleted[number]?.forget();
    },
    async subscribe(listener) {
      library.subscribe(listener);
    },
  };
}

/**
 * The page's end.
 * @param share makes a listener callable from the other end
 */
export function remoteLibrary(
  remote: RemoteLibrary,
  share: <T extends object>(listener: T) => T,
): Library {
  const listeners = new Set<(ids: readonly string[]) => void>();
  const tell = (ids: readonly string[]) => {
    for (const listener of listeners) listener(ids);
  };
  void remote.subscribe(share(tell));
  return {
    rows: () => remote.rows(),
    damaged: () => remote.damaged(),
    raw: (id) => remote.raw(id),
    row: (id) => remote.row(id),
    curves: (id) => remote.curves(id),
    parts: (id) => remote.parts(id),
    checkpoint: (id, step) => remote.checkpoint(id, step),
    ownText: (hash) => remote.ownText(hash),
    put: (row, parts, own) => remote.put(row, parts, own),
    append: (row, piece) => remote.append(row, piece),
    putProbes: (id, probes) => remote.putProbes(id, probes),
    putCheckpoint: (id, step, bytes) => remote.putCheckpoint(id, step, bytes),
    pin: (id, step, isPinned) => remote.pin(id, step, isPinned),
    removeCheckpoint: (id, step) => remote.removeCheckpoint(id, step),
    change: (id, change) => remote.change(id, change),
    use: () => remote.use(),
    persist: () => remote.persist(),
    async remove(ids) {
      const { rows, number } = await remote.remove(ids);
      return {
        rows,
        restore: () => remote.restore(number),
        forget: () => remote.forget(number),
      };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
