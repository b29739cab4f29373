/**
 * Arrays of the reference. Every operation stores its results in the array type of its inputs and
 * adds sums up in place, so Float64Array inputs give the float64 reference and Float32Array inputs
 * round every intermediate value to float32. Row-major, last letter of a name fastest.
 */

export type Real = Float32Array | Float64Array;

/** A named tensor: parameters, gradients and moments. */
export interface RealTensor {
  shape: readonly number[];
  data: Real;
}
export type RealTensors = Map<string, RealTensor>;

/** Zeros of the same precision as `model`. */
export function zerosLike(model: Real, length: number = model.length): Real {
  return model instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/** target += source, element by element. */
export function addInto(target: Real, source: Real): void {
  for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
}

/** a + b */
export function sum(a: Real, b: Real): Real {
  const out = a.slice();
  addInto(out, b);
  return out;
}

/** silu(x) = x·σ(x), without overflow for any finite x. */
export function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

/** d silu(x) / dx = σ(x)·(1 + x·(1 − σ(x))) */
export function siluSlope(x: number): number {
  const sigma = 1 / (1 + Math.exp(-x));
  return sigma * (1 + x * (1 - sigma));
}
