/** Commands that concern the adapter alone. */
import { failureOf } from '../failure.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { Attempt } from './attempt.ts';

export interface AdapterCommands {
  probe(): Promise<void>;
  /** Measures the adapter unless a run opens or trains; `isAsked`: a person waits for it. */
  measure(isAsked: boolean): Promise<void>;
}

/** Shortest time that a second look for an adapter shows. */
const LOOK_MS = 600;

export function createAdapterCommands(
  client: TrainerClient,
  { run }: Stores,
  attempt: Attempt,
): AdapterCommands {
  return {
    async probe() {
      const { isLooking, failure } = run.getState();
      if (isLooking) return;
      run.getState().set({ isLooking: true });
      const [adapter] = await Promise.all([
        attempt(() => client.probe()),
        failure === null ? null : new Promise((resolve) => setTimeout(resolve, LOOK_MS)),
      ]);
      run.getState().set({ isLooking: false, ...(adapter && { adapter, failure: null }) });
    },
    async measure(isAsked) {
      const { isMeasuring, phase } = run.getState();
      if (isMeasuring || phase === 'running' || phase === 'opening') return;
      run.getState().set({ isMeasuring: true });
      try {
        run.getState().set({ speed: await client.measure() });
      } catch (error) {
        const failure = failureOf(error);
        if (isAsked && failure.code !== 'Cancelled') run.getState().set({ failure });
      }
      run.getState().set({ isMeasuring: false });
    },
  };
}
