/** What the balancing lab's settings say of a layer (docs/balancing.md). */
import type { EngineConfig, Pool, RouterConfig, Selection } from './experiment.ts';
import { hashChain } from './hash.ts';
import { isMoeLayer, selectionWidth } from './layers.ts';

/** What of an experiment says how a layer selects. */
export type RoutedModel = {
  router: Pick<RouterConfig, 'selection' | 'hashLayers' | 'biasRule'>;
  model: Pick<EngineConfig['model'], 'arrangement'>;
};

/** Selections that a bias can take part in; `hash` in the layers after its hash layers. */
const BIASED: readonly Selection[] = ['topk', 'topp', 'randomDrop'];

/** Whether an experiment has any setting of the lab that kernels of its own compute. */
export function usesLab({ router, losses }: Pick<EngineConfig, 'router' | 'losses'>): boolean {
  const { score, routeScale, biasRule, selection, pool } = router;
  const isScored = score !== 'softmax' || routeScale !== 1 || biasRule !== null;
  const isChosen = selection === 'hash' || selection === 'expertChoice' || pool !== null;
  return isScored || isChosen || Boolean(losses.zloss) || Boolean(losses.balance);
}

/** How layer l selects: `topk` behind the last hash layer. */
export function layerSelection({ router, model }: RoutedModel, l: number): Selection {
  const { selection, hashLayers } = router;
  if (selection !== 'hash' || hashLayers === null) return selection;
  let before = 0;
  for (let i = 0; i < l; i++) if (isMoeLayer(model, i)) before++;
  return before < hashLayers ? 'hash' : 'topk';
}

/** Whether the MoE layer l has a selection bias. */
export function hasSelectionBias(settings: RoutedModel, l: number): boolean {
  return settings.router.biasRule !== null && BIASED.includes(layerSelection(settings, l));
}

/** Name of the selection bias of layer l, a state that its rule moves. */
export function selectionBiasName(l: number): string {
  return `layers.${l}.moe.router.selection_bias`;
}

/** Whether a name is that of a selection bias. */
export function isSelectionBias(name: string): boolean {
  return name.endsWith('.moe.router.selection_bias');
}

/** Whether a name is that of a parameter which `frozen` keeps as it is. */
export function isRouterParameter(name: string): boolean {
  return name.includes('.moe.router.') && !isSelectionBias(name);
}

/** Slots of every token id by rank [V, min(K, R)]: the first cards of a deck that is shuffled per id. */
export function hashTable(
  hashSeed: number,
  { l, R, K, V }: { l: number; R: number; K: number; V: number },
): Int32Array {
  const W = Math.min(K, R);
  const table = new Int32Array(V * W);
  for (let id = 0; id < V; id++) {
    const deck = Array.from({ length: R }, (_, r) => r);
    for (let k = 0; k < W; k++) {
      const j = k + (hashChain(hashSeed, l, id, k) % (R - k));
      [deck[k], deck[j]] = [deck[j] as number, deck[k] as number];
    }
    table.set(deck.slice(0, W), id * W);
  }
  return table;
}

/** Tokens that every slot takes under `expertChoice`, γ·T·K/R in double precision. */
export function expertChoicePlaces(
  { K, capacity }: Pick<RouterConfig, 'K' | 'capacity'>,
  T: number,
  R: number,
): number {
  return Math.min(T, Math.ceil(((capacity ?? 1) * T * K) / R));
}

/** Most assignments of T tokens in a layer of R slots. */
export function mostAssignments(router: RouterConfig, T: number, R: number): number {
  // Slots that choose tokens have so many each, whatever one token gets of them.
  if (router.selection === 'expertChoice') return R * expertChoicePlaces(router, T, R);
  return T * selectionWidth(router, R);
}

/** Slots in the pool of sequence j of layer l in a training step, at most R; steps count from 1. */
export function poolSize(
  pool: Pool,
  { seed, step, l, j, R }: { seed: number; step: number; l: number; j: number; R: number },
): number {
  if ('size' in pool) return Math.min(pool.size, R);
  const { min, max } = pool;
  return Math.min(min + (hashChain(seed, step, l, j, 1) % (max - min + 1)), R);
}
