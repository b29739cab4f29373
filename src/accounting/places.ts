import type { SlotKind } from '../config/experiment.ts';
import { isComputing } from '../config/slots.ts';

/** Places of every slot of a layer for A assignments of a batch (docs/model.md, "4. Capacity"; MoE++ 8) [R]. */
export function slotPlaces(
  kinds: readonly SlotKind[],
  A: number,
  { gamma, tau }: { gamma: number; tau: number },
): number[] {
  const Nf = kinds.filter(isComputing).length;
  const Nzc = kinds.length - Nf;
  if (Nzc === 0) return kinds.map(() => Math.ceil((gamma * A) / Nf));
  const all = tau * Nf + Nzc;
  return kinds.map((kind) => Math.ceil((isComputing(kind) ? gamma * A * tau : gamma * A) / all));
}
