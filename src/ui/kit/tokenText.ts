/** Tokens as they are read. */

const SIGNS: Readonly<Record<string, string>> = { ' ': '·', '\n': '↵', '\t': '⇥', '\r': '␍' };

/** Text of a token with spaces and control characters made visible; bytes of a part of a character in hex. */
export function tokenText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return '';
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return [...text].map((character) => SIGNS[character] ?? shown(character)).join('');
  } catch {
    return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  }
}

/** Control characters have pictures of their own; what cannot be seen is told by its number. */
function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return /[\p{C}\p{Z}\p{M}]/u.test(character) ? `\\u${code.toString(16)}` : character;
}
