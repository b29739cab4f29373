/** r. Tokens: the path of each one, as the text viewer shows it (docs/analysis.md). */
import type { InspectedLayer } from '../inspection.ts';
import { type Work, workOf } from './assignments.ts';
import { figureOf, whole } from './figure.ts';

interface LayerTokens extends Work {
  layer: InspectedLayer;
  U: number;
}

const layerRows = {
  selected: {
    label: 'Slots by rank',
    formula: '𝓔(u)',
    meaning: 'The slots that the token chooses, by rank; −1 beyond its last.',
    source: 'own',
    format: 'index',
    axes: ['U', 'W'],
    compute: ({ layer, U }: LayerTokens) => whole([U, layer.W], layer.selected),
  },
  gates: {
    label: 'Routing weights',
    formula: 'g',
    meaning: 'What the slot’s output is multiplied by, before capacity.',
    source: 'own',
    format: 'decimal',
    axes: ['U', 'W'],
    compute: ({ layer, U }: LayerTokens) => ({
      shape: [U, layer.W],
      data: Float64Array.from(layer.gates),
    }),
  },
  dropped: {
    label: 'Dropped',
    formula: '1 where capacity dropped the assignment',
    meaning: 'Whether the token found no place in the slot.',
    source: 'own',
    format: 'count',
    axes: ['U', 'W'],
    compute: ({ layer, U }: LayerTokens) => whole([U, layer.W], layer.dropped),
  },
  norms: {
    label: 'Norms',
    formula: '‖g·E(m)‖₂',
    meaning: 'Size of what the slot adds to the token; 0 where it was dropped.',
    source: 'own',
    format: 'decimal',
    axes: ['U', 'W'],
    compute: ({ layer, U }: LayerTokens) => ({
      shape: [U, layer.W],
      data: Float64Array.from(layer.norms),
    }),
  },
  width: {
    label: 'Width',
    formula: 'Σ h over kept assignments',
    meaning: 'Hidden units that the token runs through.',
    source: 'own',
    format: 'units',
    axes: ['U'],
    compute: ({ width, U }: LayerTokens) => whole([U], width),
  },
  computing: {
    label: 'Computing experts',
    formula: 'κ_u',
    meaning: 'Slots that compute for the token.',
    source: 'own',
    format: 'count',
    axes: ['U'],
    compute: ({ computing, U }: LayerTokens) => whole([U], computing),
  },
} as const;

const rows = {
  ce: {
    label: 'Loss',
    formula: 'ce_u',
    meaning: 'The token’s own next-token loss.',
    source: 'own',
    format: 'nats',
    axes: ['U'],
    compute: (ce: Float32Array) => ({ shape: [ce.length], data: Float64Array.from(ce) }),
  },
} as const;

export const tokens = figureOf<object, LayerTokens, Float32Array>()({
  id: 'tokens',
  title: 'Tokens',
  dense: true,
  ofLayer: ({ inspection }, _, place) => {
    const layer = inspection.layers[place]!;
    return { ...workOf(layer, inspection), layer, U: inspection.tokens.length };
  },
  layerRows,
  over: ({ inspection }) => inspection.ce,
  rows,
});
