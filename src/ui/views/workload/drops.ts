/** What capacity dropped in a layer, by slot, position or sequence. */
import { slotPlaces } from '../../../accounting/places.ts';
import { FIGURES } from '../../../analysis/figures.ts';
import type { Experiment } from '../../../config/experiment.ts';
import type { Look, ResultOf } from '../../../state/looks/looked.ts';
import type { BarsProps } from '../../kit/figure/Bars.tsx';
import type { Label } from '../../kit/figure/label.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { slotLabels } from '../../kit/lookWords.ts';
import type { WorkloadFields } from './fields.ts';

export type DropsValues = ResultOf<{ figure: 'drops' }>['layers'][number]['values'];
type By = WorkloadFields['by'];

export const DROP_ROWS = FIGURES.drops.layerRows;
const COUNTS = { slot: 'bySlot', position: 'byPosition', sequence: 'bySequence' } as const;
const RATES = { slot: 'slotRate', position: 'positionRate', sequence: 'sequenceRate' } as const;

/** A layer's drops by one of the three, with what they are drawn from. */
export interface Dropped {
  by: By;
  labels: readonly Label[];
  dropped: ArrayLike<number>;
  rates: ArrayLike<number>;
  /** Assignments of every slot; null by others. */
  total: ArrayLike<number> | null;
  /** Places of every slot in all batches; null where A is no fixed number, or by others. */
  places: readonly number[] | null;
}

/** Places of every slot in all batches; null where tokens choose unlike numbers of slots. */
function placesOf(look: Look, place: number, { router }: Experiment): readonly number[] | null {
  const layer = look.layers[place];
  const { capacity: gamma, tau, selection } = router;
  if (layer === undefined || gamma === null) return null;
  if (selection !== 'topk' && selection !== 'hash') return null;
  const A = (layer.W * look.tokens.length) / look.n;
  return slotPlaces(layer.kinds, A, { gamma, tau }).map((places) => look.n * places);
}

/** @param total assignments of every slot, dropped ones included [R] */
export function droppedBy(
  by: By,
  {
    look,
    place,
    values,
    total,
    experiment,
  }: {
    look: Look;
    place: number;
    values: DropsValues;
    total: ArrayLike<number>;
    experiment: Experiment;
  },
): Dropped {
  const layer = look.layers[place];
  const dropped = values[COUNTS[by]].data;
  const numbered = Array.from(dropped, (_, i) => ({ label: String(i), title: `${by} ${i}` }));
  const isSlot = by === 'slot';
  return {
    ...{ by, dropped, rates: values[RATES[by]].data },
    labels: isSlot && layer !== undefined ? slotLabels(layer) : numbered,
    total: isSlot ? total : null,
    places: isSlot ? placesOf(look, place, experiment) : null,
  };
}

/** Kept and dropped assignments of slots against their places; rates of positions and sequences. */
export function dropBars({ by, labels, dropped, rates, total, places }: Dropped): BarsProps {
  const of = { categories: labels, direction: 'vertical' } as const;
  if (total === null)
    return {
      ...of,
      series: [
        { label: DROP_ROWS[RATES[by]].label, color: 'var(--figure-2)', values: Array.from(rates) },
      ],
      format: 'percent',
    };
  return {
    ...of,
    series: [
      {
        ...{ label: 'kept', color: 'var(--figure-1)' },
        values: Array.from(total, (n, i) => n - (dropped[i] ?? 0)),
      },
      {
        ...{ label: 'dropped', color: 'var(--figure-2)', pattern: 'rising' },
        values: Array.from(dropped),
      },
    ],
    ...(places === null ? {} : { ideal: (i: number) => places[i] ?? Number.NaN }),
    ...{ idealLabel: 'places', stacked: true, format: 'count' },
  };
}

export function dropTable({ by, labels, dropped, rates, total, places }: Dropped): FigureTable {
  const isSlot = total !== null;
  return {
    columns: [
      { title: by, format: 'index' },
      ...(isSlot ? [{ title: 'expert' }, { title: 'assignments', format: 'count' as const }] : []),
      { title: 'dropped', format: 'count' },
      { title: 'rate', format: 'percent' },
      ...(isSlot ? [{ title: 'places', format: 'count' as const }] : []),
    ],
    rows: Array.from(dropped, (n, i) => {
      const label = labels[i];
      const name = typeof label === 'string' ? label : (label?.label ?? '');
      const own = isSlot ? [name, total[i] ?? null] : [];
      return [i, ...own, n, rates[i] ?? null, ...(isSlot ? [places?.[i] ?? null] : [])];
    }),
  };
}
