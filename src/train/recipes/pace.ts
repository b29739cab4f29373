/** How much of some work is done, and how long the rest takes at the pace so far. */

/** Part of a unit's time that its measurements take, as long as nobody knows better. */
export const MEASURING_SHARE = 0.15;

/** Part of all work after which its pace tells more than the estimate. */
const TELLING = 0.002;

export class Pace {
  /** Estimated seconds of everything, and of what is finished. */
  readonly #total: number;
  #done = 0;
  /** Seconds that were worked on what is finished, and their estimate: what the pace is known from. */
  #worked = { seconds: 0, estimated: 0 };

  /** @param total estimated seconds of all work */
  constructor(total: number) {
    this.#total = total;
  }

  /** Something is finished. @param seconds that it took; null where it was there already, or in part */
  finish(estimated: number, seconds: number | null): void {
    this.#done += estimated;
    if (seconds === null) return;
    this.#worked.seconds += seconds;
    this.#worked.estimated += estimated;
  }

  /** @param under estimated and real seconds of what is done of the work under way; null where a part was there already */
  secondsLeft(
    under: { estimated: number; seconds: number | null } = { estimated: 0, seconds: 0 },
  ): number {
    const estimated = this.#worked.estimated + (under.seconds === null ? 0 : under.estimated);
    const seconds = this.#worked.seconds + (under.seconds ?? 0);
    const factor = estimated > TELLING * this.#total ? seconds / estimated : 1;
    return Math.max(0, this.#total - this.#done - under.estimated) * factor;
  }
}

/** "2 h 5 min", "3 min", "40 s". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
