/** What is known of a passage under one model. */

import type { Paths, WhatIf } from '../../../state/looks/ask.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { type LookLayer, slotSign } from '../../kit/lookWords.ts';
import { tokenText } from '../../kit/tokenText.ts';

export interface Seen {
  look: Look;
  /** Steps that the model of these paths had taken. */
  step: number;
  paths: Paths;
  /** What is asked of it, where that is answered. */
  what: WhatIf | null;
}

/** A place of an MoE layer among those of the model; −1 for a layer that is none. */
export function placeOf(look: Look, layer: number): number {
  return look.layers.findIndex((one) => one.layer === layer);
}

export function textAt({ texts, tokens }: Look, u: number): string {
  return tokenText(texts[tokens[u] ?? -1]);
}

export function targetAt({ texts, targets }: Look, u: number): string {
  return tokenText(texts[targets[u] ?? -1]);
}

/** A slot by its number, sign and width: "3: E₃, 128 wide". */
export function slotName(layer: LookLayer, slot: number): string {
  const sign = slotSign(layer, slot);
  const hidden = layer.hidden[slot] ?? 0;
  return hidden > 0 ? `${slot}: ${sign}, ${hidden} wide` : `${slot}: ${sign}`;
}

/** One slot on a token's path; −1 where the token has none at the rank. */
export interface Stop {
  slot: number;
  gate: number;
  norm: number;
  isDropped: boolean;
}

/** What a token chose in the layer at a place, by rank, as far as it chose. */
export function stopsOf({ tokens }: Paths, place: number, u: number): Stop[] {
  const values = tokens.layers[place]?.values;
  if (values === undefined) return [];
  const W = values.selected.shape[1] ?? 0;
  return Array.from({ length: W }, (_, w): Stop => {
    const i = u * W + w;
    return {
      slot: values.selected.data[i] ?? -1,
      gate: values.gates.data[i] ?? Number.NaN,
      norm: values.norms.data[i] ?? Number.NaN,
      isDropped: values.dropped.data[i] === 1,
    };
  }).filter(({ slot }) => slot >= 0);
}
