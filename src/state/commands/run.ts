/** Commands to the run: the transport, samples, and what a lost device takes. */
import { isLive } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { SampleRequest } from '../../worker/api.ts';
import { type Benchmark, createBenchmark } from '../benchmark.ts';
import { changeOf, pendingPaths } from '../configStore.ts';
import { failureOf } from '../failure.ts';
import { createProfiler, type Profiler } from '../profiler.ts';
import { RESET_WITHOUT_ASKING } from '../replacing.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { Opening } from './opening.ts';

export interface RunCommands {
  probe(): Promise<void>;
  /** Measures the adapter unless a run opens or trains; `isAsked`: a person waits for it. */
  measure(isAsked: boolean): Promise<void>;
  /** Opens the experiment where none is open, then trains; asks first when a link had problems. */
  start(): Promise<void>;
  pause(): Promise<void>;
  step(): Promise<void>;
  reset(): Promise<void>;
  /** Resets, but asks first where many steps of training would be lost. */
  askReset(): Promise<void>;
  /** Space: start, or pause while it runs. */
  toggle(): Promise<void>;
  /** Closes the run that is open or opening. */
  cancel(): Promise<void>;
  sample(request: SampleRequest): Promise<void>;
  /** After a lost device: the trainer's last checkpoint, else the run from its start. */
  recover(): Promise<void>;
  profiler: Profiler;
  /** Measures the device as `npm run bench` does. */
  benchmark: Benchmark;
}

/** Shortest time that a second look for an adapter shows. */
const LOOK_MS = 600;

export function createRunCommands(
  client: TrainerClient,
  stores: Stores,
  opening: Opening,
): RunCommands {
  const { config, run, view } = stores;
  const { attempt, replacing } = opening;

  function mustAsk(): boolean {
    const { problems, accepted } = config.getState();
    if (problems.length === 0 || accepted) return false;
    view.getState().set({ sheet: 'problems' });
    return true;
  }

  /** Makes sure that a run is open which can take a step; false when it could not be. */
  async function ensureOpen(): Promise<boolean> {
    if (mustAsk()) return false;
    const { phase, step } = run.getState();
    const hasPending = pendingPaths(config.getState(), step).length > 0;
    if (phase === 'paused' || (phase === 'ready' && !(step === 0 && hasPending))) return true;
    if (phase === 'running' || phase === 'opening') return false;
    if (phase === 'finished' && !hasPending) return false;
    return opening.replace(opening.formExperiment());
  }

  const commands: RunCommands = {
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
    async start() {
      if (await ensureOpen()) await attempt(() => client.start(), 'Training did not start');
    },
    async pause() {
      await attempt(() => client.pause(), 'Training was not paused');
    },
    async step() {
      if (await ensureOpen()) await attempt(() => client.step(), 'No step was taken');
    },
    async reset() {
      const { running } = config.getState();
      if (running === null) return;
      const kept = changeOf(
        config.getState().experiment,
        pendingPaths(config.getState(), run.getState().step).filter((path) => !isLive(path)),
      );
      const done = await attempt(async () => {
        await client.reset();
        return true;
      }, 'The run was not reset');
      if (done === null) return;
      const base: Experiment = { ...running, events: [] };
      run.getState().cleared();
      config.getState().set({ running: base, experiment: base, refused: {} });
      config.getState().follow(kept);
      opening.forgetModel();
    },
    async askReset() {
      const reason =
        'Reset takes the model back to its initial weights and drops the live changes. The curve stays, faint, behind the next run; the parameters do not.';
      const question = { name: 'Reset', action: 'Reset', reason, problems: [] };
      const mustAsk = run.getState().step > RESET_WITHOUT_ASKING;
      if (!mustAsk || (await replacing.ask(question))) await commands.reset();
    },
    async toggle() {
      if (run.getState().phase === 'running') await commands.pause();
      else await commands.start();
    },
    cancel: () => opening.close(),
    async sample(request) {
      const sample = await attempt(() => client.sample(request), 'No sample was taken');
      if (sample !== null) run.getState().addSample(sample);
    },
    async recover() {
      const { running, experiment } = config.getState();
      const bytes = await client.checkpoint().catch(failureOf);
      const isLost = 'code' in bytes && bytes.code === 'DeviceLost';
      if (!('code' in bytes)) await opening.openCheckpoint(bytes, 'The last checkpoint');
      else if (isLost || (await replacing.mayGo('The run from its start', 'Start anew')))
        await opening.open(running ?? experiment);
    },
    profiler: createProfiler(client, stores, ensureOpen),
    benchmark: createBenchmark(stores.run),
  };
  return commands;
}
