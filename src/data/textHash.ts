/** Identity of a text: SHA-256 in lower-case hexadecimal. */
import { utf8Encode } from './tokenizers/bytes.ts';

/** SHA-256 of bytes. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Hash of the text in use: of one corpus, the SHA-256 of its file, so that any tool can check it;
 * of several, the SHA-256 of the lines "<name> <SHA-256>\n" in order of domain.
 */
export async function hashOfTexts(
  texts: readonly { readonly name: string; readonly sha256: string }[],
): Promise<string> {
  if (texts.length === 1) return texts[0]!.sha256;
  return sha256Hex(utf8Encode(texts.map(({ name, sha256 }) => `${name} ${sha256}\n`).join('')));
}
