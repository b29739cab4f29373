import type { OwnText } from '../worker/api.ts';

/** Largest text of a person's own, in bytes of UTF-8. */
export const MAX_OWN_BYTES = 50_000_000;

export type OwnTextResult = { ok: true; own: OwnText } | { ok: false; message: string };

/** Exact, so that a text which is one byte too long is told from the limit. */
function size(bytes: number): string {
  return `${bytes.toLocaleString('en')} bytes`;
}

function tooLarge(name: string, bytes: number): OwnTextResult {
  const limit = `${size(MAX_OWN_BYTES)} (${MAX_OWN_BYTES / 1e6} MB)`;
  return { ok: false, message: `${name} has ${size(bytes)}; at most ${limit} are taken` };
}

/** Takes a pasted text, or says why not. */
export function ownTextOf(name: string, text: string): OwnTextResult {
  if (text.trim() === '')
    return { ok: false, message: `${name} is empty: there is nothing to train on` };
  const { byteLength } = new TextEncoder().encode(text);
  if (byteLength > MAX_OWN_BYTES) return tooLarge(name, byteLength);
  return { ok: true, own: { name, text } };
}

/** Reads a file as UTF-8; one above the limit is not read at all. */
export async function ownTextOfFile(file: File): Promise<OwnTextResult> {
  if (file.size > MAX_OWN_BYTES) return tooLarge(file.name, file.size);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return ownTextOf(file.name, text);
  } catch {
    return { ok: false, message: `${file.name} is not text in UTF-8` };
  }
}
