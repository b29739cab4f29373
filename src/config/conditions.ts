/** Questions about an experiment's layers that rows and checks ask. */
import type { Experiment, Selection, Slot } from './experiment.ts';
import { isMoeLayer, slotsOfLayer } from './layers.ts';

/** Indices of the MoE layers, rising. */
export function moeLayers(e: Experiment): number[] {
  return Array.from({ length: e.model.L }, (_, l) => l).filter((l) => isMoeLayer(e.model, l));
}

/** Whether the experiment has a MoE layer. */
export function hasMoe(e: Experiment): boolean {
  return moeLayers(e).length > 0;
}

/** Whether the experiment has a dense layer. */
export function hasDense(e: Experiment): boolean {
  return moeLayers(e).length < e.model.L;
}

/** Whether some MoE layer has a slot that passes the test. */
export function hasSlot(e: Experiment, test: (slot: Slot) => boolean): boolean {
  return moeLayers(e).some((l) => slotsOfLayer(e.experts, l).some(test));
}

/** Whether a selection is by K. */
export function usesK(selection: Selection): boolean {
  return selection === 'topk' || selection === 'hash' || selection === 'expertChoice';
}
