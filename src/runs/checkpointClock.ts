/** When a checkpoint is due. */
import type { Moment } from '../train/session/recording.ts';

/** Time between two checkpoints of a run that trains. */
export const EVERY_MS = 60_000;
/** Time after which a run has its first. */
const FIRST_MS = 5000;
/** Least time between two, where edits follow each other. */
const LEAST_MS = 2000;
/** Least time between two, in times that one takes from end to end: 1.25 % of the training. */
export const TIMES_ITS_COST = 80;

export class CheckpointClock {
  /** Step and time of the last one; of the start where there is none. */
  #last: { step: number; at: number };
  #hasOne = false;
  #step: number;
  #isEdited = false;
  /** Milliseconds that reading and storing the last one took. */
  #cost = 0;
  #isWanted = false;

  constructor(now: number, step: number) {
    this.#last = { step, at: now };
    this.#step = step;
  }

  /** So many steps are taken. */
  step(step: number): void {
    this.#step = step;
  }

  /** Reading and storing the last one took so many milliseconds. */
  took(ms: number): void {
    this.#cost = ms;
  }

  edited(): void {
    this.#isEdited = true;
  }

  wants(moment: Moment, now: number): boolean {
    this.#isWanted = this.#isDue(moment, now);
    return this.#isWanted;
  }

  /** Whether a state that was read becomes a checkpoint, which is noted then. */
  take(step: number, now: number): boolean {
    if (!this.#isWanted && !this.#isDue('step', now)) return false;
    this.#last = { step, at: now };
    this.#hasOne = true;
    this.#isEdited = false;
    this.#isWanted = false;
    return true;
  }

  #isDue(moment: Moment, now: number): boolean {
    const age = now - this.#last.at;
    const spacing = TIMES_ITS_COST * this.#cost;
    // A small model on a fast GPU is trained within a second: its end is kept all the same.
    if (moment === 'end') return this.#step !== this.#last.step;
    if (moment === 'halt') return this.#step !== this.#last.step && age >= LEAST_MS / 2;
    if (age < Math.max(LEAST_MS, spacing)) return false;
    if (age >= EVERY_MS) return true;
    return this.#isEdited || (!this.#hasOne && age >= FIRST_MS);
  }
}
