/** Commands to the run: the transport and samples. */
import type { GenerateRequest, Generation, ProbeAsk, TokenListener } from '../../worker/api.ts';
import { pendingPaths } from '../configStore.ts';
import { createProfiler, type Profiler } from '../profiler.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { Opening } from './opening.ts';

export interface RunCommands {
  /** Opens the experiment where none is open; false where none is then. */
  ready(): Promise<boolean>;
  /** Opens the experiment where none is open, then trains; asks first when a link had problems. */
  start(): Promise<void>;
  pause(): Promise<void>;
  step(): Promise<void>;
  /** Space: start, or pause while it runs. */
  toggle(): Promise<void>;
  /** Closes the run that is open or opening. */
  cancel(): Promise<void>;
  probes: {
    /** Puts the probe tasks to the open run. */
    ask(ask: ProbeAsk): Promise<void>;
    /** Does so every so many steps from now on; never for 0. */
    every(steps: number, ask: ProbeAsk): Promise<void>;
    cancel(): Promise<void>;
  };
  /** Writes texts; null where that failed. */
  generate(request: GenerateRequest, onTokens: TokenListener): Promise<Generation | null>;
  /** Ends the texts that are being written where they are. */
  stopGenerating(): Promise<void>;
  profiler: Profiler;
}

export function createRunCommands(
  client: TrainerClient,
  stores: Stores,
  opening: Opening,
): RunCommands {
  const { config, run, view } = stores;
  const { attempt } = opening;

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
    async ready() {
      return config.getState().running !== null || ensureOpen();
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
    async toggle() {
      if (run.getState().phase === 'running') await commands.pause();
      else await commands.start();
    },
    cancel: () => opening.close(),
    generate: (...asked) => attempt(() => client.generate(...asked), 'No sample was taken'),
    async stopGenerating() {
      await attempt(() => client.stopGenerating(), 'The texts were not ended');
    },
    probes: {
      async ask(ask) {
        await attempt(() => client.probeTasks(ask), 'No probe tasks were asked');
      },
      async every(...asked) {
        await attempt(() => client.probeEvery(...asked));
      },
      async cancel() {
        await attempt(() => client.cancelProbes());
      },
    },
    profiler: createProfiler(client, stores, ensureOpen),
  };
  return commands;
}
