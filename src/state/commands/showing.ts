/** How a run that opens comes to be shown, with what a person edits of the form meanwhile. */
import { changedPaths, settingsInForce } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { OpenReport } from '../../worker/api.ts';
import { changeOf } from '../configStore.ts';
import type { Stores } from '../stores.ts';
import type { Attempt } from './attempt.ts';
import type { SendLive } from './live.ts';

/** A run to be opened. */
export interface Opened<R extends OpenReport> {
  open(): Promise<R>;
  /** What did not happen where it fails. */
  title?: string;
  /** What it was opened from; what the trainer reports, when absent. */
  experiment?: Experiment;
  /** Shows what was recorded of it, and returns the steps that it has taken; none when absent. */
  fill?(report: R): number;
}

export interface Showing {
  /** Has a run opened and shows it; null where it was not opened. */
  show<R extends OpenReport>(opened: Opened<R>): Promise<R | null>;
  /** Sends what the form has beside `inForce` of live settings to the run, which may refuse it. */
  sendRest(inForce: Experiment): Promise<void>;
  /** The open run's model is no more as it was edited: nothing waits for it, nothing of it can be undone. */
  forgetModel(): void;
}

export function createShowing(stores: Stores, attempt: Attempt, sendLive: SendLive): Showing {
  const { config, run, view, rack, history } = stores;
  /** Openings under way: one that gives way to another, or is refused beside it, leaves the page to that. */
  let underWay = 0;

  function forgetModel(): void {
    rack.getState().forget();
    history.getState().drop((edit) => edit.of !== 'form');
    history.getState().fit(config.getState().experiment);
    view.getState().set({ scrub: null, zoom: null });
  }

  async function sendRest(inForce: Experiment): Promise<void> {
    const refused = await sendLive(inForce);
    if (refused.length > 0) history.getState().fit(config.getState().experiment);
  }

  async function begin<R>(open: () => Promise<R>, title?: string): Promise<R | null> {
    run.getState().set({ phase: 'opening', failure: null, stopped: null, progress: null });
    config.getState().set({ sent: [] });
    underWay += 1;
    const report = await attempt(open, title);
    underWay -= 1;
    if (report === null && underWay === 0 && run.getState().phase === 'opening') {
      run.getState().set({ phase: 'empty', report: null, progress: null });
      config.getState().set({ running: null });
    }
    return report;
  }

  return {
    async show({ open, title, experiment, fill }) {
      const before = config.getState().experiment;
      const report = await begin(open, title);
      if (report === null) return null;
      const form = config.getState().experiment;
      const edited = changeOf(form, changedPaths(before, form));
      // The form keeps the person's own V.
      const from = experiment ?? report.experiment;
      const running: Experiment = {
        ...from,
        data: { ...from.data, hash: report.experiment.data.hash },
        events: report.experiment.events,
      };
      run.getState().opened(report);
      config.getState().set({ running, refused: {} });
      const inForce = settingsInForce(running, fill?.(report) ?? 0);
      config.getState().set({ experiment: inForce });
      config.getState().edit(edited);
      forgetModel();
      await sendRest(inForce);
      return report;
    },
    sendRest,
    forgetModel,
  };
}
