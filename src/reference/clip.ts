import type { RealTensors } from './arrays.ts';

/** Global L2 norm of all gradients (docs/model.md, "Optimiser"). */
export function gradNorm(grads: RealTensors): number {
  let squares = 0;
  for (const { data } of grads.values()) for (const g of data) squares += g * g;
  return Math.sqrt(squares);
}

/** Factor on all gradients: min(1, clip/(norm + 1e-6)), 1 without clipping. */
export function clipScale(norm: number, clip: number | null): number {
  return clip === null ? 1 : Math.min(1, clip / (norm + 1e-6));
}
