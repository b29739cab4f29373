/** What a look is called: its slots, and what it is a look at. */
import { hasRanks } from '../../analysis/figures/assignments.ts';
import { causalNoteAt } from '../../config/generation.ts';
import { slotKind } from '../../config/slots.ts';
import type { Look, Side } from '../../state/looks/looked.ts';
import type { Label, LongLabel } from './figure/label.ts';
import { formatCount } from './format.ts';
import { subscript } from './slotNames.ts';

export type LookLayer = Look['layers'][number];

/** A slot's sign with the number of its FFN expert: E₃, −E₃, ∅ … */
export function slotSign({ kinds, experts }: LookLayer, slot: number): string {
  const { glyph, computes } = slotKind(kinds[slot] ?? 'zero');
  return computes ? `${glyph}${subscript(experts[slot] ?? 0)}` : glyph;
}

/** Names of a layer's slots, those of experts with their widths. */
export function slotLabels(layer: LookLayer): Exclude<Label, string>[] {
  return layer.kinds.map((kind, slot) => {
    const { computes, name } = slotKind(kind);
    const sign = slotSign(layer, slot);
    const width = layer.hidden[slot];
    return {
      label: computes ? `${sign} ${width}` : `${slot} ${sign}`,
      short: sign,
      title: `slot ${slot}, ${name}${computes ? ` ${sign} of width ${width}` : ''}`,
    };
  });
}

/** Names of columns that all layers share: of the slots where these are the same in all, else their places. */
export function slotColumns(layers: readonly (readonly LongLabel[])[]): LongLabel[] {
  const widest = Math.max(0, ...layers.map((slots) => slots.length));
  const [first] = layers;
  const areSame = layers.every(
    (slots) =>
      slots.length === widest && slots.every(({ label }, i) => label === first?.[i]?.label),
  );
  return Array.from({ length: widest }, (_, i) => {
    const place = { label: String(i), short: String(i), title: `slot ${i}` };
    return areSame ? (first?.[i] ?? place) : place;
  });
}

/** Whether a token's slots have an order in all layers. */
export function areRanked({ layers }: Pick<Look, 'layers'>): boolean {
  return layers.every(hasRanks);
}

/** In the place of what is of first slots. */
export const NO_RANKS =
  'Under expert choice slots take their tokens: a token’s slots have no order, and none is its first.';

/** "After 400 steps, on 4,096 tokens." Where what a token is given depends on later ones, it says so, and why. */
export function lookSentence(
  look: Pick<Look, 'step' | 'tokens' | 'layers' | 'looksAhead'>,
): string {
  const { step, tokens, looksAhead } = look;
  const why = areRanked(look) ? 'pools see whole sequences' : 'slots take tokens';
  const causal = looksAhead ? ` Not causal: ${why}.` : '';
  return `After ${formatCount(step)} steps, on ${formatCount(tokens.length)} tokens.${causal}`;
}

/** `, not causal` behind a look at models of which one looks at later tokens; else nothing. */
export function lookNote(
  sides: readonly { side: Pick<Side, 'source'>; look: Pick<Look, 'step'> | null }[],
): string {
  const notes = sides.map(({ side: { source }, look }) =>
    look === null ? '' : causalNoteAt(source.head.experiment, look.step + 1),
  );
  return notes.find((note) => note !== '') ?? '';
}

/** Names of domains, shortened where many stand beside each other. */
export function domainLabels({ domainNames }: Pick<Look, 'domainNames'>): Exclude<Label, string>[] {
  return domainNames.map((label) => ({
    label,
    short: label.length > 5 ? `${label.slice(0, 4)}.` : label,
  }));
}
