/**
 * What if experts were missing: the losses of n's `keepOnly` and `removeKind` put together
 * (docs/analysis.md, "Put together from the above"; EMO; MoE++ Table C).
 */
import type { SlotKind } from '../../config/experiment.ts';
import { isComputing, SLOT_KINDS } from '../../config/slots.ts';
import type { InspectedLayer, Inspection, Intervention } from '../inspection.ts';
import { countsBy } from './assignments.ts';
import { type FigureInputs, figureOf, whole } from './figure.ts';
import { liftOf } from './groups.ts';
import { mean, meansBy, membersOf } from './numbers.ts';

/** Which slots are a domain's: by their lift, or by their assignments. */
export type DomainRule = { by: 'lift'; least: number } | { by: 'count'; most: number };

export interface PruningArgs {
  rule: DomainRule;
  /** The layer that is pruned; null: every MoE layer. */
  layer: number | null;
}

interface LayerKept {
  R: number;
  /** Slots that are kept for each domain [M][…], ascending. */
  kept: readonly (readonly number[])[];
}

/** Slots of each domain; none of a domain without tokens. @throws RangeError for a rule that says nothing */
function keptOf(
  { domains, domainNames }: Inspection,
  layer: InspectedLayer,
  rule: DomainRule,
): number[][] {
  const [M, R] = [domainNames.length, layer.kinds.length];
  const counts = whole([M, R], countsBy(layer, domains, M));
  if (rule.by === 'lift') {
    if (!(rule.least >= 0)) throw new RangeError(`pruning: a lift of ${rule.least} is below 0`);
    const { data } = liftOf(counts, membersOf(domains, M));
    const isKept = (d: number, i: number) => data[d * R + i]! >= rule.least;
    return slotsOf(M, R, (d, slots) => slots.filter((i) => isKept(d, i)));
  }
  if (!Number.isInteger(rule.most) || rule.most < 1)
    throw new RangeError(`pruning: ${rule.most} slots are no whole number from 1`);
  const n = (d: number, i: number) => counts.data[d * R + i]!;
  return slotsOf(M, R, (d, slots) => {
    if (slots.every((i) => n(d, i) === 0)) return [];
    const best = slots.toSorted((a, b) => n(d, b) - n(d, a) || a - b).slice(0, rule.most);
    return best.sort((a, b) => a - b);
  });
}

function slotsOf(M: number, R: number, of: (d: number, slots: number[]) => number[]): number[][] {
  return Array.from({ length: M }, (_, d) =>
    of(
      d,
      Array.from({ length: R }, (_slot, i) => i),
    ),
  );
}

const isPruned = ({ layer }: InspectedLayer, args: PruningArgs) =>
  args.layer === null || args.layer === layer;

/** Domains that have tokens: a pass each. */
function domainsOf({ domains, domainNames }: Inspection): number[] {
  return [...domainNames.keys()].filter((d) => domains.includes(d));
}

function pruningPasses({ inspection }: FigureInputs, args: PruningArgs): Intervention[][] {
  const pruned = inspection.layers.filter((layer) => isPruned(layer, args));
  if (pruned.length === 0) throw new RangeError(`pruning: layer ${args.layer} is no MoE layer`);
  const kept = pruned.map((layer) => ({
    layer: layer.layer,
    slots: keptOf(inspection, layer, args.rule),
  }));
  return domainsOf(inspection).map((d) =>
    kept.map(({ layer, slots }) => ({ type: 'keepOnly', layer, slots: slots[d] ?? [] })),
  );
}

/** Losses with items less those without, by pass; undefined rows stand for passes that were not made. */
interface Changes {
  /** Mean over all tokens [passes], and by domain [passes, M]. */
  all: Float64Array;
  byDomain: Float64Array;
  passes: number;
  /** Mean ce by domain without interventions [M]. */
  ce: Float64Array;
  M: number;
}

/** @param rowOf the row of each pass's losses among `rows` */
function changesOf(
  { inspection, losses }: FigureInputs,
  rows: number,
  rowOf: readonly number[],
): Changes {
  if (losses?.length !== rowOf.length)
    throw new Error(`pruning: losses of ${losses?.length ?? 0} passes of ${rowOf.length}`);
  const { ce, domains, domainNames } = inspection;
  const M = domainNames.length;
  const all = new Float64Array(rows).fill(Number.NaN);
  const byDomain = new Float64Array(rows * M).fill(Number.NaN);
  for (const [i, row] of rowOf.entries()) {
    const delta = Float64Array.from(ce, (loss, u) => losses[i]![u]! - loss);
    all[row] = mean(delta);
    byDomain.set(meansBy(delta, domains, M), row * M);
  }
  return { all, byDomain, passes: rows, ce: meansBy(ce, domains, M), M };
}

const NATS = { format: 'nats', ideal: () => 0 } as const;
const CE = {
  label: 'Loss by domain',
  formula: 'mean of ce_u over the tokens of d',
  meaning: 'Mean loss of each domain with all experts.',
  source: 'own',
  format: 'nats',
  axes: ['M'],
  compute: ({ ce, M }: Changes) => ({ shape: [M], data: ce }),
} as const;

export const pruning = figureOf<PruningArgs, LayerKept, Changes>()({
  id: 'pruning',
  title: 'Experts of one domain alone',
  passes: pruningPasses,
  ofLayer: ({ inspection }, args, place) => {
    const layer = inspection.layers[place]!;
    if (!isPruned(layer, args)) return null;
    return { R: layer.kinds.length, kept: keptOf(inspection, layer, args.rule) };
  },
  layerRows: {
    kept: {
      label: 'Kept slots',
      formula: 'lift of i in d ≥ the least; or i among the most n_di',
      meaning: '1 where a slot is kept for a domain.',
      source: 'EMO',
      format: 'index',
      axes: ['M', 'R'],
      compute: ({ R, kept }: LayerKept) =>
        whole(
          [kept.length, R],
          kept.flatMap((slots) => Array.from({ length: R }, (_, i) => (slots.includes(i) ? 1 : 0))),
        ),
    },
  },
  over: (inputs) => {
    const { domainNames } = inputs.inspection;
    return changesOf(inputs, domainNames.length, domainsOf(inputs.inspection));
  },
  rows: {
    ce: CE,
    change: {
      ...NATS,
      label: 'Change of the loss',
      formula: 'mean over the tokens of d′ of (ce_u with the slots of d alone − ce_u)',
      meaning: 'What a domain’s loss rises by where only the experts of one domain are left.',
      source: 'EMO',
      axes: ['kept', 'M'],
      compute: ({ byDomain, passes, M }: Changes) => ({ shape: [passes, M], data: byDomain }),
    },
    changeOfAll: {
      ...NATS,
      label: 'Change over all',
      formula: 'mean over all tokens of the same',
      meaning: 'What the loss of the whole text rises by.',
      source: 'EMO',
      axes: ['kept'],
      compute: ({ all }: Changes) => ({ shape: [all.length], data: all }),
    },
  },
});

/**
 * Sets of kinds that are removed: each kind of the model alone, then its zero-computation kinds
 * together, as MoE++ Table C has them.
 */
export function removedSets(layers: readonly Pick<InspectedLayer, 'kinds'>[]): SlotKind[][] {
  const present = SLOT_KINDS.filter((kind) => layers.some(({ kinds }) => kinds.includes(kind)));
  const free = present.filter((kind) => !isComputing(kind));
  const together = Array.from({ length: 2 ** free.length }, (_, bits) =>
    free.filter((_kind, i) => (bits >> i) & 1),
  ).filter((set) => set.length > 1);
  together.sort((a, b) => a.length - b.length);
  return [...present.map((kind) => [kind]), ...together];
}

interface Removals extends Changes {
  sets: readonly (readonly SlotKind[])[];
}

export const removal = figureOf<object, null, Removals>()({
  id: 'removal',
  title: 'Kinds of slots removed',
  passes: ({ inspection }) =>
    removedSets(inspection.layers).map((set) =>
      set.map((kind) => ({ type: 'removeKind', kind, layer: null })),
    ),
  ofLayer: () => null,
  layerRows: {},
  over: (inputs) => {
    const sets = removedSets(inputs.inspection.layers);
    return { sets, ...changesOf(inputs, sets.length, [...sets.keys()]) };
  },
  rows: {
    ce: CE,
    removed: {
      label: 'Removed kinds',
      formula: 'each kind; the zero-computation kinds together',
      meaning: '1 where a set has the kind.',
      source: 'MoE++ Table C',
      format: 'index',
      axes: ['set', 'K'],
      compute: ({ sets }: Removals) =>
        whole(
          [sets.length, SLOT_KINDS.length],
          sets.flatMap((set) => SLOT_KINDS.map((kind) => (set.includes(kind) ? 1 : 0))),
        ),
    },
    change: {
      ...NATS,
      label: 'Change of the loss',
      formula: 'mean over all tokens of (ce_u without the kinds − ce_u)',
      meaning: 'What the loss of the text rises by where no layer has slots of the kinds.',
      source: 'MoE++ Table C, with the loss',
      axes: ['set'],
      compute: ({ all }: Removals) => ({ shape: [all.length], data: all }),
    },
    byDomain: {
      ...NATS,
      label: 'Change by domain',
      formula: 'the same over the tokens of d',
      meaning: 'What each domain’s loss rises by.',
      source: 'own',
      axes: ['set', 'M'],
      compute: ({ byDomain, passes, M }: Removals) => ({ shape: [passes, M], data: byDomain }),
    },
  },
});
