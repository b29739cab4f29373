/** Side B of an A/B: a second run that takes turns with the open one, which is side A. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import type { Experiment } from '../config/experiment.ts';
import type { OpenReport, RunState as Phase, StopReason, TrainerEvent } from '../worker/api.ts';
import { type Failure, failureOf } from './failure.ts';
import { MetricLog } from './metricLog.ts';
import type { Stores, TrainerClient } from './stores.ts';

export interface BesideValues {
  /** What it is called; null where none is open or opening. */
  name: string | null;
  report: OpenReport | null;
  phase: Phase;
  /** Grows in place, with the version of the run store. */
  metrics: MetricLog;
  /** Its answers to the probe tasks. */
  probes: readonly ProbesAt[];
  /** Why it stopped by itself. */
  stopped: StopReason | null;
  failure: Failure | null;
}

export interface BesideState extends BesideValues {
  /** Opens it beside the open run; false when it could not be, which `failure` says. */
  open(name: string, experiment: Experiment): Promise<boolean>;
  /** Both train on, even where only one has steps left. */
  start(): Promise<void>;
  /** Side A goes on alone. */
  close(): Promise<void>;
}

export type BesideStore = StoreApi<BesideState>;

const none = (): BesideValues => ({
  name: null,
  report: null,
  phase: 'empty',
  metrics: new MetricLog(),
  probes: [],
  stopped: null,
  failure: null,
});

export function createBesideStore(
  client: TrainerClient,
  { config, run }: Pick<Stores, 'config' | 'run'>,
): BesideStore {
  /** Counts what is opened and closed: of an opening that was given up, nothing is shown. */
  let turn = 0;
  const store = createStore<BesideState>()((set, get) => ({
    ...none(),
    async open(name, experiment) {
      turn += 1;
      const mine = turn;
      set({ ...none(), name, phase: 'opening' });
      try {
        const report = await client.openBeside(experiment, config.getState().own);
        // A run that took the place of side A has closed both.
        if (mine !== turn || get().name === null) return false;
        set({ report, phase: 'ready' });
        return true;
      } catch (error) {
        if (mine !== turn) return false;
        const failure = failureOf(error, 'Side B was not opened');
        set({ ...none(), failure: failure.code === 'Cancelled' ? null : failure });
        return false;
      }
    },
    async start() {
      set({ failure: null, stopped: null });
      try {
        await client.start();
      } catch (error) {
        set({ failure: failureOf(error, 'Training did not start') });
      }
    },
    async close() {
      turn += 1;
      set(none());
      try {
        await client.closeBeside();
      } catch (error) {
        set({ failure: failureOf(error, 'Side B was not closed') });
      }
    },
  }));

  function receive(event: TrainerEvent): void {
    const { name, metrics } = store.getState();
    if (name === null) return;
    if (event.type === 'state') {
      const isAnew = event.state === 'ready' && metrics.length > 0;
      store.setState({
        phase: event.state,
        ...(isAnew ? { metrics: new MetricLog(), probes: [] } : {}),
      });
    } else if (event.type === 'probes') {
      store.setState({ probes: [...store.getState().probes, event.probes] });
    } else if (event.type === 'stopped') store.setState({ stopped: event.reason });
    else if (event.type === 'steps') {
      metrics.append(event.records);
      run.getState().set({ version: run.getState().version + 1 });
    }
  }

  client.onBesideEvent(receive);
  run.subscribe((now, before) => {
    if (now.report?.runId !== before.report?.runId && store.getState().name !== null)
      store.setState(none());
  });
  return store;
}
