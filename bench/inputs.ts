/** Inputs of a single layer or product, the same for all subjects. */
import type { EngineConfig } from '../src/config/experiment.ts';
import { normalDraws } from '../src/config/hash.ts';
import { SEED } from './shapes.ts';
import type { ProductSize } from './subject.ts';

/** Normalised inputs of a MoE layer [T, D]. */
export function layerInput({ model, batch }: EngineConfig): Float32Array {
  return normalDraws(SEED, 'bench:m', batch.B * batch.S * model.D, 1);
}

/** x [m, k] and w [n, k], row-major. */
export function productInputs({ m, n, k }: ProductSize): { x: Float32Array; w: Float32Array } {
  return { x: normalDraws(SEED, 'bench:x', m * k, 1), w: normalDraws(SEED, 'bench:w', n * k, 1) };
}

export function sumOfSquares(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] ?? Number.NaN) ** 2;
  return sum;
}
