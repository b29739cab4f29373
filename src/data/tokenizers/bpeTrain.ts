/** Learning the merges of byte-pair encoding. */
import { DataError } from '../dataError.ts';
import type { Pacer } from '../pacer.ts';
import { BYTE_TOKENS, type Merges } from './bpe.ts';
import { utf8Encode } from './bytes.ts';
import { PairHeap } from './pairHeap.ts';

export const MAX_BPE_SIZE = 4096;

/** A pair seen once is no pattern: learning stops there, and the vocabulary stays smaller. */
const MIN_COUNT = 2;

/** Ends a document; no pair includes it. */
const END = 0xffff;

/** Bytes of all documents, each followed by END, and the neighbours of each position. */
function layOut(documents: readonly string[]) {
  const parts = documents.map(utf8Encode).filter((bytes) => bytes.length > 0);
  const n = parts.reduce((sum, bytes) => sum + bytes.length + 1, 1);
  const tokens = new Uint16Array(n).fill(END);
  let start = 1;
  for (const bytes of parts) {
    tokens.set(bytes, start);
    start += bytes.length + 1;
  }
  const next = new Int32Array(n);
  const previous = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  return { tokens, next, previous };
}

/**
 * Where pairs begin. All occurrences of a pair appear at one time — at the start, or while the
 * merge that makes its newer token is applied — in order of position, and later only go away. So
 * each pair's places are written once, together; places that are gone are found out when read.
 */
class Occurrences {
  readonly #places = new Map<number, Int32Array>();
  #newKeys: number[] = [];
  #newPlaces: number[] = [];

  add(key: number, place: number): void {
    this.#newKeys.push(key);
    this.#newPlaces.push(place);
  }

  /** Files what was added since the last call, by pair; returns the pairs. */
  file(): Iterable<number> {
    const lengths = new Map<number, number>();
    for (const key of this.#newKeys) lengths.set(key, (lengths.get(key) ?? 0) + 1);
    for (const [key, length] of lengths) {
      this.#places.set(key, new Int32Array(length));
      lengths.set(key, 0);
    }
    for (let i = 0; i < this.#newKeys.length; i++) {
      const key = this.#newKeys[i]!;
      const at = lengths.get(key)!;
      this.#places.get(key)![at] = this.#newPlaces[i]!;
      lengths.set(key, at + 1);
    }
    this.#newKeys = [];
    this.#newPlaces = [];
    return lengths.keys();
  }

  take(key: number): Int32Array {
    const places = this.#places.get(key) ?? new Int32Array(0);
    this.#places.delete(key);
    return places;
  }
}

/**
 * Learns up to `size − 256` merges from documents, none across their borders: the pair with the
 * most adjacent occurrences first (overlapping ones count, so "aaa" has "aa" twice), ties by the
 * lowest left, then the lowest right token; each is applied everywhere from left to right. Same as
 * recounting all pairs after each merge, but only the neighbours of merged places are touched.
 *
 * @param size entries wanted, 256 … 4096; fewer come out where no pair occurs twice any more
 * @param onMerge called with the number of merges learnt
 * @throws DataError `ConfigInvalid` for a size out of range; what the pacer throws
 */
export async function trainBpe(
  documents: readonly string[],
  size: number,
  pacer: Pacer,
  onMerge: (learnt: number) => void,
): Promise<Merges> {
  if (!Number.isInteger(size) || size < BYTE_TOKENS || size > MAX_BPE_SIZE) {
    throw new DataError(
      'ConfigInvalid',
      `tokenizer.size = ${size} is not an integer from ${BYTE_TOKENS} to ${MAX_BPE_SIZE}.`,
    );
  }
  const { tokens, next, previous } = layOut(documents);
  const counts = new Int32Array(size * size);
  const occurrences = new Occurrences();
  const heap = new PairHeap();

  const gain = (left: number, right: number, place: number) => {
    if (left === END || right === END) return;
    counts[left * size + right]! += 1;
    occurrences.add(left * size + right, place);
  };
  const lose = (left: number, right: number) => {
    if (left !== END && right !== END) counts[left * size + right]! -= 1;
  };
  const queueNewPairs = () => {
    for (const key of occurrences.file()) {
      if (counts[key]! >= MIN_COUNT) heap.push(key, counts[key]!);
    }
  };
  /** The most frequent pair; entries whose count has fallen go back with the count of today. */
  const mostFrequent = (): number | null => {
    for (let top = heap.pop(); top !== null; top = heap.pop()) {
      const count = counts[top.key]!;
      if (count === top.count) return top.key;
      if (count >= MIN_COUNT) heap.push(top.key, count);
    }
    return null;
  };
  const merge = (left: number, right: number, place: number, token: number) => {
    const j = next[place]!;
    if (tokens[place] !== left || tokens[j] !== right) return;
    const before = previous[place]!;
    const after = next[j]!;
    lose(tokens[before]!, left);
    lose(left, right);
    lose(right, tokens[after]!);
    tokens[place] = token;
    tokens[j] = END;
    next[place] = after;
    previous[after] = place;
    gain(tokens[before]!, token, before);
    gain(token, tokens[after]!, place);
  };

  for (let i = 0; i + 1 < tokens.length; i++) gain(tokens[i]!, tokens[i + 1]!, i);
  queueNewPairs();
  const merges: [number, number][] = [];
  while (BYTE_TOKENS + merges.length < size) {
    const key = mostFrequent();
    if (key === null) break;
    const left = Math.floor(key / size);
    const right = key % size;
    const token = BYTE_TOKENS + merges.length;
    for (const place of occurrences.take(key)) merge(left, right, place, token);
    queueNewPairs();
    merges.push([left, right]);
    onMerge(merges.length);
    await pacer();
  }
  return merges;
}
