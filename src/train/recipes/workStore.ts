/**
 * Where work is kept until it is done: structured-cloneable values by name. What was put is there
 * after the process died, whole or not at all.
 */
export interface WorkStore {
  /** Undefined where nothing is kept, or nothing that can be read. */
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}

/** Keeps work as long as the process lives. */
export function memoryStore(): WorkStore {
  const values = new Map<string, unknown>();
  return {
    get: async (key) => structuredClone(values.get(key)),
    put: async (key, value) => void values.set(key, structuredClone(value)),
    delete: async (key) => void values.delete(key),
    keys: async () => [...values.keys()],
  };
}
