/** The matrix of a layer, with what independent slots would give. */
import { evenLift, independentOf } from '../../../analysis/figures/coactivation.ts';
import { FIGURES } from '../../../analysis/figures.ts';
import type { Look, ResultOf } from '../../../state/looks/looked.ts';
import type { LongLabel } from '../../kit/figure/label.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { slotLabels } from '../../kit/lookWords.ts';
import type { CoactivationFields } from './fields.ts';

export type Values = ResultOf<{ figure: 'coactivation' }>['layers'][number]['values'];

export const ROWS = FIGURES.coactivation.layerRows;

export interface Matrix {
  slots: readonly LongLabel[];
  R: number;
  /** Tokens that keep each slot [R]. */
  tokens: readonly number[];
  /** Part of all tokens that keep each slot [R]. */
  independent: Float64Array;
  /** Lift off the diagonal of equally likely sets; NaN where there is none. */
  even: number;
}

export function matrixOf(look: Look, place: number, { both }: Values): Matrix {
  const layer = look.layers[place];
  const slots = layer === undefined ? [] : slotLabels(layer);
  const R = slots.length;
  const U = look.tokens.length;
  const tokens = slots.map((_, i) => both.data[i * R + i]!);
  const kept = tokens.reduce((sum, n) => sum + n, 0);
  return { slots, R, tokens, independent: independentOf(both, U), even: evenLift(R, kept, U) };
}

/** A row per slot i with its value at every slot j; of P(j | i) also a row of all tokens. */
export function matrixTable(
  { slots, R, tokens, independent }: Matrix,
  values: Values,
  value: CoactivationFields['value'],
): FigureTable {
  const { format } = ROWS[value];
  return {
    columns: [
      { title: 'slot' },
      { title: 'expert' },
      { title: 'tokens', format: 'count' },
      ...slots.map((_, j) => ({ title: `with slot ${j}`, format })),
    ],
    rows: [
      ...slots.map(({ label }, i) => [
        ...[String(i), label, tokens[i] ?? null],
        ...values[value].data.subarray(i * R, (i + 1) * R),
      ]),
      ...(value === 'conditional' ? [['any', 'independent', null, ...independent]] : []),
    ],
  };
}
