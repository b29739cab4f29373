/** Kinds of slots as bars and as tables. */
import { equalPair } from '../../../analysis/figures/kinds.ts';
import { FIGURES } from '../../../analysis/figures.ts';
import { SLOT_KIND_ROWS, type SlotKindRow } from '../../../config/slots.ts';
import type { Look, ResultOf } from '../../../state/looks/looked.ts';
import type { BarsProps } from '../../kit/figure/Bars.tsx';
import type { FigureTable } from '../../kit/figure/table.ts';
import { KIND_COLORS } from '../../kit/kinds.ts';
import { slotLabels } from '../../kit/lookWords.ts';
import type { KindsFields } from './fields.ts';

export type KindsResult = ResultOf<{ figure: 'kinds' }>;
export type KindsValues = KindsResult['layers'][number]['values'];

export const ROWS = FIGURES.kinds.layerRows;

interface Kind extends SlotKindRow {
  /** Its place among all kinds. */
  at: number;
  label: string;
}

/** Kinds that a layer of the look has, in their order. */
export function kindsOf({ layers }: Look): Kind[] {
  return SLOT_KIND_ROWS.map((row, at) => {
    const label = row.ternary === row.name ? row.name : `${row.ternary} (${row.name})`;
    return { ...row, at, label };
  }).filter(({ kind }) => layers.some(({ kinds }) => kinds.includes(kind)));
}

/** Values by kind of every layer; of ratios those over all layers too. */
function perLayer({ layers, values }: KindsResult, per: KindsFields['per']) {
  const own = layers.map(({ layer, values }) => ({ name: `L${layer}`, of: values[per].data }));
  return per === 'ratio' ? [...own, { name: 'all', of: values.ratio.data }] : own;
}

export function layerBars(look: Look, result: KindsResult, per: KindsFields['per']): BarsProps {
  const layers = perLayer(result, per);
  return {
    categories: layers.map(({ name }) => ({
      label: name,
      title: name === 'all' ? 'all layers' : `layer ${name.slice(1)}`,
    })),
    series: kindsOf(look).map(({ kind, label, at }) => ({
      ...{ label, color: KIND_COLORS[kind] },
      values: layers.map(({ of }) => of[at] ?? null),
    })),
    ...{ stacked: true, format: ROWS[per].format, direction: 'vertical', along: 'MoE layer' },
    quantity: per === 'ratio' ? 'share of the assignments' : 'slots per token',
  };
}

export function layerTable(look: Look, result: KindsResult): FigureTable {
  const kinds = kindsOf(look);
  const columns = (['ratio', 'perToken'] as const).flatMap((per) =>
    kinds.map(({ label }) => ({
      title: per === 'ratio' ? `${label}, share` : `${label}, per token`,
      format: ROWS[per].format,
    })),
  );
  return {
    columns: [{ title: 'layer' }, ...columns],
    rows: [
      ...result.layers.map(({ layer, values }) => [
        String(layer),
        ...kinds.map(({ at }) => values.ratio.data[at] ?? null),
        ...kinds.map(({ at }) => values.perToken.data[at] ?? null),
      ]),
      [
        'all',
        ...kinds.map(({ at }) => result.values.ratio.data[at] ?? null),
        ...kinds.map(() => null),
      ],
    ],
  };
}

/** What stands beside the experts of a layer: kinds without any. */
function others(look: Look, place: number): Kind[] {
  return kindsOf(look).filter(
    ({ kind, computes }) => !computes && look.layers[place]?.kinds.includes(kind),
  );
}

function expertNames(look: Look, place: number) {
  const layer = look.layers[place];
  if (layer === undefined) return [];
  return slotLabels(layer).filter((_, slot) => layer.kinds[slot] === 'ffn');
}

/** E and −E of every expert, one on the other; kinds without experts in places of their own. */
export function pairBars(look: Look, place: number, { pairs, ratio }: KindsValues): BarsProps {
  const [experts, alone] = [expertNames(look, place), others(look, place)];
  const even = equalPair(pairs);
  const signs = kindsOf(look).filter(
    ({ kind, computes }) => computes && look.layers[place]?.kinds.includes(kind),
  );
  return {
    categories: [...experts, ...alone.map(({ glyph, name }) => ({ label: glyph, title: name }))],
    series: [
      ...signs.map(({ kind, label, at }) => ({
        ...{ label, color: KIND_COLORS[kind] },
        values: experts.map((_, i) => pairs.data[2 * i + at] ?? null),
      })),
      ...alone.map(({ kind, label, at }, i) => ({
        ...{ label, color: KIND_COLORS[kind] },
        values: [
          ...experts.map(() => null),
          ...alone.map((_, j) => (i === j ? ratio.data[at]! : null)),
        ],
      })),
    ],
    ideal: (i) => (i < experts.length ? even : Number.NaN),
    idealLabel: 'equal pairs',
    ...{ stacked: true, format: 'percent', direction: 'vertical' },
    ...{ quantity: 'share of the assignments', along: 'expert, with its width' },
  };
}

export function pairTable(look: Look, place: number, { pairs, ratio }: KindsValues): FigureTable {
  return {
    columns: [
      { title: 'expert' },
      { title: 'E+', format: 'percent' },
      { title: 'E−', format: 'percent' },
      { title: 'sum', format: 'percent' },
    ],
    rows: [
      ...expertNames(look, place).map(({ label }, i) => {
        const [plus = Number.NaN, minus = Number.NaN] = pairs.data.subarray(2 * i, 2 * i + 2);
        return [label, plus, minus, plus + minus];
      }),
      ...others(look, place).map(({ label, at }) => [label, null, null, ratio.data[at] ?? null]),
    ],
  };
}
