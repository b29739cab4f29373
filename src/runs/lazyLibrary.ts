import type { Library, StorageFailure, StorageUse } from './library.ts';

export interface LazyHost {
  open(): Promise<{ library: Library; denied: StorageFailure | null }>;
  /** Whether anything was ever stored; without, no row is looked for. */
  isThere(): Promise<boolean>;
  /** Hears which rows change, of everybody that has the library open. */
  channel: Pick<BroadcastChannel, 'addEventListener'> | null;
}

const NOTHING: StorageUse = { used: null, allowed: null, isPersistent: null };

/** A library that is opened when it is first asked for something that it may have. */
export function lazyLibrary({ open, isThere, channel }: LazyHost): Library {
  const listeners = new Set<(ids: readonly string[]) => void>();
  const tell = (ids: readonly string[]) => {
    for (const listener of listeners) listener(ids);
  };
  let isOpen = false;
  let hears = channel !== null;
  channel?.addEventListener('message', ({ data }: MessageEvent<readonly string[]>) => tell(data));

  async function opened(): Promise<Library> {
    const { library, denied } = await open();
    isOpen = true;
    // In memory it is heard of by itself alone.
    if (denied !== null || !hears) library.subscribe(tell);
    hears = true;
    return library;
  }
  let opening: Promise<Library> | null = null;
  const library = () => {
    opening ??= opened().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };

  const isWorthOpening = async () => isOpen || (await isThere());

  return {
    rows: async () => ((await isWorthOpening()) ? (await library()).rows() : []),
    damaged: async () => ((await isWorthOpening()) ? (await library()).damaged() : []),
    raw: async (...of) => (await library()).raw(...of),
    row: async (...of) => (await library()).row(...of),
    curves: async (...of) => (await library()).curves(...of),
    parts: async (...of) => (await library()).parts(...of),
    checkpoint: async (...of) => (await library()).checkpoint(...of),
    ownText: async (...of) => (await library()).ownText(...of),
    put: async (...of) => (await library()).put(...of),
    append: async (...of) => (await library()).append(...of),
    putProbes: async (...of) => (await library()).putProbes(...of),
    putCheckpoint: async (...of) => (await library()).putCheckpoint(...of),
    pin: async (...of) => (await library()).pin(...of),
    removeCheckpoint: async (...of) => (await library()).removeCheckpoint(...of),
    change: async (...of) => (await library()).change(...of),
    remove: async (...of) => (await library()).remove(...of),
    use: async () => ((await isWorthOpening()) ? (await library()).use() : NOTHING),
    persist: async () => (await library()).persist(),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
