import { createStore, type StoreApi } from 'zustand/vanilla';
import { estimateMemory, type MemoryEstimate } from '../accounting/memory.ts';
import { engineConfig, experimentAtStep } from '../config/edit.ts';
import type { AdapterSpeed, SessionProfile, TrainerApi } from '../worker/api.ts';
import type { ConfigStore } from './configStore.ts';
import { type Failure, failureOf } from './failure.ts';
import type { RunStore } from './runStore.ts';

/** A profile and what it is compared with. */
export interface Profile {
  report: SessionProfile;
  /** Run that it was taken of. */
  runId: number;
  /** What the accounting expects of the GPU's memory. */
  estimate: MemoryEstimate;
}

export interface ProfilerValues {
  /** Under way: steps to be timed, and the steps that the run had taken before. */
  taking: { steps: number; from: number } | null;
  profile: Profile | null;
  failure: Failure | null;
}

/** The profiler as the page holds it. No command rejects: what goes wrong is in `failure`. */
export interface Profiler {
  readonly store: StoreApi<ProfilerValues>;
  /** Times so many steps of the open run; opens one where there is none. */
  start(steps: number): Promise<void>;
  /** Ends early, with what was timed. */
  stop(): Promise<void>;
}

/** The better figures of two measurements: whatever else the machine did only made them worse. */
function best(before: AdapterSpeed | null, now: AdapterSpeed): AdapterSpeed {
  if (before === null) return now;
  return {
    gflopsPerSec: Math.max(before.gflopsPerSec, now.gflopsPerSec),
    gbytesPerSec: Math.max(before.gbytesPerSec, now.gbytesPerSec),
    dispatchSeconds: Math.min(before.dispatchSeconds, now.dispatchSeconds),
  };
}

/** @param ensureOpen makes sure that a run is open which can take a step; false when it could not be */
export function createProfiler(
  client: Pick<TrainerApi, 'profile' | 'stopProfile'>,
  { run, config }: { run: RunStore; config: ConfigStore },
  ensureOpen: () => Promise<boolean>,
): Profiler {
  const store = createStore<ProfilerValues>()(() => ({
    taking: null,
    profile: null,
    failure: null,
  }));

  function estimateAt(step: number): MemoryEstimate | null {
    const { running } = config.getState();
    const { report } = run.getState();
    if (running === null || report === null) return null;
    const inForce = engineConfig(experimentAtStep(running, step), report.vocabulary);
    return estimateMemory(inForce, report.adapter, report.domains.length);
  }

  let isStopped = false;

  async function take(steps: number): Promise<void> {
    const isTraining = run.getState().phase === 'running';
    if (!isTraining && !(await ensureOpen())) return;
    if (isStopped) return;
    const { step: from, report: opened } = run.getState();
    store.setState({ taking: { steps, from } });
    const report = await client.profile(steps);
    const speed = best(run.getState().speed, report.speed);
    run.getState().set({ speed });
    const estimate = estimateAt(report.firstStep);
    if (estimate !== null && opened !== null)
      store.setState({ profile: { report: { ...report, speed }, runId: opened.runId, estimate } });
  }

  return {
    store,
    async start(steps) {
      if (store.getState().taking !== null) return;
      isStopped = false;
      store.setState({ taking: { steps, from: run.getState().step }, failure: null });
      try {
        await take(steps);
      } catch (error) {
        const failure = failureOf(error);
        if (failure.code !== 'Cancelled') store.setState({ failure });
      }
      store.setState({ taking: null });
    },
    async stop() {
      isStopped = true;
      await client.stopProfile().catch(() => undefined);
    },
  };
}
