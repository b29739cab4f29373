import { type Library, StorageError, type StorageFailure } from './library.ts';

export interface OpenedLibrary {
  library: Library;
  /** Why the browser stores nothing; null where it does. */
  denied: StorageFailure | null;
}

/**
 * The library, opened on first use and then the same: the browser's own database, or what `fallback`
 * gives where that is denied.
 * @param tidies whether runs of earlier versions are taken over, and deleted ones forgotten
 */
export function libraryOnce(
  tidies: boolean,
  fallback: () => Promise<Library>,
): () => Promise<OpenedLibrary> {
  let opened: Promise<OpenedLibrary> | null = null;

  async function open(): Promise<OpenedLibrary> {
    try {
      const { idbLibrary } = await import('./idbLibrary.ts');
      return { library: await idbLibrary({ tidies }), denied: null };
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const { kind, message, bytes } = error;
      return { library: await fallback(), denied: { kind, message, bytes } };
    }
  }

  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
}
