/** Byte-pair encoding: the vocabulary of `trainBpe`, applied to text. */
import { SEPARATOR } from '../corpora.ts';
import type { Tokenizer } from '../types.ts';
import { utf8Decode, utf8Encode } from './bytes.ts';
import { labelBytes } from './label.ts';

/** Tokens 0 … 255 are bytes; merge r makes token 256 + r. */
export const BYTE_TOKENS = 256;

/** Left and right token of each merge, in the order in which they were learnt. */
export type Merges = readonly (readonly [left: number, right: number])[];

/** What encoding needs to know of the merges, and a scratch list per merge, empty between uses. */
interface MergePlan {
  merges: Merges;
  size: number;
  /** Which merge a pair has: rank + 1 at [left · size + right], 0 for none. */
  rankOfPair: Uint16Array;
  waiting: number[][];
}

function planMerges(merges: Merges): MergePlan {
  const size = BYTE_TOKENS + merges.length;
  const rankOfPair = new Uint16Array(size * size);
  merges.forEach(([left, right], rank) => {
    rankOfPair[left * size + right] = rank + 1;
  });
  return { merges, size, rankOfPair, waiting: merges.map(() => []) };
}

/** Marks a position whose byte belongs to the token before it. */
const GONE = 0xffffffff;

/**
 * Tokens of one document's bytes: every merge in the order learnt, each from left to right.
 *
 * Tokens and neighbours are arrays over byte positions. `waiting[r]` has the positions where the
 * pair of merge r begins. All pairs with token 256 + r appear while merge r is applied, and what
 * they make is learnt later, so going once through r = 0, 1, … with each list in order of
 * position does the same as rewriting the text once per merge, in time linear in its length.
 */
function mergeDocument(bytes: Uint8Array, { merges, size, rankOfPair, waiting }: MergePlan) {
  const n = bytes.length;
  const tokens = new Uint32Array(bytes);
  const next = new Int32Array(n);
  const previous = new Int32Array(n);
  const consider = (i: number) => {
    const ranked = rankOfPair[tokens[i]! * size + tokens[next[i]!]!]!;
    if (ranked !== 0) waiting[ranked - 1]!.push(i);
  };
  for (let i = 0; i < n; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
    if (i + 1 < n) consider(i);
  }
  let length = n;
  for (let rank = 0; rank < merges.length; rank++) {
    const places = waiting[rank]!;
    if (places.length === 0) continue;
    const [left, right] = merges[rank]!;
    for (const i of places) {
      const j = next[i]!;
      if (tokens[i] !== left || j >= n || tokens[j] !== right) continue;
      tokens[i] = BYTE_TOKENS + rank;
      tokens[j] = GONE;
      length -= 1;
      next[i] = next[j]!;
      if (next[i]! < n) previous[next[i]!] = i;
      if (previous[i]! >= 0) consider(previous[i]!);
      if (next[i]! < n) consider(i);
    }
    places.length = 0;
  }
  const kept = new Uint32Array(length);
  for (let i = 0, at = 0; i < n; i = next[i]!) kept[at++] = tokens[i]!;
  return kept;
}

/** Bytes of each entry: those of the two that were merged. */
function entryBytes(merges: Merges): Uint8Array[] {
  const entries = Array.from({ length: BYTE_TOKENS }, (_, byte) => Uint8Array.of(byte));
  for (const [left, right] of merges) {
    entries.push(Uint8Array.from([...entries[left]!, ...entries[right]!]));
  }
  return entries;
}

/**
 * A byte-level BPE tokenizer, V = 256 + merges. Documents (parts between `SEPARATOR`s) are encoded
 * one by one, so no token reaches over their borders. Any text can be encoded, and
 * `decode(encode(text))` is the text for every well-formed string.
 */
export function createBpeTokenizer(merges: Merges): Tokenizer {
  const entries = entryBytes(merges);
  const plan = planMerges(merges);
  const bytesOf = (token: number) => entries[token] ?? new Uint8Array();
  const separator = SEPARATOR.charCodeAt(0);

  function encode(text: string): Uint32Array {
    const documents = text
      .split(SEPARATOR)
      .map((document) => mergeDocument(utf8Encode(document), plan));
    const length = documents.reduce((sum, tokens) => sum + tokens.length, documents.length - 1);
    const all = new Uint32Array(length).fill(separator);
    let start = 0;
    for (const tokens of documents) {
      all.set(tokens, start);
      start += tokens.length + 1;
    }
    return all;
  }

  return {
    kind: 'bpe',
    size: entries.length,
    encode,
    decode(tokens) {
      const parts = Array.from(tokens, bytesOf);
      const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let start = 0;
      for (const part of parts) {
        bytes.set(part, start);
        start += part.length;
      }
      return utf8Decode(bytes);
    },
    bytesOf,
    merges,
    label: (token) => labelBytes(bytesOf(token)),
  };
}
