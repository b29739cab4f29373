/**
 * Slots by groups of tokens: what d says of domains, of any groups that part the tokens, such as the
 * classes of e and the deciles of f (docs/analysis.md).
 */
import type { SlotKind } from '../../config/experiment.ts';
import { SLOT_KINDS } from '../../config/slots.ts';
import { byKind } from './assignments.ts';
import { type FigureTensor, real } from './figure.ts';
import { mean, sum } from './numbers.ts';

const shapeOf = ({ shape: [groups = 0, R = 0] }: FigureTensor) => [groups, R] as const;

/**
 * n_gi / tokens of g [groups, R]; undefined for a group without tokens.
 * @param counts n_gi: assignments of the tokens of g to slot i [groups, R]
 * @param tokens tokens of g [groups]
 */
export function specialisationOf(counts: FigureTensor, tokens: ArrayLike<number>) {
  const [groups, R] = shapeOf(counts);
  return real([groups, R], (i) => counts.data[i]! / tokens[Math.floor(i / R)]!);
}

/** Specialisation where assignments are spread evenly: A/(U·R). */
export function evenPart(counts: FigureTensor, tokens: ArrayLike<number>): number {
  return sum(counts.data) / (sum(tokens) * shapeOf(counts)[1]);
}

/** specialisation / (A/(U·R)) [groups, R] */
export function liftOf(counts: FigureTensor, tokens: ArrayLike<number>) {
  const even = evenPart(counts, tokens);
  const of = specialisationOf(counts, tokens);
  return real(of.shape, (i) => of.data[i]! / even);
}

/** Assignments of g to slots of a kind / tokens of g [groups, 5]. */
export function kindsPerToken(
  counts: FigureTensor,
  tokens: ArrayLike<number>,
  kinds: readonly SlotKind[],
) {
  const K = SLOT_KINDS.length;
  const sums = byKind(counts.data, { kinds });
  return real([shapeOf(counts)[0], K], (i) => sums[i]! / tokens[Math.floor(i / K)]!);
}

/** Mean over layers of arrays of one shape, element by element; what is undefined is left out. */
export function meanOverLayers(layers: readonly FigureTensor[]): FigureTensor {
  return real(layers[0]?.shape ?? [0], (i) => mean(layers.map(({ data }) => data[i]!)));
}

/** Words for groups of a name: "class". */
export function groupRows(group: string) {
  const by = { source: 'as for domains: OLMoE' } as const;
  return {
    specialisation: {
      ...by,
      label: 'Specialisation',
      formula: '#{u of the group : i ∈ 𝓔(u)} / #{u of the group}',
      meaning: `Part of the tokens of a ${group} that choose the slot.`,
      format: 'percent',
    },
    lift: {
      ...by,
      label: 'Lift',
      formula: 'specialisation / (A / (U·R))',
      meaning: `How much likelier a token of the ${group} is to choose the slot than where assignments are spread evenly.`,
      format: 'ratio',
    },
    perToken: {
      label: `Slots of the kind per token by ${group}`,
      formula: 'assignments of the group to the kind / tokens of the group',
      meaning: `Slots of a kind that a token of the ${group} chooses, on average over the layers.`,
      source: 'as for domains: MoE++ Fig. 4, A',
      format: 'decimal',
    },
  } as const;
}
