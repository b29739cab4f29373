/** h. Flow of tokens from a MoE layer to the next one (docs/analysis.md). */
import { firstSlot, hasRanks } from './assignments.ts';
import { figureOf, whole } from './figure.ts';

export interface LayerFlow {
  R: number;
  next: number;
  counts: Int32Array;
}

const layerRows = {
  counts: {
    label: 'Flow',
    formula: '#{u : rank-0 slot is i here and j in the next MoE layer}',
    meaning: 'Tokens by their first slots in this MoE layer and in the next.',
    source: 'own',
    format: 'count',
    axes: ['R', 'next'],
    compute: ({ R, next, counts }: LayerFlow) => whole([R, next], counts),
  },
} as const;

export const flow = figureOf<object, LayerFlow, null>()({
  id: 'flow',
  title: 'Flow between layers',
  ofLayer: ({ inspection }, _, place) => {
    const here = inspection.layers[place]!;
    const there = inspection.layers[place + 1];
    if (there === undefined || !hasRanks(here) || !hasRanks(there)) return null;
    const [R, next] = [here.kinds.length, there.kinds.length];
    const counts = new Int32Array(R * next);
    inspection.tokens.forEach((_token, u) => {
      const [i, j] = [firstSlot(here, u), firstSlot(there, u)];
      if (i >= 0 && j >= 0) counts[i * next + j]!++;
    });
    return { R, next, counts };
  },
  layerRows,
  over: () => null,
  rows: {},
});
