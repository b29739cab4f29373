/** Tokens as text piece by piece, where a token may hold only a part of a character. */
import type { Tokenizer } from '../types.ts';

/** Bytes of the longest UTF-8 character that may stand before its boundary. */
const MOST_PARTS = 3;

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/**
 * Decodes pieces of one text, each as far as its last whole character: a character that lies across
 * the border of two pieces comes with the second. A character that is never completed is left out.
 */
export function createPieceDecoder(tokenizer: Tokenizer): (tokens: ArrayLike<number>) => string {
  const { bytesOf } = tokenizer;
  if (bytesOf === undefined) return (tokens) => tokenizer.decode(tokens);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return (tokens) =>
    Array.from(tokens, (token) => decoder.decode(bytesOf(token), { stream: true })).join('');
}

/**
 * The tokens from the first on that begins with a whole character. A window of a text may begin
 * within one; tokens that begin no character anywhere near are left as they are.
 */
export function fromWholeCharacter(tokenizer: Tokenizer, tokens: Uint32Array): Uint32Array {
  const { bytesOf } = tokenizer;
  if (bytesOf === undefined) return tokens;
  const first = tokens.findIndex((token) => !isContinuation(bytesOf(token)[0]));
  return first > 0 && first <= MOST_PARTS ? tokens.subarray(first) : tokens;
}
