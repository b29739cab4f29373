import fc from 'fast-check';
import type { InspectedLayer, Inspection } from '../../../src/analysis/inspection.ts';
import type { Selection, SlotKind } from '../../../src/config/experiment.ts';
import { SLOT_KINDS } from '../../../src/config/slots.ts';

/** Inspections made by hand and drawn at random. */

export interface LayerGiven {
  layer?: number;
  kinds?: readonly SlotKind[];
  hidden?: readonly number[];
  experts?: readonly number[];
  W?: number;
  /** Slots of every token by rank. */
  slots: readonly (readonly number[])[];
  /** Of every token by rank: gates (1 unless given), 1 where dropped, norms. */
  gates?: readonly (readonly number[])[];
  dropped?: readonly (readonly number[])[];
  norms?: readonly (readonly number[])[];
  /** Of every token by slot; all alike unless given. */
  logits?: readonly (readonly number[])[];
  probs?: readonly (readonly number[])[];
  selection?: Selection;
  ranking?: readonly (readonly number[])[];
}

export interface Given {
  n?: number;
  B?: number;
  S?: number;
  tokens?: readonly number[];
  targets?: readonly number[];
  domains?: readonly number[];
  domainNames?: readonly string[];
  ce?: readonly number[];
  layers?: readonly LayerGiven[];
}

/** Lists made W wide. */
function wide(lists: readonly (readonly number[])[], W: number, fill: number): number[] {
  return lists.flatMap((list) => Array.from({ length: W }, (_, w) => list[w] ?? fill));
}

function layerOf(given: LayerGiven, place: number): InspectedLayer {
  const { slots } = given;
  const R = given.kinds?.length ?? 1 + Math.max(0, ...slots.flat());
  const kinds = given.kinds ?? Array.from({ length: R }, () => 'ffn' as const);
  const W = given.W ?? Math.max(0, ...slots.map((list) => list.length));
  const even = slots.map(() => Array.from({ length: R }, () => 1 / R));
  let next = 0;
  return {
    layer: given.layer ?? place,
    kinds,
    hidden: given.hidden ?? kinds.map((kind) => (kind === 'ffn' || kind === 'negated' ? 8 : 0)),
    experts: given.experts ?? kinds.map((kind) => (kind === 'ffn' ? next++ : -1)),
    selection: given.selection,
    W,
    ranking: given.ranking && Float32Array.from(given.ranking.flat()),
    logits: Float32Array.from((given.logits ?? slots.map(() => Array(R).fill(0))).flat()),
    probs: Float32Array.from((given.probs ?? even).flat()),
    selected: Int32Array.from(wide(slots, W, -1)),
    gates: Float32Array.from(wide(given.gates ?? slots.map((list) => list.map(() => 1)), W, 0)),
    dropped: Uint8Array.from(wide(given.dropped ?? slots.map(() => []), W, 0)),
    norms: Float32Array.from(wide(given.norms ?? slots.map(() => []), W, 0)),
  };
}

/** An inspection of one sequence, unless n, B and S say otherwise. */
export function inspectionOf(given: Given): Inspection {
  const U = given.tokens?.length ?? given.ce?.length ?? given.layers?.[0]?.slots.length ?? 0;
  const zeros = Array<number>(U).fill(0);
  const { n = 1, B = 1, S = U / (n * B), domainNames = ['prose'] } = given;
  return {
    n,
    B,
    S,
    tokens: Int32Array.from(given.tokens ?? zeros),
    targets: Int32Array.from(given.targets ?? zeros),
    domains: Int32Array.from(given.domains ?? zeros),
    domainNames,
    ce: Float32Array.from(given.ce ?? zeros),
    layers: (given.layers ?? []).map(layerOf),
  };
}

const unit = fc.integer({ min: 0, max: 1000 }).map((x) => x / 1000);

/** Kinds of slots with the expert of each: a negated slot needs an FFN expert before it. */
const space = fc
  .array(fc.nat(SLOT_KINDS.length - 1), { minLength: 1, maxLength: 7 })
  .map((draws) => {
    let ffn = 0;
    const slots = draws.map((draw, i) => {
      const kind = SLOT_KINDS[draw]!;
      const possible = kind === 'negated' && ffn === 0 ? 'ffn' : kind;
      if (possible === 'ffn') return { kind: possible, expert: ffn++ };
      return { kind: possible, expert: possible === 'negated' ? i % ffn : -1 };
    });
    return { kinds: slots.map(({ kind }) => kind), experts: slots.map(({ expert }) => expert) };
  });

/** Softmax of logits. */
function softmax(z: readonly number[]): number[] {
  const e = z.map((value) => Math.exp(value));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / total);
}

function layerArbitrary(U: number): fc.Arbitrary<LayerGiven> {
  return space.chain(({ kinds, experts }) => {
    const R = kinds.length;
    const token = fc.record({
      logits: fc.array(
        fc.integer({ min: -30, max: 30 }).map((x) => x / 10),
        {
          minLength: R,
          maxLength: R,
        },
      ),
      slots: fc.shuffledSubarray([...kinds.keys()], { minLength: 1, maxLength: Math.min(R, 4) }),
      gates: fc.array(unit, { minLength: 4, maxLength: 4 }),
      dropped: fc.array(fc.nat(1), { minLength: 4, maxLength: 4 }),
    });
    return fc.array(token, { minLength: U, maxLength: U }).map((tokens) => ({
      kinds,
      experts,
      hidden: experts.map((expert) => (expert < 0 ? 0 : 4 * (expert + 1))),
      slots: tokens.map(({ slots }) => slots),
      gates: tokens.map(({ slots, gates }) => gates.slice(0, slots.length)),
      dropped: tokens.map(({ slots, dropped }) => dropped.slice(0, slots.length)),
      norms: tokens.map(({ slots, gates, dropped }) =>
        slots.map((_, w) => gates[w]! * (1 - dropped[w]!)),
      ),
      logits: tokens.map(({ logits }) => logits),
      probs: tokens.map(({ logits }) => softmax(logits)),
    }));
  });
}

/** Any inspection whose tokens select a slot at least, with up to three MoE layers. */
export const inspections: fc.Arbitrary<Inspection> = fc
  .record({
    n: fc.integer({ min: 1, max: 3 }),
    B: fc.integer({ min: 1, max: 3 }),
    S: fc.integer({ min: 1, max: 6 }),
    M: fc.integer({ min: 1, max: 4 }),
    L: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ n, B, S, M, L }) => {
    const U = n * B * S;
    const list = (max: number) => fc.array(fc.nat(max), { minLength: U, maxLength: U });
    return fc
      .record({
        tokens: list(9),
        targets: list(9),
        domains: list(M - 1),
        ce: list(40).map((values) => values.map((x) => x / 8)),
        layers: fc.tuple(...Array.from({ length: L }, () => layerArbitrary(U))),
      })
      .map((given) => {
        const domainNames = Array.from({ length: M }, (_, d) => `domain ${d}`);
        return inspectionOf({ ...given, n, B, S, domainNames });
      });
  });
