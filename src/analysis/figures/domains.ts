/** d. Domains: which text goes where (docs/analysis.md). */
import { SLOT_KINDS } from '../../config/slots.ts';
import { byKind, countsBy } from './assignments.ts';
import { type FigureTensor, figureOf, real, whole } from './figure.ts';
import { evenPart, liftOf, specialisationOf } from './groups.ts';
import { margins, meansBy, membersOf, mutualInformation } from './numbers.ts';

const K = SLOT_KINDS.length;

export interface LayerDomains {
  M: number;
  R: number;
  /** Tokens by domain [M]. */
  tokens: Int32Array;
  /** n_di [M, R], its sums by domain [M], and by kind [M, 5]. */
  counts: Int32Array;
  byDomain: Float64Array;
  byKind: Int32Array;
  information: { nats: number; bound: number };
}

const countsOf = ({ M, R, counts }: LayerDomains) => whole([M, R], counts);

/** What mutual information is at most, of `counts` [M, R]: min(H(n_d), H(n_i)), in nats. */
export function informationBound({ shape: [M = 0, R = 0], data }: FigureTensor): number {
  return mutualInformation(data, M, R).bound;
}

const layerRows = {
  counts: {
    label: 'Assignments by domain',
    formula: 'n_di',
    meaning: 'Assignments of the tokens of a domain to each slot.',
    source: 'MoE++ Fig. 4, TC-MoE Fig. 10',
    format: 'count',
    axes: ['M', 'R'],
    compute: countsOf,
  },
  mutualInformation: {
    label: 'Information on the domain',
    formula: 'Σ n_di/A · ln(n_di·A / (n_d·n_i))',
    meaning: 'What the slot tells about the domain of a token; 0 where routing is blind to it.',
    source: 'own',
    format: 'nats',
    ideal: () => 0,
    compute: ({ information }: LayerDomains) => information.nats,
  },
  normalised: {
    label: 'Information, normalised',
    formula: 'mutual information / min(H(n_d), H(n_i))',
    meaning: 'The same as a part of what it could be.',
    source: 'own',
    format: 'percent',
    compute: ({ information: { nats, bound } }: LayerDomains) =>
      bound > 0 ? nats / bound : Number.NaN,
  },
  specialisation: {
    label: 'Specialisation',
    formula: '#{u of d : i ∈ 𝓔(u)} / #{u of d}',
    meaning: 'Part of a domain’s tokens that choose the slot.',
    source: 'OLMoE, domain specialisation',
    format: 'percent',
    axes: ['M', 'R'],
    ideal: (of: LayerDomains) => evenPart(countsOf(of), of.tokens),
    compute: (of: LayerDomains) => specialisationOf(countsOf(of), of.tokens),
  },
  lift: {
    label: 'Lift',
    formula: 'specialisation / (A / (U·R))',
    meaning: 'Specialisation relative to a router that spreads evenly.',
    source: 'OLMoE',
    format: 'ratio',
    axes: ['M', 'R'],
    ideal: () => 1,
    compute: (of: LayerDomains) => liftOf(countsOf(of), of.tokens),
  },
  kindRatio: {
    label: 'Share of the kind by domain',
    formula: 'assignments of d to the kind / assignments of d',
    meaning: 'Part of a domain’s assignments that goes to slots of a kind.',
    source: 'TC-MoE Fig. 10',
    format: 'percent',
    axes: ['M', 'K'],
    compute: (of: LayerDomains) =>
      real([of.M, K], (i) => of.byKind[i]! / of.byDomain[Math.floor(i / K)]!),
  },
  kindPerToken: {
    label: 'Slots of the kind per token by domain',
    formula: 'assignments of d to the kind / tokens of d',
    meaning: 'Slots of a kind that a token of the domain chooses, on average.',
    source: 'MoE++ Fig. 4',
    format: 'decimal',
    axes: ['M', 'K'],
    compute: (of: LayerDomains) =>
      real([of.M, K], (i) => of.byKind[i]! / of.tokens[Math.floor(i / K)]!),
  },
} as const;

interface Domains {
  tokens: Int32Array;
  ce: Float64Array;
}

const rows = {
  tokens: {
    label: 'Tokens',
    formula: '#{u of d}',
    meaning: 'Tokens of the domain.',
    source: 'own',
    format: 'count',
    axes: ['M'],
    compute: ({ tokens }: Domains) => whole([tokens.length], tokens),
  },
  ce: {
    label: 'Loss',
    formula: 'mean of ce_u over the tokens of d',
    meaning: 'Mean next-token loss of the domain’s tokens.',
    source: 'own',
    format: 'nats',
    axes: ['M'],
    compute: ({ ce }: Domains) => ({ shape: [ce.length], data: ce }),
  },
} as const;

export const domains = figureOf<object, LayerDomains, Domains>()({
  id: 'domains',
  title: 'Domains',
  dense: true,
  ofLayer: ({ inspection }, _, place) => {
    const layer = inspection.layers[place]!;
    const [M, R] = [inspection.domainNames.length, layer.kinds.length];
    const counts = countsBy(layer, inspection.domains, M);
    return {
      M,
      R,
      tokens: membersOf(inspection.domains, M),
      counts,
      byDomain: margins(counts, M, R).byRow,
      byKind: byKind(counts, layer),
      information: mutualInformation(counts, M, R),
    };
  },
  layerRows,
  over: ({ inspection: { domains: of, domainNames, ce } }) => ({
    tokens: membersOf(of, domainNames.length),
    ce: meansBy(ce, of, domainNames.length),
  }),
  rows,
});
