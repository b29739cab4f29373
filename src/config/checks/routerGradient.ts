/**
 * Where the routers of an experiment get their gradient from, as far as settings alone tell
 * (docs/model.md, "3. Gate weights g" and "Losses").
 */
import { AUX_TERM_ROWS, AUX_TERMS, type AuxTerm } from '../auxTerms.ts';
import { layerSelection } from '../balancing.ts';
import type { EngineConfig, ModelConfig, Slot } from '../experiment.ts';
import { isMoeLayer, selectionWidth, slotsOfLayer } from '../layers.ts';

/** What of an experiment the routers' gradients depend on. */
export type RoutingSettings = Pick<EngineConfig, 'router' | 'experts' | 'losses'> & {
  model: Pick<ModelConfig, 'L' | 'arrangement'>;
};

export interface RouterGradient {
  layer: number;
  /** Why the layer's own weights g carry no gradient of the cross-entropy; null where they do. */
  cause: string | null;
  /** Whether one of the cross-entropy reaches the router, also through a later layer's gating residual. */
  task: boolean;
  /** The same of the auxiliary losses. */
  auxiliary: boolean;
}

interface LayerRouting {
  slots: readonly Slot[];
  /** Most slots that a token selects, and which setting says so where it is one by rule. */
  width: number;
  because: string;
  /** Whether every token selects every slot by rule. */
  selectsAll: boolean;
}

const isZero = ({ kind }: Slot): boolean => kind === 'zero';

/** The setting by which every token selects one slot; the largest p is 1/R or more. */
function onlyOne(router: EngineConfig['router'], l: number, R: number): string | null {
  const { selection, K, P, q, policy } = router;
  switch (selection) {
    case 'topk':
    case 'hash':
      return K === 1 ? 'K = 1' : null;
    case 'topp':
      return P !== null && P * R <= 1 ? `P = ${P}, no more than 1/R` : null;
    case 'expertChoice':
      return null;
    case 'randomDrop':
      return q !== null && q >= 1 ? `q = ${q}` : null;
    case 'adaptive': {
      const own = policy?.[l];
      if (own?.kind === 'top-1') return 'top-1';
      return own?.kind === 'dynamic' && own.alpha * R <= 1
        ? `α = ${own.alpha}, no more than 1/R`
        : null;
    }
  }
}

/** Fewest slots that a token of a layer of R slots selects, as far as settings say. */
function fewest({ selection, K, q, policy }: EngineConfig['router'], l: number, R: number): number {
  if (selection === 'topk' || selection === 'hash') return Math.min(K, R);
  if (selection === 'randomDrop') return q === 0 ? Math.min(2, R) : 1;
  const own = selection === 'adaptive' ? policy?.[l] : null;
  const widths = { 'top-1': 1, 'top-2': 2, 'top-3': 3, dynamic: 1 };
  return own ? Math.min(widths[own.kind], R) : 1;
}

function layerRouting({ router, experts }: RoutingSettings, l: number): LayerRouting {
  const slots = slotsOfLayer(experts, l);
  const because = onlyOne(router, l, slots.length);
  const width = because === null ? selectionWidth(router, slots.length) : 1;
  const selectsAll = fewest(router, l, slots.length) === slots.length;
  return { slots, width, because: because ?? '', selectsAll };
}

/** Why dLoss/dz of the layer's own routing is 0 whatever its logits are, or null. */
function constantWeights(
  { gate, score, frozen }: EngineConfig['router'],
  { slots, width, because }: LayerRouting,
): string | null {
  if (frozen) return 'the router is frozen';
  if (gate === 'uniform') return 'uniform routing weights do not depend on the logits';
  if (slots.every(isZero)) return 'every slot is a zero expert, so the output does not depend on g';
  // A score that is no share of all scores weighs one slot too.
  if (gate === 'softmax' && score !== 'softmax') return null;
  if (slots.length === 1) return 'with one slot g is always 1';
  const others = slots.filter((slot) => !isZero(slot)).length;
  if (gate === 'softmax') return null;
  if (gate === 'renormalizedWithoutZero' && others === 1)
    return 'with one slot that is not a zero expert g is always 1 or 0';
  if (gate === 'renormalizedWithNull' && others < slots.length) return null;
  return width > 1
    ? null
    : `with one slot per token (${because}) and renormalised routing weights g is always 1`;
}

/** Whether a term has a gradient for the layer's p or g. */
function hasAuxiliary(settings: RoutingSettings, l: number, routing: LayerRouting): boolean {
  const { gate, tau, frozen } = settings.router;
  if (frozen) return false;
  if (weightOf(settings.losses, 'zloss') > 0) return true;
  if (layerSelection(settings, l) === 'hash') return false;
  const { slots, width, selectsAll } = routing;
  if (slots.length === 1) return false;
  const count = (kind: Slot['kind']) => slots.filter((slot) => slot.kind === kind).length;
  const computing = count('ffn') + count('negated');
  const zeros = count('zero');
  // f is 1 for every slot where all are selected, and Σ p is 1 whatever the router says.
  const isEven = selectsAll && (computing === 0 || computing === slots.length || tau === 1);
  const weighsSome = computing > 0 || tau > 0;
  // The g of null slots sum to 1 where nothing else can take part, and are 0 without the zero experts.
  const onlyNulls = zeros === slots.length && (gate !== 'softmax' || selectsAll);
  const sharesNull = gate === 'renormalized' ? width > 1 : gate !== 'renormalizedWithoutZero';
  const terms: Record<AuxTerm, boolean> = {
    switch: true,
    heterogeneous: weighsSome && !isEven,
    ternary: count('ffn') > 1,
    reward: zeros > 0 && !onlyNulls && sharesNull,
    dynamic: true,
    zloss: true,
    balance: !selectsAll,
  };
  return AUX_TERMS.some((term) => terms[term] && weightOf(settings.losses, term) > 0);
}

/** A term's one weight, 0 where it is off. */
function weightOf(losses: EngineConfig['losses'], term: AuxTerm): number {
  const { weight } = AUX_TERM_ROWS.find(({ name }) => name === term)!;
  const values: { readonly [key: string]: unknown } = losses[term] ?? {};
  return Number(values[weight] ?? 0);
}

/** Of every MoE layer, rising. With gating residuals a router also serves those of later layers. */
export function routerGradients(settings: RoutingSettings): RouterGradient[] {
  const { model, router } = settings;
  const layers = Array.from({ length: model.L }, (_, l) => l).filter((l) => isMoeLayer(model, l));
  const found: RouterGradient[] = [];
  let next = { task: false, auxiliary: false };
  for (const layer of layers.reverse()) {
    const routing = layerRouting(settings, layer);
    const cause = constantWeights(router, routing);
    const later = router.gatingResidual ? next : { task: false, auxiliary: false };
    next = {
      task: cause === null || later.task,
      auxiliary: hasAuxiliary(settings, layer, routing) || later.auxiliary,
    };
    found.unshift({ layer, cause, ...next });
  }
  return found;
}
