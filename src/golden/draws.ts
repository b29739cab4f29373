import { fnv1a, uniform } from '../config/hash.ts';

/** A stream of seeded choices: the same seed gives the same choices everywhere. */
export class Draws {
  readonly #seed: number;
  readonly #stream: number;
  #count = 0;

  constructor(seed: number, stream: string) {
    this.#seed = seed;
    this.#stream = fnv1a(stream);
  }

  /** In (0, 1). */
  uniform(): number {
    return uniform(this.#seed, this.#stream, this.#count++);
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.uniform() * (max - min + 1));
  }

  /** As `int`, but every order of magnitude is equally likely. */
  logInt(min: number, max: number): number {
    return Math.min(max, Math.floor(min * ((max + 1) / min) ** this.uniform()));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)]!;
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }
}
