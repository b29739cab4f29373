/** k. Vocabulary specialisation: which tokens are whose (docs/analysis.md). */
import { firstSlot } from './assignments.ts';
import { type FigureInputs, figureOf, real, whole } from './figure.ts';
import { mean } from './numbers.ts';

export interface VocabularyArgs {
  /** Whether tokens are told apart by their own id or by their target's. */
  by: 'input' | 'target';
  /** Fewest occurrences of an id. */
  minCount: number;
  /** Ids listed for each slot. */
  top: number;
}

/** Ids that occur often enough, ascending, with m_x. */
function frequentIds({ inspection }: FigureInputs, { by, minCount, top }: VocabularyArgs) {
  if (!(minCount >= 1)) throw new RangeError(`vocabulary: minCount ${minCount} is below 1`);
  if (!Number.isInteger(top) || top < 0)
    throw new RangeError(`vocabulary: top ${top} is no whole number from 0`);
  const idOf = by === 'input' ? inspection.tokens : inspection.targets;
  const occurrences = new Map<number, number>();
  for (const id of idOf) occurrences.set(id, (occurrences.get(id) ?? 0) + 1);
  const ids = [...occurrences.keys()]
    .filter((id) => occurrences.get(id)! >= minCount)
    .sort((a, b) => a - b);
  return { idOf, ids, occurrences: ids.map((id) => occurrences.get(id)!) };
}

export interface LayerVocabulary {
  R: number;
  U: number;
  top: number;
  ids: readonly number[];
  /** m_x [ids] */
  occurrences: readonly number[];
  /** n_xi [ids, R] */
  counts: Int32Array;
  /** Rank-0 tokens of every slot [R]. */
  firsts: Int32Array;
}

/** Slot of the largest n_xi of the x-th id, the lower of equal ones. */
function slotOf({ counts, R }: LayerVocabulary, x: number): number {
  let best = 0;
  for (let i = 1; i < R; i++) if (counts[x * R + i]! > counts[x * R + best]!) best = i;
  return counts[x * R + best]! > 0 ? best : -1;
}

function shares(of: LayerVocabulary): Float64Array {
  return Float64Array.from(of.ids, (_, x) => {
    const slot = slotOf(of, x);
    return slot < 0 ? Number.NaN : of.counts[x * of.R + slot]! / of.occurrences[x]!;
  });
}

/** Places among the ids, best first, of those that slot i is the first slot of; at most `top`. */
function listOf({ ids, occurrences: m, counts, R, top }: LayerVocabulary, i: number): number[] {
  const n = (x: number) => counts[x * R + i]!;
  return ids
    .flatMap((_, x) => (n(x) > 0 ? [x] : []))
    .sort((a, b) => n(b) * m[a]! - n(a) * m[b]! || n(b) - n(a) || a - b)
    .slice(0, top);
}

/** n_xi / m_x of the x-th id. */
function shareAt({ counts, occurrences, R }: LayerVocabulary, x: number, i: number): number {
  return counts[x * R + i]! / occurrences[x]!;
}

/** Of the ids that are listed for each slot [R, top]; undefined behind the last. */
function ofLists(of: LayerVocabulary, value: (x: number, i: number) => number) {
  const lists = Array.from({ length: of.R }, (_, i) => listOf(of, i));
  return real([of.R, of.top], (at) => {
    const i = Math.floor(at / of.top);
    const x = lists[i]![at % of.top];
    return x === undefined ? Number.NaN : value(x, i);
  });
}

const layerRows = {
  share: {
    label: 'Share of the first slot',
    formula: 'max_i n_xi / m_x',
    meaning: 'Part of an id’s occurrences that its commonest first slot takes.',
    source: 'OLMoE',
    format: 'percent',
    axes: ['id'],
    ideal: ({ R }: LayerVocabulary) => 1 / R,
    compute: (of: LayerVocabulary) => ({ shape: [of.ids.length], data: shares(of) }),
  },
  slots: {
    label: 'First slot',
    formula: 'argmax_i n_xi',
    meaning: 'The slot that most occurrences of an id go to first.',
    source: 'OLMoE',
    format: 'index',
    axes: ['id'],
    compute: (of: LayerVocabulary) =>
      whole(
        [of.ids.length],
        of.ids.map((_, x) => slotOf(of, x)),
      ),
  },
  mean: {
    label: 'Vocabulary specialisation',
    formula: 'mean over ids of max_i n_xi / m_x',
    meaning: 'How surely the id alone tells the first slot; 1/R where routing ignores it.',
    source: 'OLMoE',
    format: 'percent',
    ideal: ({ R }: Pick<LayerVocabulary, 'R'>) => 1 / R,
    compute: (of: LayerVocabulary) => mean(shares(of)),
  },
  bySlot: {
    label: 'Tokens of the slot',
    formula: 'ids by falling n_xi / m_x',
    meaning: 'Ids that go to the slot most surely.',
    source: 'OLMoE',
    format: 'index',
    axes: ['R', 'top'],
    compute: (of: LayerVocabulary) => {
      const data = new Int32Array(of.R * of.top).fill(-1);
      for (let i = 0; i < of.R; i++)
        data.set(
          listOf(of, i).map((x) => of.ids[x]!),
          i * of.top,
        );
      return whole([of.R, of.top], data);
    },
  },
  listShare: {
    label: 'Share of the id',
    formula: 'n_xi / m_x',
    meaning: 'Part of the id’s occurrences that go to the slot first.',
    source: 'OLMoE',
    format: 'percent',
    axes: ['R', 'top'],
    compute: (of: LayerVocabulary) => ofLists(of, (x, i) => shareAt(of, x, i)),
  },
  lift: {
    label: 'Lift of the id',
    formula: '(n_xi / m_x) / (rank-0 tokens of i / U)',
    meaning: 'How much likelier the slot is for this id than for any token.',
    source: 'OLMoE',
    format: 'ratio',
    axes: ['R', 'top'],
    ideal: () => 1,
    compute: (of: LayerVocabulary) =>
      ofLists(of, (x, i) => shareAt(of, x, i) / (of.firsts[i]! / of.U)),
  },
} as const;

const rows = {
  ids: {
    label: 'Ids',
    formula: 'x with m_x ≥ minCount',
    meaning: 'Token ids that occur often enough.',
    source: 'OLMoE',
    format: 'index',
    axes: ['id'],
    compute: ({ ids }: { ids: readonly number[] }) => whole([ids.length], ids),
  },
} as const;

export const vocabulary = figureOf<VocabularyArgs, LayerVocabulary, { ids: readonly number[] }>()({
  id: 'vocabulary',
  title: 'Vocabulary specialisation',
  ofLayer: (inputs, args, place) => {
    const { inspection } = inputs;
    const layer = inspection.layers[place]!;
    const { idOf, ids, occurrences } = frequentIds(inputs, args);
    const R = layer.kinds.length;
    const placeOf = new Map(ids.map((id, x) => [id, x]));
    const counts = new Int32Array(ids.length * R);
    const firsts = new Int32Array(R);
    idOf.forEach((id, u) => {
      const slot = firstSlot(layer, u);
      if (slot < 0) return;
      firsts[slot]!++;
      const x = placeOf.get(id);
      if (x !== undefined) counts[x * R + slot]!++;
    });
    const U = inspection.tokens.length;
    return { R, U, top: args.top, ids, occurrences, counts, firsts };
  },
  layerRows,
  over: (inputs, args) => ({ ids: frequentIds(inputs, args).ids }),
  rows,
});
