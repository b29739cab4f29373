/** The validation split: a property of the text and of `data.validationShare` alone. */
import { hashChain } from '../config/hash.ts';
import { DataError } from './dataError.ts';

/** Fixes the order in which documents are held out; part of the format of an experiment. */
const SPLIT_SEED = 0x5911;

/** A training document and its place in the fixed order in which limited data takes documents. */
export interface TrainingDocument {
  text: string;
  rank: number;
}

/** Both in the order of the text. */
export interface Split {
  training: TrainingDocument[];
  validation: string[];
}

/** Indices 0 … count − 1 in an order that is as good as random, and always the same. */
function fixedOrder(count: number): number[] {
  const keys = Array.from({ length: count }, (_, i) => hashChain(SPLIT_SEED, i));
  return keys.map((_, i) => i).sort((a, b) => keys[a]! - keys[b]! || a - b);
}

/** A cut at or before `index` that divides no surrogate pair. */
export function characterBoundary(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return index > 0 && code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}

/** Holds out the end of the text: whole documents from the back, and the end of one more. */
function splitTail(documents: readonly string[], budget: number): Split {
  const training: TrainingDocument[] = [];
  const validation: string[] = [];
  let left = budget;
  for (let i = documents.length - 1; i >= 0; i--) {
    const document = documents[i]!;
    const cut = characterBoundary(document, Math.max(0, document.length - left));
    left = Math.max(0, left - (document.length - cut));
    if (cut < document.length) validation.unshift(document.slice(cut));
    if (cut > 0) training.unshift({ text: document.slice(0, cut), rank: i });
  }
  return { training, validation };
}

/**
 * Parts documents into training and validation.
 *
 * By document: in the fixed order, each document that still fits into `share` of the characters
 * (UTF-16 units) is held out. Where whole documents fill less than half of that — a single
 * document, or a few long ones — the end of the text is held out instead, cut between characters.
 *
 * @param share of the characters, above 0 and below 1
 * @throws DataError `ConfigInvalid` for a share out of range
 */
export function splitDocuments(documents: readonly string[], share: number): Split {
  if (!(share > 0 && share < 1)) {
    const message = `data.validationShare = ${share} must be above 0 and below 1.`;
    throw new DataError('ConfigInvalid', message);
  }
  const total = documents.reduce((sum, document) => sum + document.length, 0);
  const budget = Math.ceil(share * total);
  const order = fixedOrder(documents.length);
  const heldOut = new Set<number>();
  let filled = 0;
  for (const i of order) {
    if (filled + documents[i]!.length > budget) continue;
    filled += documents[i]!.length;
    heldOut.add(i);
  }
  if (filled < budget / 2) return splitTail(documents, budget);
  const rank = new Map(order.map((i, position) => [i, position]));
  return {
    training: documents.flatMap((text, i) =>
      heldOut.has(i) ? [] : [{ text, rank: rank.get(i) ?? i }],
    ),
    validation: documents.filter((_, i) => heldOut.has(i)),
  };
}
