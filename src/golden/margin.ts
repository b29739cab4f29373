import type { EngineConfig } from '../config/experiment.ts';
import type { Trace } from '../reference/model.ts';
import type { MoeLayerSaved } from '../reference/moeLayer.ts';
import { rankSlots } from '../reference/routerTopk.ts';

/**
 * Smallest distance to another selection in one forward pass: the gap in z between neighbouring
 * ranks up to the first one not selected; for `topp` also the distance of the prefix sums from P;
 * for a dynamic policy also that of w_m from its thresholds. Infinite when there is no choice.
 */
export function selectionMargin(trace: Trace, config: EngineConfig): number {
  let margin = Number.POSITIVE_INFINITY;
  for (const { ffn } of trace.layers) {
    if (ffn.kind === 'moe') margin = Math.min(margin, layerMargin(ffn.saved, config));
  }
  return margin;
}

function layerMargin({ l, slots, z_TR, routing }: MoeLayerSaved, { router }: EngineConfig): number {
  const R = slots.length;
  const T = z_TR.length / R;
  const { W, selected_TW, p_TR } = routing;
  const policy = router.selection === 'adaptive' ? router.policy?.[l] : null;
  let margin = Number.POSITIVE_INFINITY;
  const consider = (distance: number) => {
    margin = Math.min(margin, Math.abs(distance));
  };
  for (let t = 0; t < T; t++) {
    const ranked = rankSlots(z_TR.subarray(t * R, (t + 1) * R));
    const z = (rank: number) => z_TR[t * R + ranked[rank]!]!;
    const p = (rank: number) => p_TR[t * R + ranked[rank]!]!;
    // a random drop takes rank 1 after it was chosen
    const chosen = selected_TW.subarray(t * W, (t + 1) * W).filter((slot) => slot >= 0).length;
    const count = router.selection === 'randomDrop' ? Math.min(2, R) : chosen;
    let mass = 0;
    for (let rank = 0; rank < count; rank++) {
      if (rank + 1 < R) consider(z(rank) - z(rank + 1));
      mass += p(rank);
      if (router.selection === 'topp' && router.P !== null) consider(mass - router.P);
    }
    if (policy?.kind === 'dynamic') {
      consider(p(0) - policy.alpha);
      consider(p(0) - policy.beta);
    }
  }
  return margin;
}
