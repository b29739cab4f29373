/** A lock for every run that is open somewhere: no two tabs train one and the same. */

const PREFIX = 'switchyard.run.';

/** Locks of the runs that are open here. */
export interface RunLocks {
  /** Takes the lock of a run, which may be held here already; false where another tab has it. */
  hold(id: string): Promise<boolean>;
  release(id: string): void;
}

/** @param locks null where the browser has none: every lock is free then */
export function runLocks(locks: LockManager | null): RunLocks {
  const held = new Map<string, () => void>();
  return {
    hold(id) {
      if (locks === null || held.has(id)) return Promise.resolve(true);
      return new Promise((answer) => {
        const holding = (lock: Lock | null): Promise<void> | undefined => {
          answer(lock !== null);
          if (lock === null) return undefined;
          return new Promise((release) => {
            held.set(id, release);
          });
        };
        // Where the browser denies locks, no other tab has one either.
        locks.request(PREFIX + id, { ifAvailable: true }, holding).catch(() => answer(true));
      });
    },
    release(id) {
      held.get(id)?.();
      held.delete(id);
    },
  };
}

/** Ids of the runs that are open in any tab of this origin. */
export async function openRuns(locks: LockManager | null): Promise<ReadonlySet<string>> {
  const { held = [] } = (await locks?.query().catch(() => null)) ?? {};
  const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(PREFIX));
  return new Set(names.map((name) => name.slice(PREFIX.length)));
}
