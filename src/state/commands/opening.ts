/** How runs come to be open on the page, and how they go: what the commands have in common. */
import { checkConstraints } from '../../config/constraints.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { OpenReport, RestoreReport } from '../../worker/api.ts';
import { type Failure, failureOf } from '../failure.ts';
import { tooLarge } from '../fits.ts';
import { createReplacing, type Replacing } from '../replacing.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import { type Attempt, createAttempt } from './attempt.ts';
import type { SendLive } from './live.ts';
import { createShowing, type Opened, type Showing } from './showing.ts';

export interface Opening extends Pick<Showing, 'sendRest' | 'forgetModel'> {
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
  openFrom<R extends OpenReport>(
    open: () => Promise<R>,
    name: string,
    fill?: Opened<R>['fill'],
  ): Promise<R | null>;
  /** Closes the run that is open or opening. */
  close(): Promise<void>;
}

/** What keeps an experiment from running, in one sentence each; null when nothing does. */
function ruleBroken(experiment: Experiment): Failure | null {
  const errors = checkConstraints(experiment).filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return null;
  return { code: 'ConfigInvalid', message: errors.map(({ message }) => message).join('. ') };
}

export function createOpening(client: TrainerClient, stores: Stores, sendLive: SendLive): Opening {
  const { config, run } = stores;
  const replacing = createReplacing(stores);
  const attempt = createAttempt(stores);
  const { show, sendRest, forgetModel } = createShowing(stores, attempt, sendLive);

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
    const { own } = config.getState();
    const report = await show({ open: () => client.open(experiment, own), experiment });
    return report !== null;
  }

  function openFrom<R extends OpenReport>(
    open: () => Promise<R>,
    name: string,
    fill?: Opened<R>['fill'],
  ): Promise<R | null> {
    return show({ open, title: `${name} was not opened`, ...(fill && { fill }) });
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
    sendRest,
    async close() {
      await attempt(() => client.dispose());
      run.getState().closed();
      config.getState().set({ running: null, sent: [] });
      forgetModel();
    },
    forgetModel,
  };
}
