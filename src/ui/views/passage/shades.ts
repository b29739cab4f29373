/** What tokens are shaded by: a number of each, or the slots that it took. */
import { hasRanks } from '../../../analysis/figures/assignments.ts';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { FIGURES } from '../../../analysis/figures.ts';
import { SLOT_KINDS, slotKind } from '../../../config/slots.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { formatTight } from '../../kit/figure/formats.ts';
import { categoryLook } from '../../kit/figure/scales.ts';
import { slotSign } from '../../kit/lookWords.ts';
import type { ShadeId } from './fields.ts';
import { type Seen, type Stop, stopsOf } from './seen.ts';

/** How a category looks. */
export interface Category {
  label: string;
  color: string;
  pattern: ReturnType<typeof categoryLook>['pattern'];
}

export type Shading =
  | {
      type: 'number';
      color: 'sequential' | 'signed';
      format: FigureFormat;
      values: ArrayLike<number>;
    }
  | {
      type: 'category';
      /** Of every token, by rank; dropped ones are hollow. */
      of: (u: number) => readonly { category: number; isDropped: boolean }[];
      categories: readonly Category[];
      /** What stands below a token. */
      sign: (u: number) => string;
    };

interface Shade {
  id: ShadeId;
  label: string;
  about: Explanation;
  /** Whether it is of a layer, of all of them, or of either. */
  layers: 'none' | 'one' | 'either';
  /** Null where there is nothing to shade by. */
  of: (seen: Seen, place: number | null) => Shading | null;
}

const { tokens, workload, interventions } = FIGURES;

function number(
  format: FigureFormat,
  values: ArrayLike<number> | undefined,
  color: 'sequential' | 'signed' = 'sequential',
): Shading | null {
  return values === undefined ? null : { type: 'number', color, format, values };
}

/** The slots of each token in a layer as categories. */
function categories(
  { look, paths }: Seen,
  place: number | null,
  shown: readonly Category[],
  categoryOf: (slot: number) => number,
  ranks: number,
): Shading | null {
  const layer = place === null ? undefined : look.layers[place];
  if (place === null || layer === undefined) return null;
  const stops = (u: number): Stop[] => stopsOf(paths, place, u).slice(0, ranks);
  return {
    type: 'category',
    categories: shown,
    of: (u) => stops(u).map(({ slot, isDropped }) => ({ category: categoryOf(slot), isDropped })),
    sign: (u) =>
      stops(u)
        .map(({ slot }) => slotSign(layer, slot))
        .join(''),
  };
}

export const SHADES: readonly Shade[] = [
  {
    id: 'loss',
    label: tokens.rows.ce.label,
    about: tokens.rows.ce,
    layers: 'none',
    of: ({ paths }) => number('nats', paths.tokens.values.ce?.data),
  },
  {
    id: 'computing',
    label: tokens.layerRows.computing.label,
    about: workload.rows.byToken,
    layers: 'either',
    of: ({ paths }, place) =>
      place === null
        ? number('decimal', paths.workload.values.byToken?.data)
        : number('count', paths.tokens.layers[place]?.values.computing.data),
  },
  {
    id: 'width',
    label: tokens.layerRows.width.label,
    about: tokens.layerRows.width,
    layers: 'one',
    of: ({ paths }, place) =>
      number('units', place === null ? undefined : paths.tokens.layers[place]?.values.width.data),
  },
  {
    id: 'expert',
    label: 'First slot',
    about: {
      label: 'First slot',
      formula: 'the slot at rank 0',
      meaning: 'The slot that ranks first for the token; hollow where it found no place.',
      source: 'OLMoE; ST-MoE',
    },
    layers: 'one',
    of(seen, place) {
      const layer = seen.look.layers[place ?? -1];
      if (layer === undefined || !hasRanks(layer)) return null;
      const shown = layer.kinds.map((_, slot) => ({
        label: `${slot}: ${slotSign(layer, slot)}`,
        ...categoryLook(slot),
      }));
      return categories(seen, place, shown, (slot) => slot, 1);
    },
  },
  {
    id: 'kind',
    label: 'Kinds of slots',
    about: {
      label: 'Kinds of slots',
      formula: 'the kind of each slot, by rank',
      meaning:
        'What the token runs through, from its first slot to its last: FFN and negated experts compute, the others do not.',
      source: 'MoE++ Figure A',
    },
    layers: 'one',
    of(seen, place) {
      const layer = seen.look.layers[place ?? -1];
      if (layer === undefined) return null;
      const kinds = SLOT_KINDS.filter((kind) => layer.kinds.includes(kind));
      const shown = kinds.map((kind) => ({
        label: `${slotKind(kind).glyph} ${slotKind(kind).name}`,
        ...categoryLook(SLOT_KINDS.indexOf(kind)),
      }));
      const indexOf = (slot: number) => kinds.indexOf(layer.kinds[slot] ?? 'ffn');
      return categories(seen, place, shown, indexOf, layer.W);
    },
  },
  {
    id: 'delta',
    label: interventions.rows.delta.label,
    about: interventions.rows.delta,
    layers: 'none',
    of: ({ what }) => number('nats', what?.changes.values.delta.data, 'signed'),
  },
];

/** @throws Error for an id that no shade has */
export function shadeById(id: ShadeId): Shade {
  const shade = SHADES.find((one) => one.id === id);
  if (shade === undefined) throw new Error(`no shade is called "${id}"`);
  return shade;
}

/** What stands below a token in a few characters. */
export function signOf(shading: Shading, u: number): string {
  if (shading.type === 'category') return shading.sign(u);
  const value = shading.values[u] ?? Number.NaN;
  const text = formatTight(value, shading.format);
  // Only 0 reads as 0.
  return value !== 0 && /^−?\.00$/.test(text) ? '≈0' : text;
}
