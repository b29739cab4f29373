/** How runs come to be open on the page, and how they go: what the commands have in common. */
import { checkConstraints } from '../../config/constraints.ts';
import { settingsInForce } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { OpenReport, RestoreReport, TrainerApi } from '../../worker/api.ts';
import { type Failure, failureOf } from '../failure.ts';
import { tooLarge } from '../fits.ts';
import { createReplacing, type Replacing } from '../replacing.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import { type Attempt, createAttempt } from './attempt.ts';

export interface Opening {
  readonly replacing: Replacing;
  attempt: Attempt;
  /** What keeps an experiment from running, in one sentence each; null when nothing does. */
  ruleBroken(experiment: Experiment): Failure | null;
  /** Why an experiment cannot start, as far as that is known before anything is given up for it. */
  refusalOf(experiment: Experiment): Failure | null;
  /** The form's values as a run of their own: events already in force become its start values. */
  formExperiment(): Experiment;
  open(experiment: Experiment): Promise<boolean>;
  /** Opens a new model; one that is open goes only when the new one was checked, and may. */
  replace(experiment: Experiment): Promise<boolean>;
  /** Opens what a checkpoint holds, in the place of what is open. */
  openCheckpoint(bytes: Uint8Array, name: string): Promise<RestoreReport | null>;
  /** Shows what `open` opens, in the place of what is open; null where it was not opened. */
  openFrom<R extends OpenReport>(open: () => Promise<R>, name: string): Promise<R | null>;
  /** Closes the run that is open or opening. */
  close(): Promise<void>;
  /** The open run's model is no more as it was edited: nothing waits for it, nothing of it can be undone. */
  forgetModel(): void;
}

/** What keeps an experiment from running, in one sentence each; null when nothing does. */
function ruleBroken(experiment: Experiment): Failure | null {
  const errors = checkConstraints(experiment).filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return null;
  return { code: 'ConfigInvalid', message: errors.map(({ message }) => message).join('. ') };
}

export function createOpening(client: TrainerClient, stores: Stores): Opening {
  const { config, run, view, rack, history } = stores;
  const replacing = createReplacing(stores);
  const attempt = createAttempt(stores);

  function forgetModel(): void {
    rack.getState().forget();
    history.getState().drop((edit) => edit.of !== 'form');
    history.getState().fit(config.getState().experiment);
    view.getState().set({ scrub: null, zoom: null });
  }

  /** Shows the run that was opened from `experiment`; the form keeps the person's own V. */
  function showOpened(experiment: Experiment, report: Awaited<ReturnType<TrainerApi['open']>>) {
    const running: Experiment = {
      ...experiment,
      data: { ...experiment.data, hash: report.experiment.data.hash },
      events: report.experiment.events,
    };
    run.getState().opened(report);
    config.getState().set({ running, experiment: settingsInForce(running, 0), refused: {} });
    forgetModel();
  }

  function refusalOf(experiment: Experiment): Failure | null {
    const { adapter, report } = run.getState();
    return ruleBroken(experiment) ?? tooLarge(experiment, adapter, report);
  }

  async function open(experiment: Experiment): Promise<boolean> {
    const broken = refusalOf(experiment);
    if (broken !== null) {
      run.getState().set({ failure: broken });
      return false;
    }
    run.getState().set({ phase: 'opening', failure: null, stopped: null, progress: null });
    const report = await attempt(() => client.open(experiment, config.getState().own));
    if (report === null) return false;
    showOpened(experiment, report);
    return true;
  }

  async function openFrom<R extends OpenReport>(open: () => Promise<R>, name: string) {
    run.getState().set({ phase: 'opening', failure: null, stopped: null, progress: null });
    const report = await attempt(open, `${name} was not opened`);
    if (report !== null) showOpened(report.experiment, report);
    return report;
  }

  return {
    replacing,
    attempt,
    ruleBroken,
    refusalOf,
    formExperiment() {
      const { experiment, running } = config.getState();
      return running === null ? experiment : { ...experiment, events: [] };
    },
    open,
    async replace(experiment) {
      if (replacing.isOpen() && refusalOf(experiment) === null) {
        const { own } = config.getState();
        const check = () => client.check(experiment, own);
        const refuse = (error: unknown) =>
          run.getState().set({ failure: failureOf(error, 'The new model was not opened') });
        if ((await replacing.checked('The new model', check, refuse)) === null) return false;
        if (!(await replacing.mayGo('The new model', 'Open the new model'))) return false;
      }
      return open(experiment);
    },
    async openCheckpoint(bytes, name) {
      const { own } = config.getState();
      return openFrom(() => client.restore(bytes, own), name);
    },
    openFrom,
    async close() {
      await attempt(() => client.dispose());
      run.getState().closed();
      config.getState().set({ running: null });
      forgetModel();
    },
    forgetModel,
  };
}
