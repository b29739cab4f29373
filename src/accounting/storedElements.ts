/** How the parameters lie in the engine's buffers: sizes of what the page cannot allocate itself. */
import { expertWidths } from '../config/slots.ts';
import { alignGroup, pad4 } from '../layout/sizes.ts';
import { type Architecture, layerGroups } from './layerGroups.ts';
import { biasedLayers } from './scores.ts';

/** Elements of one SwiGLU, sides padded. */
function swiglu(D: number, hidden: number): number {
  return 3 * pad4(D) * pad4(hidden);
}

/** Embedding, head, norms and attention maps. */
function trunkElements({ model }: Architecture): number {
  const { V, D, L, H, Hkv, tied, keyNorm } = model;
  const head = pad4(D / H);
  const table = alignGroup(pad4(V) * pad4(D));
  const norm = alignGroup(pad4(D));
  const attention =
    alignGroup((H + 2 * Hkv) * head * pad4(D)) +
    alignGroup(pad4(D) * H * head) +
    (keyNorm ? alignGroup(head) : 0);
  return table * (tied ? 1 : 2) + norm + L * (2 * norm + attention);
}

/** Elements of one parameter buffer, padding included; gradients and each moment have as many. */
export function storedElements(config: Architecture): number {
  const { D, denseHidden } = config.model;
  const { bias, noise } = config.router;
  let elements = trunkElements(config);
  for (const group of layerGroups(config)) {
    const { layers, isMoe, slots, previousR } = group;
    if (!isMoe) {
      elements += layers.length * alignGroup(swiglu(D, denseHidden));
      continue;
    }
    const R = slots.length;
    const constants = slots.filter((slot) => slot.kind === 'constant').length;
    const experts = expertWidths(slots).reduce((sum, hidden) => sum + swiglu(D, hidden), 0);
    const parts = [
      experts,
      swiglu(D, config.experts.sharedHidden),
      pad4(R) * pad4(D),
      ...(bias ? [pad4(R)] : []),
      ...(noise ? [pad4(R) * pad4(D), pad4(R)] : []),
      pad4(R) * pad4(previousR ?? 0),
      pad4(constants) * pad4(D),
      constants * 4 * pad4(D),
    ];
    elements += layers.length * parts.reduce((sum, part) => sum + alignGroup(part), 0);
    elements += biasedLayers(config, group) * alignGroup(pad4(R));
  }
  return elements;
}
