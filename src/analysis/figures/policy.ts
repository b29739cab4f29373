/** o. The adaptive router's policy that follows from maximal routing weights (docs/analysis.md; LaDiMo 4.4). */
import {
  adaptivePolicy,
  layerPolicy,
  POLICY_KINDS,
  type PolicyThresholds,
  policyWidth,
} from '../../config/ladimo.ts';
import { figureOf, perInputs, whole } from './figure.ts';
import { highestProbability, probabilityHistogram, SCORE_BINS } from './scores.ts';

export interface PolicyArgs {
  /** Parts of the weights that count as uneven, and as even. */
  pu: number;
  pe: number;
}

/** Most slots that a policy gives a token. */
const MOST_SLOTS = 3;

const weightsIn = perInputs(({ inspection }) => inspection.layers.map(highestProbability));

/** The policy of the inspection's own weights, computed once for all layers; null without tokens. */
const policyIn = perInputs((inputs) => {
  let known: { args: PolicyArgs; table: PolicyThresholds } | null = null;
  return (args: PolicyArgs): PolicyThresholds | null => {
    const weights = weightsIn(inputs);
    if (weights.every(({ length }) => length === 0)) return null;
    if (known?.args.pu !== args.pu || known.args.pe !== args.pe)
      known = { args, table: adaptivePolicy(weights, args) };
    return known.table;
  };
});

export interface LayerPolicyOf {
  own: PolicyThresholds['layers'][number] | null;
  weights: Float64Array;
  R: number;
}

/** Tokens that get 1, 2 and 3 slots. */
function tokensOf({ own, weights, R }: LayerPolicyOf): Int32Array {
  const tokens = new Int32Array(MOST_SLOTS);
  if (own === null) return tokens;
  const policy = layerPolicy(own);
  for (const w of weights) tokens[Math.min(policyWidth(policy, w), R) - 1]!++;
  return tokens;
}

const LADIMO = { source: 'LaDiMo 4.4, Table 1, Fig. 10' } as const;
const TOKENS = {
  ...LADIMO,
  label: 'Tokens by slots',
  formula: '#{u : the policy gives u 1, 2, 3 slots}',
  meaning: 'Tokens that get one, two and three slots under the policy.',
  format: 'count',
  axes: ['computing'],
} as const;

const layerRows = {
  alpha: {
    ...LADIMO,
    label: 'α of the layer',
    formula: 'α_i: P_i(w ≥ α_i) = p_u',
    meaning: 'The weight that the surest tokens of the layer reach.',
    format: 'decimal',
    compute: ({ own }: LayerPolicyOf) => own?.alpha ?? Number.NaN,
  },
  beta: {
    ...LADIMO,
    label: 'β of the layer',
    formula: 'β_i: P_i(w ≤ β_i) = p_e',
    meaning: 'The weight that the least sure tokens of the layer stay below.',
    format: 'decimal',
    compute: ({ own }: LayerPolicyOf) => own?.beta ?? Number.NaN,
  },
  kind: {
    ...LADIMO,
    label: 'Policy',
    formula: 'top-1, top-2, top-3 or dynamic, by α_i > α and β_i < β',
    meaning: 'How many slots the layer gives a token.',
    format: 'index',
    compute: ({ own }: LayerPolicyOf) => (own === null ? -1 : POLICY_KINDS.indexOf(own.kind)),
  },
  tokens: {
    ...TOKENS,
    compute: (of: LayerPolicyOf) => whole([MOST_SLOTS], tokensOf(of)),
  },
} as const;

interface Policy {
  table: PolicyThresholds | null;
  layers: readonly LayerPolicyOf[];
}

/** Sums of lists [n] over the layers. */
function summed(
  layers: readonly LayerPolicyOf[],
  n: number,
  of: (layer: LayerPolicyOf) => Int32Array,
): Int32Array {
  const sums = new Int32Array(n);
  for (const layer of layers)
    of(layer).forEach((count, i) => {
      sums[i]! += count;
    });
  return sums;
}

const rows = {
  alpha: {
    ...LADIMO,
    label: 'α',
    formula: 'α: P(w ≥ α) = p_u',
    meaning: 'The same over all layers together.',
    format: 'decimal',
    compute: ({ table }: Policy) => table?.alpha ?? Number.NaN,
  },
  beta: {
    ...LADIMO,
    label: 'β',
    formula: 'β: P(w ≤ β) = p_e',
    meaning: 'The same over all layers together.',
    format: 'decimal',
    compute: ({ table }: Policy) => table?.beta ?? Number.NaN,
  },
  histogram: {
    ...LADIMO,
    label: 'Highest scores of all layers',
    formula: '#{(u, layer) : ⌊20·w⌋ = bin}',
    meaning: 'Highest scores of all layers together, in bins of 0.05.',
    format: 'count',
    axes: ['bin'],
    compute: ({ layers }: Policy) =>
      whole(
        [SCORE_BINS],
        summed(layers, SCORE_BINS, ({ weights }) => probabilityHistogram(weights)),
      ),
  },
  tokens: {
    ...TOKENS,
    compute: ({ layers }: Policy) => whole([MOST_SLOTS], summed(layers, MOST_SLOTS, tokensOf)),
  },
  slotsMean: {
    ...LADIMO,
    label: 'Slots per token',
    formula: 'mean number of slots over tokens and layers',
    meaning: 'Slots that a token gets in a layer under the policy, on average.',
    format: 'decimal',
    compute: ({ layers }: Policy) => {
      const tokens = summed(layers, MOST_SLOTS, tokensOf);
      const [slots, number] = tokens.reduce(
        ([k, n], count, i) => [k + count * (i + 1), n + count],
        [0, 0],
      );
      return slots / number;
    },
  },
} as const;

export const policy = figureOf<PolicyArgs, LayerPolicyOf, Policy>()({
  id: 'policy',
  title: 'Policy of the adaptive router',
  ofLayer: (inputs, args, place) => ({
    own: policyIn(inputs)(args)?.layers[place] ?? null,
    weights: weightsIn(inputs)[place]!,
    R: inputs.inspection.layers[place]!.kinds.length,
  }),
  layerRows,
  over: (inputs, args, layers) => ({ table: policyIn(inputs)(args), layers }),
  rows,
});
