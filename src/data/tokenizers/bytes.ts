import type { Tokenizer } from '../types.ts';
import { labelBytes } from './label.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 text as bytes; half a surrogate pair becomes U+FFFD, as everywhere in the platform. */
export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Bytes as text; what is no UTF-8 becomes U+FFFD. */
export function utf8Decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * One token per byte of UTF-8, V = 256: any text, nothing unknown. `decode(encode(text))` is the
 * text for every well-formed string.
 */
export const bytesTokenizer: Tokenizer = {
  kind: 'bytes',
  size: 256,
  encode: (text) => Uint32Array.from(utf8Encode(text)),
  decode: (tokens) => utf8Decode(Uint8Array.from(tokens)),
  bytesOf: (token) => Uint8Array.of(token),
  label: (token) => labelBytes(Uint8Array.of(token)),
};
