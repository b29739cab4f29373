/** What a look is called: its slots, and what it is a look at. */
import { causalNoteAt } from '../../config/generation.ts';
import { slotKind } from '../../config/slots.ts';
import type { Look, Side } from '../../state/looks/looked.ts';
import type { Label } from './figure/label.ts';
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

/** "After 400 steps, on 4,096 tokens." */
export function lookSentence({ step, tokens }: Pick<Look, 'step' | 'tokens'>): string {
  return `After ${formatCount(step)} steps, on ${formatCount(tokens.length)} tokens.`;
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
