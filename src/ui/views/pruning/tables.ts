/** The numbers of the view as tables: what stands behind its figures. */
import type {
  DomainRule,
  PruningArgs,
  pruning,
  removal,
} from '../../../analysis/figures/pruning.ts';
import { removedSets } from '../../../analysis/figures/pruning.ts';
import type { SlotKind } from '../../../config/experiment.ts';
import { slotKind } from '../../../config/slots.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { elementAt } from '../../kit/figure/tensor.ts';
import { slotLabels } from '../../kit/lookWords.ts';
import type { PruningFields } from './fields.ts';

export type Pruned = ReturnType<typeof pruning.compute>;
export type Removed = ReturnType<typeof removal.compute>;

/** The request that the view's fields make. */
export function pruningRequest({
  rule,
  least,
  most,
  layer,
}: PruningFields): { figure: 'pruning' } & PruningArgs {
  const kept: DomainRule = rule === 'lift' ? { by: 'lift', least } : { by: 'count', most };
  return { figure: 'pruning', rule: kept, layer };
}

/** "no zero, copy" */
export function setLabel(kinds: readonly SlotKind[]): string {
  return `no ${kinds.map((kind) => slotKind(kind).name).join(', ')}`;
}

/** Labels of the sets that a look's model can be without, in the figure's order. */
export function setLabels({ layers }: Pick<Look, 'layers'>): string[] {
  return removedSets(layers).map(setLabel);
}

export function changeTable({ domainNames }: Look, { values }: Pruned): FigureTable {
  const { change, changeOfAll, ce } = values;
  return {
    columns: [
      { title: 'experts of' },
      { title: 'measured on' },
      { title: 'loss with all, nats', format: 'nats' },
      { title: 'change, nats', format: 'nats' },
    ],
    rows: domainNames.flatMap((kept, k) => [
      ...domainNames.map((name, d) => [kept, name, ce.data[d] ?? null, elementAt(change, k, d)]),
      [kept, 'all text', null, changeOfAll.data[k] ?? null],
    ]),
  };
}

export function keptTable(look: Look, { layers }: Pruned): FigureTable {
  return {
    columns: [
      { title: 'layer', format: 'index' },
      { title: 'domain' },
      { title: 'slots kept', format: 'count' },
      { title: 'slots' },
    ],
    rows: layers.flatMap(({ layer, values: { kept } }) => {
      const looked = look.layers.find((one) => one.layer === layer);
      const labels = looked === undefined ? [] : slotLabels(looked);
      return look.domainNames.map((name, d) => {
        const slots = labels.filter((_, slot) => elementAt(kept, d, slot) === 1);
        return [layer, name, slots.length, slots.map(({ label }) => label).join(', ')];
      });
    }),
  };
}

export function removalTable(look: Look, { values }: Removed): FigureTable {
  const { change, byDomain } = values;
  return {
    columns: [
      { title: 'removed' },
      { title: 'change of all, nats', format: 'nats' },
      ...look.domainNames.map((name) => ({ title: `${name}, nats`, format: 'nats' }) as const),
    ],
    rows: setLabels(look).map((label, set) => [
      label,
      change.data[set] ?? null,
      ...look.domainNames.map((_, d) => elementAt(byDomain, set, d)),
    ]),
  };
}
