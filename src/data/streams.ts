/** Tokens of one split of one domain, in the smallest array that holds them. */
import { SEPARATOR } from './corpora.ts';
import type { Pacer } from './pacer.ts';
import { characterBoundary } from './split.ts';
import type { Tokenizer } from './types.ts';

export type Tokens = Uint8Array | Uint16Array | Uint32Array;

/** Longest text that is encoded at once, in UTF-16 units; byte-pair merges end at such a cut. */
const MAX_PIECE = 262_144;

function allocateTokens(vocabulary: number, length: number): Tokens {
  if (vocabulary <= 0x100) return new Uint8Array(length);
  return vocabulary <= 0x10000 ? new Uint16Array(length) : new Uint32Array(length);
}

function* pieces(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = characterBoundary(text, Math.min(text.length, start + MAX_PIECE));
    yield text.slice(start, end);
    start = end;
  }
}

/**
 * Tokens of one document.
 *
 * @param onEncoded called with the UTF-16 units of each piece that is done
 */
export async function encodeDocument(
  tokenizer: Tokenizer,
  document: string,
  pacer: Pacer,
  onEncoded: (units: number) => void,
): Promise<Tokens> {
  const parts: Tokens[] = [];
  for (const piece of pieces(document)) {
    const encoded = tokenizer.encode(piece);
    const part = allocateTokens(tokenizer.size, encoded.length);
    part.set(encoded);
    parts.push(part);
    onEncoded(piece.length);
    await pacer();
  }
  if (parts.length === 1) return parts[0]!;
  const all = allocateTokens(
    tokenizer.size,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}

/** Documents in one row, with the separator's token between two. */
export function joinDocuments(tokenizer: Tokenizer, documents: readonly Tokens[]): Tokens {
  const length = documents.reduce((sum, tokens) => sum + tokens.length + 1, -1);
  const stream = allocateTokens(tokenizer.size, Math.max(0, length));
  if (documents.length > 1) stream.fill(tokenizer.encode(SEPARATOR)[0]!);
  let start = 0;
  for (const tokens of documents) {
    stream.set(tokens, start);
    start += tokens.length + 1;
  }
  return stream;
}

/**
 * As many documents, by rank, as make `limit` tokens with the separators between them; the last
 * one is cut. They keep their order. A larger limit takes all that a smaller one takes.
 */
export function limitDocuments(
  documents: readonly { tokens: Tokens; rank: number }[],
  limit: number,
): Tokens[] {
  const lengths = new Map<number, number>();
  let used = 0;
  for (const { tokens, rank } of documents.toSorted((a, b) => a.rank - b.rank)) {
    const separator = used === 0 ? 0 : 1;
    if (used + separator > limit || used === limit) break;
    const length = Math.min(tokens.length, limit - used - separator);
    lengths.set(rank, length);
    used += separator + length;
  }
  return documents.flatMap(({ tokens, rank }) => {
    const length = lengths.get(rank);
    return length === undefined ? [] : [tokens.subarray(0, length)];
  });
}
