import { layerSelection } from '../config/balancing.ts';
import type { EngineConfig } from '../config/experiment.ts';
import type { Trace } from '../reference/model.ts';
import type { MoeLayerSaved } from '../reference/moeLayer.ts';
import { preferences } from '../reference/pools.ts';
import { rankSlots } from '../reference/routerTopk.ts';
import { logScore, logSumExp } from '../reference/scores.ts';

/**
 * Smallest distance to another selection in one forward pass: the gap in z, or in s + b, between
 * neighbouring ranks up to the first one not selected; for `topp` also the distance of the prefix sums from
 * P; for a dynamic policy also that of w_m from its thresholds; with pools the gap of the preferences at
 * their edges, with counts without the bias also the gaps in z; for `expertChoice` per slot the gap in log s
 * at its last token. Infinite when there is no choice.
 */
export function selectionMargin(trace: Trace, config: EngineConfig): number {
  let margin = Number.POSITIVE_INFINITY;
  for (const { ffn } of trace.layers) {
    if (ffn.kind !== 'moe') continue;
    for (const distance of layerDistances(ffn.saved, config))
      margin = Math.min(margin, Math.abs(distance));
  }
  return margin;
}

/** Slots of every token that are left by its pool. */
function leftOf({ pool_BR, slots }: MoeLayerSaved, t: number, S: number): number[] {
  const R = slots.length;
  const all = Array.from({ length: R }, (_, r) => r);
  return pool_BR ? all.filter((r) => pool_BR[Math.floor(t / S) * R + r] === 1) : all;
}

function* layerDistances(saved: MoeLayerSaved, config: EngineConfig): Generator<number> {
  const { losses } = config;
  const selection = layerSelection(config, saved.l);
  if (selection === 'expertChoice') yield* choiceDistances(saved, config);
  else if (selection !== 'hash') yield* rankDistances(saved, config);
  if (saved.pool_BR) yield* poolDistances(saved, config);
  const isCounted = losses.balance?.counts === 'unbiased' && selection !== 'hash';
  if (isCounted && saved.bias_R !== null) yield* unbiasedDistances(saved, config);
}

/** Gaps between the values of neighbouring ranks, the last selected and the first not included. */
function* gaps(values: readonly number[], count: number): Generator<number> {
  for (let rank = 0; rank < count && rank + 1 < values.length; rank++)
    yield values[rank]! - values[rank + 1]!;
}

function* rankDistances(saved: MoeLayerSaved, config: EngineConfig): Generator<number> {
  const { l, slots, z_TR, routing, bias_R } = saved;
  const { router, batch } = config;
  const R = slots.length;
  const { W, selected_TW, p_TR, s_TR } = routing;
  const policy = router.selection === 'adaptive' ? router.policy?.[l] : null;
  for (let t = 0; t < z_TR.length / R; t++) {
    const v = (r: number) => (bias_R ? s_TR[t * R + r]! + bias_R[r]! : z_TR[t * R + r]!);
    const v_R = Float64Array.from({ length: R }, (_, r) => v(r));
    const left = new Set(leftOf(saved, t, batch.S));
    const ranked = rankSlots(v_R).filter((r) => left.has(r));
    const p = (rank: number) => p_TR[t * R + ranked[rank]!]!;
    // a random drop takes rank 1 after it was chosen
    const chosen = selected_TW.subarray(t * W, (t + 1) * W).filter((slot) => slot >= 0).length;
    const count = router.selection === 'randomDrop' ? Math.min(2, R) : chosen;
    yield* gaps(
      ranked.map((r) => v_R[r]!),
      count,
    );
    let mass = 0;
    for (let rank = 0; rank < count; rank++) {
      mass += p(rank);
      if (router.selection === 'topp' && router.P !== null) yield mass - router.P;
    }
    if (policy?.kind === 'dynamic') {
      yield p(0) - policy.alpha;
      yield p(0) - policy.beta;
    }
  }
}

function* unbiasedDistances(saved: MoeLayerSaved, { router, batch }: EngineConfig) {
  const R = saved.slots.length;
  for (let t = 0; t < saved.z_TR.length / R; t++) {
    const z = leftOf(saved, t, batch.S).map((r) => saved.z_TR[t * R + r]!);
    yield* gaps(
      z.sort((a, b) => b - a),
      router.K,
    );
  }
}

function* poolDistances({ z_TR, slots, pool_BR }: MoeLayerSaved, { batch }: EngineConfig) {
  const R = slots.length;
  const all = preferences(z_TR, { T: z_TR.length / R, R, S: batch.S });
  for (const [j, mean_R] of all.entries()) {
    const isIn = (r: number) => pool_BR?.[j * R + r] === 1;
    const inside = [...mean_R].filter((_, r) => isIn(r));
    const outside = [...mean_R].filter((_, r) => !isIn(r));
    if (outside.length > 0) yield Math.min(...inside) - Math.max(...outside);
  }
}

function* choiceDistances({ z_TR, slots, routing }: MoeLayerSaved, { router }: EngineConfig) {
  const R = slots.length;
  const T = z_TR.length / R;
  const { W, selected_TW } = routing;
  for (let r = 0; r < R; r++) {
    const l = (t: number) => {
      const z_R = z_TR.subarray(t * R, (t + 1) * R);
      const own = logScore(router.score, z_R[r]!);
      return router.score === 'softmax' ? own - logSumExp(z_R, () => true) : own;
    };
    const tokens = Array.from({ length: T }, (_, t) => t);
    const took = (t: number) => selected_TW.subarray(t * W, (t + 1) * W).includes(r);
    const outside = tokens.filter((t) => !took(t)).map(l);
    if (outside.length > 0) yield Math.min(...tokens.filter(took).map(l)) - Math.max(...outside);
  }
}
