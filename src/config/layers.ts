import type { EngineConfig, Slot } from './experiment.ts';

/** Whether layer l is a MoE layer under the model's arrangement (docs/model.md, "Which layers are MoE"). */
export function isMoeLayer(model: Pick<EngineConfig['model'], 'arrangement'>, l: number): boolean {
  const { arrangement } = model;
  switch (arrangement) {
    case 'dense':
      return false;
    case 'full':
      return true;
    case '1dense':
      return l > 0;
    case 'interleave':
      return l % 2 === 1;
    default:
      return arrangement.includes(l);
  }
}

/** The router slots of layer l, in order [R]. */
export function slotsOfLayer(experts: EngineConfig['experts'], l: number): readonly Slot[] {
  return experts.perLayer?.[String(l)] ?? experts.slots;
}

/** Largest number of slots that a token can select in a layer of R slots: the width W of `selected`. */
export function selectionWidth(router: EngineConfig['router'], R: number): number {
  switch (router.selection) {
    case 'topk':
    case 'hash':
      return Math.min(router.K, R);
    case 'topp':
    case 'expertChoice':
      return R;
    case 'randomDrop':
      return Math.min(2, R);
    case 'adaptive':
      return Math.min(3, R);
  }
}
