/** Places of slots (docs/model.md, "4. Capacity"). */
import type { Slot } from './experiment.ts';
import { isComputing } from './slots.ts';

/** Places of one slot of either class for A assignments (MoE++ 8). */
export function capacityPlaces(
  slots: readonly Pick<Slot, 'kind'>[],
  A: number,
  gamma: number,
  tau: number,
): { ffn: number; zeroComputation: number } {
  const Nf = slots.filter((slot) => isComputing(slot.kind)).length;
  const Nzc = slots.length - Nf;
  if (Nzc === 0) return { ffn: Math.ceil((gamma * A) / Nf), zeroComputation: 0 };
  return {
    ffn: Math.ceil((gamma * A * tau) / (tau * Nf + Nzc)),
    zeroComputation: Math.ceil((gamma * A) / (tau * Nf + Nzc)),
  };
}
