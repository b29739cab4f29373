import { experimentAtStep, recordEvent } from '../../config/edit.ts';
import type { Change, Experiment } from '../../config/experiment.ts';
import { surgeryOf } from '../../config/surgery.ts';
import { surgeryProblems } from '../../config/surgeryHistory.ts';
import { switchyardError } from './errors.ts';

/** An experiment while it runs: what is in force at a step, and the events recorded so far. */
export class LiveSettings {
  #experiment: Experiment;
  /** Settings of the last step asked for, kept while no event lies between. */
  #now: { step: number; settings: Experiment } | null = null;

  constructor(experiment: Experiment) {
    this.#experiment = experiment;
  }

  /** The start's settings with all events: what a link holds. */
  get experiment(): Experiment {
    return this.#experiment;
  }

  /** Settings in force at a step; the same object as long as no event changes them. */
  at(step: number): Experiment {
    const known = this.#now;
    const isCurrent =
      known !== null &&
      known.step <= step &&
      !this.#experiment.events.some(([at]) => at > known.step && at <= step);
    const settings = isCurrent ? known.settings : experimentAtStep(this.#experiment, step);
    this.#now = { step, settings };
    return settings;
  }

  /**
   * The experiment with a change before `step`, which is not recorded yet.
   * @throws ConfigInvalid for a surgery that does not fit the expert space, or that a later one of
   *   the events does not fit
   */
  with(step: number, change: Change): Experiment {
    const next = recordEvent(this.#experiment, step, change);
    const [problem] = surgeryOf(change) === null ? [] : surgeryProblems(next);
    if (problem !== undefined) throw switchyardError('ConfigInvalid', problem);
    return next;
  }

  /** Goes on with what `with` gave. */
  record(experiment: Experiment): void {
    this.#experiment = experiment;
    this.#now = null;
  }

  clearEvents(): void {
    this.#experiment = { ...this.#experiment, events: [] };
    this.#now = null;
  }
}
