import { failureOf } from '../failure.ts';
import type { Stores } from '../stores.ts';

/**
 * Does something that may fail; null when it did, which the run store's `failure` then says.
 * @param title what did not happen
 */
export type Attempt = <T>(action: () => Promise<T>, title?: string) => Promise<T | null>;

export function createAttempt({ run }: Pick<Stores, 'run'>): Attempt {
  return async (action, title) => {
    try {
      return await action();
    } catch (error) {
      const failure = failureOf(error, title);
      run.getState().set({ failure: failure.code === 'Cancelled' ? null : failure });
      return null;
    }
  };
}
