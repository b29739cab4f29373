/** Bytes as the letters of a link: deflate and base64url. */
import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate';
import { show } from './values.ts';

/**
 * Most bytes that anything packed in a link may hold: several times an experiment with 10,000 changes
 * of the learning rate, and little enough to be refused at once.
 */
export const MAX_UNPACKED = 1 << 20;
/** Packed bytes given to the decoder at once, which makes at most 1032 of each. */
const PIECE = 512;

function toBase64Url(bytes: Uint8Array): string {
  return btoa(strFromU8(bytes, true)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array {
  const strange = /[^A-Za-z0-9_-]/.exec(text)?.[0];
  if (strange !== undefined) throw new RangeError(`${show(strange)} is no sign of a packed link`);
  if (text.length % 4 === 1) throw new RangeError('a sign is missing or too many');
  return strToU8(atob(text.replaceAll('-', '+').replaceAll('_', '/')), true);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Inflates piece by piece, so that little more than `MAX_UNPACKED` bytes ever come of anything. */
function inflated(packed: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = new Inflate((chunk) => {
    chunks.push(chunk);
    length += chunk.length;
  });
  for (let at = 0; at < packed.length; at += PIECE) {
    stream.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
    if (length > MAX_UNPACKED) throw new RangeError(`it holds more than ${MAX_UNPACKED} bytes`);
  }
  return joined(chunks, length);
}

export function packBytes(bytes: Uint8Array): string {
  return toBase64Url(deflateSync(bytes, { level: 9 }));
}

/** @throws RangeError, as the end of a sentence, for anything that was not packed by `packBytes` */
export function unpackBytes(packed: string): Uint8Array {
  const bytes = fromBase64Url(packed);
  try {
    return inflated(bytes);
  } catch (cause) {
    if (cause instanceof RangeError && cause.message.startsWith('it holds')) throw cause;
    throw new RangeError('it is cut short, or its letters were changed');
  }
}

export function packText(text: string): string {
  return packBytes(strToU8(text));
}

/** @throws RangeError, as the end of a sentence, for anything that was not packed by `packText` */
export function unpackText(packed: string): string {
  const bytes = unpackBytes(packed);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RangeError('what it holds is no text');
  }
}
