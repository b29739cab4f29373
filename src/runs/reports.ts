/** What is reported of a run at single steps, besides its records: collected from its events. */
import type { SessionEvent } from '../train/session/events.ts';
import { NO_REPORTS, type RunReports } from './record.ts';

type Lists = { [K in keyof RunReports]: RunReports[K][number][] };

const empty = (): Lists => ({ validation: [], samples: [], figures: [], probes: [] });
export const REPORT_NAMES = Object.keys(NO_REPORTS) as (keyof RunReports)[];

export class Reports {
  #lists = empty();

  get isEmpty(): boolean {
    return REPORT_NAMES.every((name) => this.#lists[name].length === 0);
  }

  /** Everything so far; more may be added to it. */
  get all(): RunReports {
    return this.#lists;
  }

  /** @returns whether the event is a report */
  add(event: SessionEvent): boolean {
    const { validation, samples, figures, probes } = this.#lists;
    switch (event.type) {
      case 'validation': {
        const { type, ...record } = event;
        validation.push(record);
        return true;
      }
      case 'sample':
        samples.push(event.sample);
        return true;
      case 'figures':
        figures.push(event.figures);
        return true;
      case 'probes':
        probes.push(event.probes);
        return true;
      default:
        return false;
    }
  }

  /** Everything so far, of which nothing stays. */
  take(): RunReports {
    const taken = this.#lists;
    this.#lists = empty();
    return taken;
  }

  /** Puts some before what came meanwhile. */
  giveBack(pieces: readonly RunReports[]): void {
    const later = this.#lists;
    const all = [...pieces, later];
    this.#lists = {
      validation: all.flatMap(({ validation }) => validation),
      samples: all.flatMap(({ samples }) => samples),
      figures: all.flatMap(({ figures }) => figures),
      probes: all.flatMap(({ probes }) => probes),
    };
  }
}
