/** n. What if: losses with interventions less those without (docs/analysis.md). */
import type { Intervention } from '../inspection.ts';
import { type FigureInputs, figureOf } from './figure.ts';
import { mean, meansBy } from './numbers.ts';

export interface InterventionsArgs {
  /** What acts together in one pass. */
  items: readonly Intervention[];
  /** A token that is asked about. */
  of?: number;
}

export interface Changes {
  /** ce with − ce without [U]. */
  delta: Float64Array;
  domains: Int32Array;
  M: number;
  S: number;
  of: number | undefined;
}

function changesOf({ inspection, losses }: FigureInputs, { of }: InterventionsArgs): Changes {
  const { ce, domains, domainNames, S } = inspection;
  const [changed] = losses ?? [];
  if (changed === undefined) throw new Error('interventions: the losses of the pass are needed');
  if (of !== undefined && !(Number.isInteger(of) && of >= 0 && of < ce.length))
    throw new RangeError(`interventions: token ${of} is not in 0 … ${ce.length - 1}`);
  const delta = Float64Array.from(ce, (loss, u) => changed[u]! - loss);
  return { delta, domains, M: domainNames.length, S, of };
}

/** Mean change over tokens of the sequence of `of`, from one on; undefined without it. */
function meanFrom({ delta, S, of }: Changes, from: (of: number, start: number) => number): number {
  if (of === undefined) return Number.NaN;
  const start = of - (of % S);
  return mean(delta.subarray(from(of, start), start + S));
}

const OWN = { source: 'own', format: 'nats', ideal: () => 0 } as const;

const rows = {
  delta: {
    ...OWN,
    label: 'Change of the loss',
    formula: 'ce_u with − ce_u without',
    meaning: 'What each token’s loss rises by; above 0 is worse.',
    axes: ['U'],
    compute: ({ delta }: Changes) => ({ shape: [delta.length], data: delta }),
  },
  inspection: {
    ...OWN,
    label: 'Change over all',
    formula: 'mean of delta',
    meaning: 'What the mean loss of the inspection rises by.',
    compute: ({ delta }: Changes) => mean(delta),
  },
  byDomain: {
    ...OWN,
    label: 'Change by domain',
    formula: 'mean of delta over the tokens of d',
    meaning: 'What the mean loss of each domain rises by.',
    axes: ['M'],
    compute: ({ delta, domains, M }: Changes) => ({
      shape: [M],
      data: meansBy(delta, domains, M),
    }),
  },
  own: {
    ...OWN,
    label: 'Change of this token',
    formula: 'delta of the token',
    meaning: 'What the loss of the token that is asked about rises by.',
    compute: ({ delta, of }: Changes) => (of === undefined ? Number.NaN : delta[of]!),
  },
  later: {
    ...OWN,
    label: 'Change of later tokens',
    formula: 'mean of delta over the later positions of its sequence',
    meaning: 'What the loss of the tokens behind it rises by; undefined for the last.',
    compute: (changes: Changes) => meanFrom(changes, (of) => of + 1),
  },
  passage: {
    ...OWN,
    label: 'Change of the passage',
    formula: 'mean of delta over its sequence',
    meaning: 'What the mean loss of its sequence rises by.',
    compute: (changes: Changes) => meanFrom(changes, (_, start) => start),
  },
} as const;

export const interventions = figureOf<InterventionsArgs, null, Changes>()({
  id: 'interventions',
  title: 'What if',
  passes: (_, { items }) => [items],
  ofLayer: () => null,
  layerRows: {},
  over: changesOf,
  rows,
});
