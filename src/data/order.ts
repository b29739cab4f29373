/**
 * The order of training: which domain and which window each sequence of a run takes.
 *
 * Sequences are numbered through the run, q = (step − 1)·B + b. A domain's tokens are cut into
 * windows of S that do not overlap; the target of a window's last token is the next window's first.
 *
 * - Domains: q is in block floor(q / 1024). Each block has 1024·weight sequences of every domain
 *   (rounded to whole ones, at least one), in an order drawn from (seed, block): the j-th of the n
 *   of a domain stands at a random point of [j/n, (j + 1)/n), so that any stretch of a block
 *   comes close to the weights (stratified sampling).
 * - Windows: the n-th sequence of a domain takes the window at place n mod windows of epoch
 *   floor(n / windows), whose order is a shuffle drawn from (seed, domain's name, epoch): no
 *   window comes again before all have been seen.
 *
 * So q alone tells both, without walking through what came before.
 */
import { fnv1a, hashChain, uniform } from '../config/hash.ts';

/** Sequences over which the mix is exact. */
export const BLOCK = 1024;

/** First parts of the hash chains: what is drawn. */
const DRAW_DOMAINS = 1;
const DRAW_WINDOWS = 2;

/**
 * Sequences of each domain per block: largest remainders, at least one each.
 *
 * @param weights finite and above 0, at most `BLOCK` of them
 */
export function blockQuotas(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (weight / sum) * BLOCK);
  const quotas = exact.map((share) => Math.max(1, Math.floor(share)));
  let rest = BLOCK - quotas.reduce((a, b) => a + b, 0);
  const remainder = (i: number) => exact[i]! - quotas[i]!;
  const indices = weights.map((_, i) => i);
  for (; rest > 0; rest--) {
    const i = indices.reduce((best, j) => (remainder(j) > remainder(best) ? j : best));
    quotas[i]! += 1;
  }
  for (; rest < 0; rest++) {
    const i = indices.reduce((best, j) => (quotas[j]! > quotas[best]! ? j : best));
    quotas[i]! -= 1;
  }
  return quotas;
}

/** Fisher–Yates with the draws of a hash chain, in place. */
function shuffle(items: Uint32Array, seed: number, ...chain: readonly number[]): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor((hashChain(seed, ...chain, i) / 4294967296) * (i + 1));
    const item = items[i]!;
    items[i] = items[j]!;
    items[j] = item;
  }
}

export interface DomainPlan {
  name: string;
  /** Sequences per block. */
  quota: number;
  /** Windows in the domain's tokens, at least 1. */
  windows: number;
}

export interface Place {
  /** Index into the plan. */
  domain: number;
  /** 0 … windows − 1 */
  window: number;
}

export interface SequenceOrder {
  /** What sequence q (0 …) takes. */
  at(q: number): Place;
  /** Sequences of each domain among the first `count`. */
  drawn(count: number): number[];
}

/** The order of a run; keeps the block and the epochs last used. */
export function createSequenceOrder(seed: number, plan: readonly DomainPlan[]): SequenceOrder {
  let block: { index: number; places: { domain: number; earlier: number }[] } = {
    index: -1,
    places: [],
  };
  const epochs = plan.map(() => ({ index: -1, windows: new Uint32Array(0) }));

  function blockAt(index: number) {
    if (block.index === index) return block;
    const points = plan.flatMap(({ quota }, domain) =>
      Array.from({ length: quota }, (_, earlier) => ({
        domain,
        earlier,
        at: (earlier + uniform(seed, DRAW_DOMAINS, index, domain, earlier)) / quota,
      })),
    );
    block = { index, places: points.sort((a, b) => a.at - b.at || a.domain - b.domain) };
    return block;
  }

  function epochOf(domain: number, index: number): Uint32Array {
    const { name, windows } = plan[domain]!;
    const known = epochs[domain]!;
    if (known.index === index) return known.windows;
    const order = Uint32Array.from({ length: windows }, (_, i) => i);
    shuffle(order, seed, DRAW_WINDOWS, fnv1a(name), index);
    epochs[domain] = { index, windows: order };
    return order;
  }

  return {
    at(q) {
      const index = Math.floor(q / BLOCK);
      const { domain, earlier } = blockAt(index).places[q % BLOCK]!;
      const { quota, windows } = plan[domain]!;
      const n = index * quota + earlier;
      return { domain, window: epochOf(domain, Math.floor(n / windows))[n % windows]! };
    },
    drawn(count) {
      const index = Math.floor(count / BLOCK);
      const counts = plan.map(({ quota }) => index * quota);
      for (const { domain } of blockAt(index).places.slice(0, count % BLOCK)) {
        counts[domain]! += 1;
      }
      return counts;
    },
  };
}
