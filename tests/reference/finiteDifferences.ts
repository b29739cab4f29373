import { normalDraws } from '../../src/config/hash.ts';
import type { Real } from '../../src/reference/arrays.ts';
import { expectClose } from '../support/expectClose.ts';
import { TOLERANCES } from '../support/tolerances.ts';

const STEP = 1e-5;

/** Seeded normal values in float64. */
export function random(name: string, count: number, std = 1): Float64Array {
  return Float64Array.from(normalDraws(7, name, count, std));
}

/** Σ weight·value: the scalar whose gradient with respect to `values` is `weights`. */
export function weightedSum(weights: Real, values: Real): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]! * values[i]!;
  return total;
}

/** Central differences of `loss` with respect to every element of `values`, restored afterwards. */
export function numericGradient(loss: () => number, values: Real): Float64Array {
  return Float64Array.from(values, (value, i) => {
    values[i] = value + STEP;
    const above = loss();
    values[i] = value - STEP;
    const below = loss();
    values[i] = value;
    return (above - below) / (2 * STEP);
  });
}

/** Compares the gradient of every named input with central differences of `loss`. */
export function checkGradients(
  loss: () => number,
  gradients: Record<string, readonly [values: Real, gradient: Real]>,
): void {
  for (const [name, [values, gradient]] of Object.entries(gradients)) {
    const numeric = numericGradient(loss, values);
    expectClose(gradient, numeric, TOLERANCES.finiteDifferences, `d ${name}`);
  }
}
