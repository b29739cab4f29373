import type { InspectedLayer, Intervention } from '../../src/analysis/inspection.ts';
import { checkInterventions, refusedRank } from '../../src/analysis/interventions.ts';
import type { SlotKind } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import type { LayerSpace } from '../../src/config/telemetry.ts';
import type { Pass, PassRequest } from '../../src/train/engine/engine.ts';

/**
 * Plausible routing without a model: logits from a hash of the token, gates softmax; with capacity
 * an eighth is dropped.
 */
function fakeLayer(
  { layer, slots: R, kinds, hidden, ranks: W }: LayerSpace,
  tokens: Int32Array,
  K: number,
  capacity: boolean,
): InspectedLayer {
  const U = tokens.length;
  const order = (of: SlotKind) => kinds.flatMap((kind, r) => (kind === of ? [r] : []));
  const [ffn, negated] = [order('ffn'), order('negated')];
  const made: InspectedLayer = {
    layer,
    kinds,
    hidden,
    experts: kinds.map((_, r) => Math.max(ffn.indexOf(r), negated.indexOf(r))),
    W,
    logits: Float32Array.from({ length: U * R }, (_, i) => {
      return hashChain(11, layer, i % R, tokens[Math.floor(i / R)]!) / 2 ** 31 - 1;
    }),
    probs: new Float32Array(U * R),
    selected: new Int32Array(U * W).fill(-1),
    gates: new Float32Array(U * W),
    dropped: new Uint8Array(U * W),
    norms: new Float32Array(U * W),
  };
  for (let u = 0; u < U; u++) {
    const row = made.logits.subarray(u * R, (u + 1) * R);
    const sum = row.reduce((total, z) => total + Math.exp(z), 0);
    const order = Array.from(row.keys()).sort((a, b) => row[b]! - row[a]!);
    made.probs.set(
      row.map((z) => Math.exp(z) / sum),
      u * R,
    );
    for (let w = 0; w < Math.min(W, K); w++) {
      made.selected[u * W + w] = order[w]!;
      made.gates[u * W + w] = Math.exp(row[order[w]!]!) / sum;
      if (capacity && hashChain(14, layer, u, w) % 8 === 0) made.dropped[u * W + w] = 1;
      else made.norms[u * W + w] = made.gates[u * W + w]! * (1 + order[w]!);
    }
  }
  return made;
}

/** What interventions do to a layer of a fake pass: forced slots and scaled norms, nothing else. */
function changedLayer(made: InspectedLayer, items: readonly Intervention[]): InspectedLayer {
  const { W, selected, norms } = made;
  for (const item of items) {
    if (item.layer !== made.layer || !('token' in item)) continue;
    const from = item.token * W;
    const row = selected.subarray(from, from + W);
    if (item.type === 'force') {
      const k = row.filter((slot) => slot >= 0).length;
      if (item.rank >= k) throw refusedRank(items, item, k);
      const other = row.indexOf(item.slot);
      if (other >= 0) row[other] = row[item.rank]!;
      row[item.rank] = item.slot;
    } else if (row.includes(item.slot))
      norms[from + row.indexOf(item.slot)]! *= Math.abs(item.factor);
  }
  return made;
}

/** What interventions cost: a hundredth of a nat each, and a token that is named a tenth more. */
function changedLoss(ce: number, u: number, interventions: readonly Intervention[]): number {
  const named = interventions.filter((item) => 'token' in item && item.token === u).length;
  return ce + interventions.length / 100 + named / 10;
}

/** A pass without interventions; `changed`: the losses [U] and the routing with those of the request, where they are known. */
export interface RecordedPass extends Pass {
  changed: { ce: Float32Array; layers: readonly InspectedLayer[] | null } | null;
}
type Recorded = (
  spaces: readonly LayerSpace[],
  K: number,
  request: PassRequest,
) => RecordedPass | null;

let recorded: Recorded = () => null;

/** Has fake models answer with what was recorded of real ones, where there is something. */
export function answerFrom(source: Recorded): void {
  recorded = source;
}

/** A pass through a model that is not there: what was recorded of one that was, else plausible numbers. */
export function fakePass(spaces: readonly LayerSpace[], K: number, request: PassRequest): Pass {
  const { interventions } = request;
  const { changed, ...made } = recorded(spaces, K, request) ?? {
    ...plausiblePass(spaces, K, request),
    changed: null,
  };
  checkInterventions(interventions, spaces, made.ce.length);
  return {
    ...made,
    ce: changed?.ce ?? made.ce.map((ce, u) => changedLoss(ce, u, interventions)),
    layers: changed?.layers ?? made.layers.map((layer) => changedLayer(layer, interventions)),
  };
}

function plausiblePass(
  spaces: readonly LayerSpace[],
  K: number,
  { batches, S, capacity }: PassRequest,
): Pass {
  const all = (of: (batch: PassRequest['batches'][number]) => ArrayLike<number>) =>
    Int32Array.from(batches.flatMap((batch) => Array.from(of(batch))));
  const tokens = all((batch) => batch.tokens);
  const targets = all((batch) => batch.targets);
  return {
    n: batches.length,
    B: tokens.length / batches.length / S,
    S,
    tokens,
    targets,
    domains: all((batch) => batch.domains),
    ce: Float32Array.from(targets, (id, u) => 1 + (hashChain(12, id, tokens[u]!) % 4096) / 1024),
    layers: spaces.map((space) => fakeLayer(space, tokens, K, capacity)),
  };
}

/** Logits [U, V] of a model that is not there: every token is likely to come again. */
export function fakeLogits({ batches }: PassRequest, V: number): Float32Array {
  const tokens = batches.flatMap((batch) => [...batch.tokens]);
  return Float32Array.from({ length: tokens.length * V }, (_, i) => {
    const token = tokens[Math.floor(i / V)]!;
    return i % V === token ? 4 : (hashChain(13, token, i % V) % 1024) / 1024;
  });
}
