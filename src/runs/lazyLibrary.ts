import type { Library } from './library.ts';

/** A library that is opened when it is first asked for something. */
export function lazyLibrary(open: () => Promise<{ library: Library }>): Library {
  const opened = async () => (await open()).library;
  return {
    rows: async () => (await opened()).rows(),
    row: async (...of) => (await opened()).row(...of),
    curves: async (...of) => (await opened()).curves(...of),
    parts: async (...of) => (await opened()).parts(...of),
    checkpoint: async (...of) => (await opened()).checkpoint(...of),
    ownText: async (...of) => (await opened()).ownText(...of),
    put: async (...of) => (await opened()).put(...of),
    append: async (...of) => (await opened()).append(...of),
    putCheckpoint: async (...of) => (await opened()).putCheckpoint(...of),
    pin: async (...of) => (await opened()).pin(...of),
    removeCheckpoint: async (...of) => (await opened()).removeCheckpoint(...of),
    change: async (...of) => (await opened()).change(...of),
    remove: async (...of) => (await opened()).remove(...of),
    use: async () => (await opened()).use(),
    persist: async () => (await opened()).persist(),
    subscribe(listener) {
      let stop: (() => void) | null = null;
      let isStopped = false;
      opened().then(
        (library) => {
          if (!isStopped) stop = library.subscribe(listener);
        },
        // Whoever asks it for something hears why there is none.
        () => undefined,
      );
      return () => {
        isStopped = true;
        stop?.();
      };
    },
  };
}
