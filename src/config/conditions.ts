/** Questions about an experiment's layers that rows and checks ask. */
import type { Experiment, Slot } from './experiment.ts';
import { isMoeLayer, slotsOfLayer } from './layers.ts';

/** Whether the experiment has a MoE layer. */
export function hasMoe(e: Experiment): boolean {
  for (let l = 0; l < e.model.L; l++) if (isMoeLayer(e.model, l)) return true;
  return false;
}

/** Whether the experiment has a dense layer. */
export function hasDense(e: Experiment): boolean {
  for (let l = 0; l < e.model.L; l++) if (!isMoeLayer(e.model, l)) return true;
  return false;
}

/** Whether some MoE layer has a slot that passes the test. */
export function hasSlot(e: Experiment, test: (slot: Slot) => boolean): boolean {
  for (let l = 0; l < e.model.L; l++)
    if (isMoeLayer(e.model, l) && slotsOfLayer(e.experts, l).some(test)) return true;
  return false;
}

/** Zero-computation slots: `zero`, `copy`, `constant`. */
export function isZeroComputation(slot: Slot): boolean {
  return slot.kind === 'zero' || slot.kind === 'copy' || slot.kind === 'constant';
}
