/** A person's own text: how a file or a paste becomes one, the same on the page and in Node. */
import { DataError } from './dataError.ts';
import { utf8Decode, utf8Encode } from './tokenizers/bytes.ts';
import { sequenceLength } from './tokenizers/label.ts';

/** A person's own text; it stays in this browser, with the runs that were trained on it, and is sent nowhere. */
export interface OwnText {
  name: string;
  text: string;
}

/** Largest own text, in bytes of UTF-8. */
export const MAX_OWN_BYTES = 50_000_000;

/** Bytes that are looked at together for the first that is no text. */
const CHUNK = 65_536;

const inDigits = (n: number) => n.toLocaleString('en');

function refuse(message: string): DataError {
  return new DataError('ConfigInvalid', message);
}

/**
 * Refuses a text by its size alone: a file above the limit need not be read.
 * @throws DataError `ConfigInvalid` with both numbers
 */
export function checkOwnSize(name: string, bytes: number): void {
  if (bytes <= MAX_OWN_BYTES) return;
  const limit = `${inDigits(MAX_OWN_BYTES)} bytes (${MAX_OWN_BYTES / 1e6} MB)`;
  throw refuse(`${name} has ${inDigits(bytes)} bytes; at most ${limit} are taken`);
}

/** The text without byte order marks, which are no part of it; half a surrogate pair is U+FFFD. */
export function ownTextOf(name: string, text: string): OwnText {
  // A character takes at least one byte: what is longer than the limit is not encoded.
  checkOwnSize(name, text.length);
  const bytes = utf8Encode(text.replace(/^\ufeff+/, ''));
  checkOwnSize(name, bytes.length);
  const whole = utf8Decode(bytes);
  if (whole.trim() === '') throw refuse(`${name} is empty: there is nothing to train on`);
  return { name, text: whole };
}

/** Index of the first byte that is no part of UTF-8, from one that begins a character on. */
function firstWrong(bytes: Uint8Array, from: number): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let i = from; i < bytes.length; ) {
    const length = sequenceLength(bytes[i]!);
    if (length === 0) return i;
    try {
      decoder.decode(bytes.subarray(i, i + length));
    } catch {
      return i;
    }
    i += length;
  }
  return bytes.length;
}

/** Index of the last byte up to `i` that begins a character. */
function boundaryBefore(bytes: Uint8Array, i: number): number {
  let first = i;
  while (first > 0 && i - first < 3 && (bytes[first]! & 0xc0) === 0x80) first -= 1;
  return first;
}

/** A place at most a chunk before the first byte that is no part of UTF-8. */
function nearWrong(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let start = 0; start < bytes.length; start += CHUNK) {
    try {
      decoder.decode(bytes.subarray(start, start + CHUNK), { stream: true });
    } catch {
      return boundaryBefore(bytes, start);
    }
  }
  // All is well but that the last character is cut off.
  return boundaryBefore(bytes, bytes.length - 1);
}

/**
 * The text of a file.
 * @throws DataError `ConfigInvalid` for one that is too large, empty, or not UTF-8, with the first
 *   byte that is not
 */
export function ownTextOfBytes(name: string, bytes: Uint8Array): OwnText {
  checkOwnSize(name, bytes.length);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const at = firstWrong(bytes, nearWrong(bytes));
    const hex = bytes[at]?.toString(16).toUpperCase().padStart(2, '0');
    throw refuse(`${name} is not text in UTF-8: byte ${inDigits(at + 1)} is 0x${hex}`);
  }
  return ownTextOf(name, text);
}
