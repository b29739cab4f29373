import { applyChange, experimentAtStep } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import type { Library } from '../../src/runs/library.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import type { TrainerClient } from '../../src/state/commands.ts';
import type { OpenReport, Subject } from '../../src/worker/api.ts';
import { madeProbes } from '../support/reports.ts';

interface Host {
  called(name: string, argument: unknown): Promise<void>;
  open(experiment: Experiment): Promise<OpenReport>;
  stepNow(): number;
  /** The run that was opened has taken so many steps. */
  standAt(step: number): void;
}

/** A stored run's model as the fake answers for it; null for the open run's. */
export async function storedModel(library: Library | null, subject: Subject) {
  if (typeof subject === 'string' || !('run' in subject)) return null;
  const row = await library?.row(subject.run);
  if (!row?.experiment) throw new RangeError(`There is no run "${subject.run}" in the library.`);
  const step = (subject.step ?? row.steps) + 1;
  const experiment = experimentAtStep(row.experiment, step);
  return { experiment, spaces: layerSpaces(experiment), step };
}

/** Commands of the fake trainer for stored runs. */
export function fakeStored(
  library: Library | null,
  { called, open, stepNow, standAt }: Host,
): Pick<
  TrainerClient,
  | 'openStored'
  | 'keepCheckpoint'
  | 'flush'
  | 'takeCopy'
  | 'letCopyGo'
  | 'probeStored'
  | 'cancelStored'
  | 'memory'
> {
  let copies = 0;
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
    async takeCopy() {
      await called('takeCopy', undefined);
      copies += 1;
      return copies;
    },
    letCopyGo: (copy) => called('letCopyGo', copy),
    async probeStored(run, ask, onItems) {
      onItems({ done: 3, total: 40 });
      await called('probeStored', { run, ask });
      const row = await library?.row(run.run);
      const step = run.step ?? row?.checkpoints.at(-1)?.step;
      if (step === undefined) throw new RangeError('No checkpoint is stored.');
      return { ...madeProbes(step, ask.seed), items: ask.items };
    },
    cancelStored: () => called('cancelStored', undefined),
    memory: async () => library ?? memoryLibrary(),
  };
}
