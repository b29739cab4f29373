/** p. Drops: who finds no place (docs/analysis.md). */
import { eachAssignment } from './assignments.ts';
import { type FigureTensor, figureOf, real, whole } from './figure.ts';
import { sum } from './numbers.ts';

/** Assignments and dropped ones among them, by group. */
interface Counted {
  all: Int32Array;
  dropped: Int32Array;
}

export interface LayerDrops {
  slot: Counted;
  position: Counted;
  sequence: Counted;
}

const counted = (length: number): Counted => ({
  all: new Int32Array(length),
  dropped: new Int32Array(length),
});
const droppedOf = ({ dropped }: Counted): FigureTensor => whole([dropped.length], dropped);
const rateOf = ({ all, dropped }: Counted): FigureTensor =>
  real([all.length], (i) => dropped[i]! / all[i]!);

const COUNT = { source: 'MoE++ 8', format: 'count', ideal: () => 0 } as const;
const RATE = { source: 'MoE++ 8', format: 'percent', ideal: () => 0 } as const;

const layerRows = {
  bySlot: {
    ...COUNT,
    label: 'Dropped by slot',
    formula: 'dᵢ',
    meaning: 'Assignments to the slot that found no place.',
    axes: ['R'],
    compute: ({ slot }: LayerDrops) => droppedOf(slot),
  },
  slotRate: {
    ...RATE,
    label: 'Drop rate of the slot',
    formula: 'dᵢ / cᵢ',
    meaning: 'Part of the slot’s assignments that found no place.',
    axes: ['R'],
    compute: ({ slot }: LayerDrops) => rateOf(slot),
  },
  byPosition: {
    ...COUNT,
    label: 'Dropped by position',
    formula: 'dropped assignments at position s',
    meaning: 'Places are given by token index, so later tokens lose more.',
    axes: ['S'],
    compute: ({ position }: LayerDrops) => droppedOf(position),
  },
  positionRate: {
    ...RATE,
    label: 'Drop rate of the position',
    formula: 'dropped / assignments at position s',
    meaning: 'Part of the assignments at a position that found no place.',
    axes: ['S'],
    compute: ({ position }: LayerDrops) => rateOf(position),
  },
  bySequence: {
    ...COUNT,
    label: 'Dropped by sequence',
    formula: 'dropped assignments of place b in the batch',
    meaning: 'Places are given by token index, so later sequences lose more.',
    axes: ['B'],
    compute: ({ sequence }: LayerDrops) => droppedOf(sequence),
  },
  sequenceRate: {
    ...RATE,
    label: 'Drop rate of the sequence',
    formula: 'dropped / assignments of place b in the batch',
    meaning: 'Part of the assignments of a place in the batch that found no place in a slot.',
    axes: ['B'],
    compute: ({ sequence }: LayerDrops) => rateOf(sequence),
  },
  dropped: {
    ...COUNT,
    label: 'Dropped',
    formula: 'Σ dᵢ',
    meaning: 'Assignments that found no place and add nothing to the output.',
    compute: ({ slot }: LayerDrops) => sum(slot.dropped),
  },
  rate: {
    ...RATE,
    label: 'Drop rate',
    formula: 'Σ dᵢ / A',
    meaning: 'Part of all assignments that capacity dropped.',
    compute: ({ slot }: LayerDrops) => sum(slot.dropped) / sum(slot.all),
  },
} as const;

export const drops = figureOf<object, LayerDrops, null>()({
  id: 'drops',
  title: 'Drops',
  ofLayer: ({ inspection }, _, place) => {
    const layer = inspection.layers[place]!;
    const { B, S } = inspection;
    const of = { slot: counted(layer.kinds.length), position: counted(S), sequence: counted(B) };
    eachAssignment(layer, (token, _rank, slot, at) => {
      const lost = layer.dropped[at]!;
      const groups = [
        [of.slot, slot],
        [of.position, token % S],
        [of.sequence, Math.floor(token / S) % B],
      ] as const;
      for (const [group, i] of groups) {
        group.all[i]!++;
        group.dropped[i]! += lost;
      }
    });
    return of;
  },
  layerRows,
  over: () => null,
  rows: {},
});
