import type { WorkStore } from '../../../src/train/recipes/workStore.ts';

/** A store whose process dies when it is to keep something for the n-th time: after it did, or before. */
export function dying(store: WorkStore, n: number, isKept: boolean): WorkStore {
  let left = n;
  return {
    ...store,
    async put(key, value) {
      left -= 1;
      if (left > 0 || isKept) await store.put(key, value);
      if (left === 0) throw new Error('killed');
    },
  };
}
