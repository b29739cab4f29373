import type { Experiment } from '../../src/config/experiment.ts';
import { SCALAR_COUNT, type StepRecords, scalarColumn } from '../../src/config/telemetry.ts';
import type { TrainerClient } from '../../src/state/commands.ts';
import type { OpenReport, RunState, TrainerEvent } from '../../src/worker/api.ts';

/** Side B of the fake trainer: its losses lie ¼ above those of side A, a little more at even steps. */
export interface FakeBeside
  extends Pick<TrainerClient, 'openBeside' | 'closeBeside' | 'onBesideEvent'> {
  /** Side B takes n steps at once and reports them. */
  advanceBeside(n: number): void;
  stateBeside(state: RunState): void;
}

export const BESIDE_ABOVE = [0.25, 0.27] as const;

interface Host {
  called(name: string, argument?: unknown): Promise<void>;
  report(experiment: Experiment): OpenReport;
  records(experiment: Experiment, firstStep: number, n: number): StepRecords;
}

export function fakeBeside({ called, report, records }: Host): FakeBeside {
  const listeners = new Set<(event: TrainerEvent) => void>();
  let experiment: Experiment | null = null;
  let step = 0;
  const emit = (event: TrainerEvent) => {
    for (const listener of listeners) listener(event);
  };
  return {
    async openBeside(next, own) {
      await called('openBeside', { experiment: next, own });
      experiment = next;
      step = 0;
      return report(next);
    },
    async closeBeside() {
      await called('closeBeside');
      experiment = null;
    },
    onBesideEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advanceBeside(n) {
      if (experiment === null) throw new Error('no side B is open');
      const taken = records(experiment, step + 1, n);
      for (let i = 0; i < n; i++)
        taken.scalars[i * SCALAR_COUNT + scalarColumn('ce')]! += BESIDE_ABOVE[(step + i) % 2]!;
      step += n;
      emit({ runId: 2, type: 'steps', records: taken, tokensPerSec: 1, stepsPerSec: 1 });
    },
    stateBeside: (state) => emit({ runId: 2, type: 'state', state, step }),
  };
}
