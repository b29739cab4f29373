/** Sequences of a look in an order, and their numbers as tables. */
import type { sequences } from '../../../analysis/figures/sequences.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { elementAt } from '../../kit/figure/tensor.ts';
import { slotLabels } from '../../kit/lookWords.ts';
import type { SequencesFields } from './fields.ts';

export type Sequences = ReturnType<typeof sequences.compute>;
export type LayerSequences = Sequences['layers'][number];

/** A sequence of a look: its number, and the domain that its tokens are of; null where of several. */
export interface Sequence {
  q: number;
  domain: string | null;
}

function domainOf({ domains, domainNames, S }: Look, q: number): string | null {
  const own = domains.subarray(q * S, (q + 1) * S);
  const [first] = own;
  return first !== undefined && own.every((one) => one === first)
    ? (domainNames[first] ?? null)
    : null;
}

/** @param layer whose MaxVio they are ordered by */
export function sequencesOf(
  look: Look,
  { values }: LayerSequences,
  order: SequencesFields['order'],
): Sequence[] {
  const all = Array.from({ length: look.n * look.B }, (_, q) => ({ q, domain: domainOf(look, q) }));
  const vio = ({ q }: Sequence) => values.maxVio.data[q] ?? 0;
  const place = ({ domain }: Sequence) =>
    domain === null ? look.domainNames.length : look.domainNames.indexOf(domain);
  if (order === 'vio') return all.sort((a, b) => vio(b) - vio(a) || a.q - b.q);
  return order === 'domain' ? all.sort((a, b) => place(a) - place(b) || a.q - b.q) : all;
}

export const nameOf = ({ q, domain }: Sequence) => `${q} ${domain ?? 'mixed'}`;

/** c_qi in units of an even load of the sequence. */
export function ratioAt({ values: { counts } }: LayerSequences, q: number, slot: number): number {
  const R = counts.shape[1] ?? 0;
  const own = counts.data.subarray(q * R, (q + 1) * R);
  const total = own.reduce((a, b) => a + b, 0);
  return ((own[slot] ?? Number.NaN) * R) / total;
}

/** MaxVio of every layer: of sequences their quantiles, of batches, of all. */
export function scopesTable({ layers }: Sequences): FigureTable {
  const quantiles = ['least', '0.25', 'median', '0.75', '0.9', 'most'];
  return {
    columns: [
      { title: 'layer', format: 'index' },
      { title: 'a sequence, mean', format: 'decimal' },
      ...quantiles.map((name) => ({ title: `a sequence, ${name}`, format: 'decimal' }) as const),
      { title: 'a batch, mean', format: 'decimal' },
      { title: 'all batches', format: 'decimal' },
    ],
    rows: layers.map(({ layer, values }) => [
      layer,
      values.mean,
      ...values.quantiles.data,
      values.batch,
      values.all,
    ]),
  };
}

/** Assignments of every sequence to every slot of a layer. */
export function loadsTable(
  look: Look,
  of: LayerSequences,
  order: readonly Sequence[],
): FigureTable {
  const layer = look.layers.find((one) => one.layer === of.layer);
  const slots = layer === undefined ? [] : slotLabels(layer);
  return {
    columns: [
      { title: 'sequence', format: 'index' },
      { title: 'domain' },
      { title: 'MaxVio', format: 'decimal' },
      ...slots.map(({ title }) => ({ title: title ?? '', format: 'count' }) as const),
    ],
    rows: order.map(({ q, domain }) => [
      q,
      domain ?? 'mixed',
      of.values.maxVio.data[q] ?? null,
      ...slots.map((_, slot) => elementAt(of.values.counts, q, slot)),
    ]),
  };
}
