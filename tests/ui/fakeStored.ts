import { applyChange, experimentAtStep } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import type { Library } from '../../src/runs/library.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import type { TrainerClient } from '../../src/state/commands.ts';
import type { OpenReport } from '../../src/worker/api.ts';

interface Host {
  called(name: string, argument: unknown): Promise<void>;
  open(experiment: Experiment): Promise<OpenReport>;
  stepNow(): number;
  /** The run that was opened has taken so many steps. */
  standAt(step: number): void;
}

/** Commands of the fake trainer for stored runs. */
export function fakeStored(
  library: Library | null,
  { called, open, stepNow, standAt }: Host,
): Pick<TrainerClient, 'openStored' | 'keepCheckpoint' | 'flush' | 'memory'> {
  return {
    async openStored(id, step, change) {
      await called('openStored', { id, step, change });
      const row = await library?.row(id);
      if (!row?.experiment) throw new RangeError(`There is no run "${id}" in the library.`);
      const last = step ?? row.checkpoints.at(-1)?.step ?? 0;
      const isFork = step !== null || change !== null;
      const now = { ...experimentAtStep(row.experiment, last + 1), events: [] };
      const report = await open(isFork ? applyChange(now, change ?? {}) : row.experiment);
      standAt(last);
      return report;
    },
    flush: () => called('flush', undefined),
    async keepCheckpoint() {
      await called('keepCheckpoint', undefined);
      return stepNow();
    },
    memory: async () => library ?? memoryLibrary(),
  };
}
