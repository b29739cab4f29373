import type { Tokens } from './streams.ts';

/**
 * Entropy of the unigram distribution of a mix, H = −Σ_v p(v)·ln p(v) with
 * p(v) = Σ_d share_d · count_d(v) / n_d over the targets of the windows in use.
 *
 * @param streams tokens of a domain, its number of targets n_d (tokens 1 … n_d of the stream), and
 *   its share of the sequences (shares sum to 1)
 * @returns nats per token
 */
export function unigramEntropy(
  streams: readonly { tokens: Tokens; targets: number; share: number }[],
  vocabulary: number,
): number {
  const probability = new Float64Array(vocabulary);
  const counts = new Float64Array(vocabulary);
  for (const { tokens, targets, share } of streams) {
    counts.fill(0);
    for (let i = 1; i <= targets; i++) counts[tokens[i]!]! += 1;
    for (let v = 0; v < vocabulary; v++) probability[v]! += (share * counts[v]!) / targets;
  }
  return probability.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}
