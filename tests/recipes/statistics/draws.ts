/** Draws of known truth (the goldens' README, "Draws of known truth"). */
import { uniform } from '../../../src/config/hash.ts';

/** Number k of a draw, normal with deviation 1. */
export function normal(seed: number, draw: number, k: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(seed, draw, 2 * k)));
  return radius * Math.cos(2 * Math.PI * uniform(seed, draw, 2 * k + 1));
}

/** Numbers `from` … `from + n − 1` of a draw around d. */
export function values(seed: number, draw: number, n: number, d = 0, from = 0): number[] {
  return Array.from({ length: n }, (_, k) => d + normal(seed, draw, from + k));
}
