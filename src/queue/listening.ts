/** What the queue hears of a unit that is worked on, and keeps of its runs. */
import type { WorkOptions } from '../train/recipes/unit.ts';
import type { Job } from './job.ts';
import type { UnitUnderWay } from './progress.ts';
import type { QueueStore } from './queueStore.ts';
import { keepRun, type RecordingDeps, tagRun } from './recording.ts';

interface ListeningDeps {
  store: QueueStore;
  recording: RecordingDeps;
}

export function listening(
  { store, recording }: ListeningDeps,
  job: Job,
  under: UnitUnderWay,
  { signal, tell }: { signal: AbortSignal; tell: () => void },
): WorkOptions {
  const titleOf = (variant: string) => {
    const run = under.unit.runs.find((one) => one.variant === variant);
    const label = run?.label ?? variant;
    return { name: `${job.title}: ${label}, seed ${under.unit.seed}`, tag: job.tag };
  };
  return {
    store: store.work,
    signal,
    onProgress: (progress) => {
      under.hear(progress);
      tell();
    },
    async listen(variant, report, state, note) {
      under.resumed(variant, state?.step ?? 0);
      let isEnded = false;
      const tellOf = (id: string) => void store.noteRun(id, !isEnded).catch(() => undefined);
      return keepRun(
        recording,
        titleOf(variant),
        { report, state, note },
        {
          started(id) {
            under.recorded(variant, id);
            tellOf(id);
          },
          diverged: () => under.diverged(variant),
          ended(id) {
            isEnded = true;
            tellOf(id);
          },
        },
      );
    },
    reused: async (variant, note) => {
      under.reused(variant);
      await tagRun(await recording.library(), note, job.tag).catch(() => undefined);
    },
  };
}
