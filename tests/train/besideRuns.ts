import type { Experiment } from '../../src/config/experiment.ts';
import { DeviceSource } from '../../src/train/device/deviceSource.ts';
import type { TrainingDevice } from '../../src/train/device/trainingDevice.ts';
import type { SessionEvent } from '../../src/train/session/events.ts';
import { Trainer, type TrainerDeps } from '../../src/train/session/trainer.ts';
import { eventsOf, fakeText } from './support.ts';

/** A trainer whose events of both runs are kept, and their steps in the order in which they came. */
export async function trainerOfTwo(
  requestDevice: () => Promise<TrainingDevice>,
  recorder?: TrainerDeps['recorder'],
) {
  const trainer = new Trainer({
    devices: new DeviceSource(requestDevice),
    prepareText: async (experiment) => fakeText(experiment),
    deliver: (listener, event) => listener(event),
    ...(recorder === undefined ? {} : { recorder }),
  });
  const a: SessionEvent[] = [];
  const b: SessionEvent[] = [];
  await trainer.subscribe((event) => a.push(event));
  await trainer.subscribeBeside((event) => b.push(event));
  return { trainer, a, b };
}

/** Steps that a run has reported. */
export function lastStep(events: readonly SessionEvent[]): number {
  const records = eventsOf(events, 'steps').at(-1)?.records;
  return records === undefined ? 0 : records.firstStep + records.n - 1;
}

/** An experiment that ends after `totalSteps`. */
export const until = (experiment: Experiment, totalSteps: number): Experiment => ({
  ...experiment,
  optimizer: { ...experiment.optimizer, totalSteps },
});
