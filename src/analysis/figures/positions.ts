/** Means of `tokens` (r) by position in the sequence; drops by position are those of p (docs/analysis.md). */
import { computingByToken, workOf } from './assignments.ts';
import { figureOf } from './figure.ts';
import { meansBy } from './numbers.ts';

/** What is known of tokens, sequence by sequence of S. */
interface ByPosition {
  S: number;
  values: ArrayLike<number>;
}

/** Mean over the tokens at each position s = u mod S [S]. */
function meansByPosition({ S, values }: ByPosition) {
  const position = Int32Array.from(values, (_, u) => u % S);
  return { shape: [S], data: meansBy(values, position, S) };
}

const COMPUTING = {
  label: 'Computing experts by position',
  formula: 'mean of κ_u over the tokens with u mod S = s',
  meaning: 'Slots that compute for a token at a position, on average.',
  source: 'own',
  format: 'decimal',
  axes: ['S'],
} as const;

const layerRows = {
  computing: { ...COMPUTING, compute: meansByPosition },
} as const;

interface Positions {
  loss: ByPosition;
  computing: ByPosition;
}

const rows = {
  ce: {
    label: 'Loss by position',
    formula: 'mean of ce_u over the tokens with u mod S = s',
    meaning: 'Mean next-token loss at a position: later ones see more of the text.',
    source: 'own',
    format: 'nats',
    axes: ['S'],
    compute: ({ loss }: Positions) => meansByPosition(loss),
  },
  computing: {
    ...COMPUTING,
    compute: ({ computing }: Positions) => meansByPosition(computing),
  },
} as const;

export const positions = figureOf<object, ByPosition, Positions>()({
  id: 'positions',
  title: 'Positions',
  dense: true,
  ofLayer: ({ inspection }, _, place) => {
    const { computing } = workOf(inspection.layers[place]!, inspection);
    return { S: inspection.S, values: computing };
  },
  layerRows,
  over: ({ inspection }) => {
    const { S, ce, layers } = inspection;
    const works = layers.map((layer) => workOf(layer, inspection));
    const computing = computingByToken(inspection, works);
    return { loss: { S, values: ce }, computing: { S, values: computing } };
  },
  rows,
});
