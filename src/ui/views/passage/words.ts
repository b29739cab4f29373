/** Interventions in words. */
import type { Intervention } from '../../../analysis/inspection.ts';
import { slotKind } from '../../../config/slots.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { formatNumber } from '../../kit/format.ts';
import { slotSign } from '../../kit/lookWords.ts';
import { placeOf, textAt } from './seen.ts';

/** The sign of a slot; its number where the layer is not there. */
export function signIn(look: Look, layer: number, slot: number): string {
  const found = look.layers[placeOf(look, layer)];
  const isThere = found !== undefined && slot < found.kinds.length;
  return isThere ? `${slotSign(found, slot)} (slot ${slot})` : `slot ${slot}`;
}

function scaled(factor: number): string {
  if (factor === 0) return 'masked: × 0';
  if (factor === -1) return 'sign flipped: × −1';
  return `× ${formatNumber(factor)}`;
}

export function wordsOf(item: Intervention, look: Look): string {
  const where = item.layer === null ? 'All MoE layers' : `Layer ${item.layer}`;
  switch (item.type) {
    case 'force':
      return `${where}: token ${item.token} “${textAt(look, item.token)}” takes ${signIn(look, item.layer, item.slot)} at rank ${item.rank}`;
    case 'scale':
      return `${where}: ${signIn(look, item.layer, item.slot)} of token ${item.token} “${textAt(look, item.token)}” ${scaled(item.factor)}`;
    case 'keepOnly':
      return `${where}: only ${item.slots.map((slot) => signIn(look, item.layer, slot)).join(', ') || 'no slot'} left`;
    case 'removeKind':
      return `${where}: no ${slotKind(item.kind).name} slots`;
  }
}

/** Whether an item is of one token. */
export function isOfToken(item: Intervention): boolean {
  return item.type === 'force' || item.type === 'scale';
}
