/** Tokens as they can be read, whatever bytes they are. */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const SIGNS: Readonly<Record<string, string>> = { ' ': '␣', '\n': '↵', '\r': '␍', '\t': '⇥' };
/** What has no picture of its own, or changes how others are written. */
const HIDDEN = /[\p{C}\p{Z}]/gu;

/** A text in which spaces, line ends and all that cannot be seen are visible. */
export function visibleText(text: string): string {
  return text.replaceAll(HIDDEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return (
      SIGNS[character] ??
      (code < 0x20
        ? String.fromCodePoint(0x2400 + code)
        : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`)
    );
  });
}

/** A token's text; its bytes where they are no whole characters. */
export function visibleToken(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length === 0) return '(empty)';
  try {
    return visibleText(decoder.decode(bytes));
  } catch {
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
    return `‹${hex.join(' ')}›`;
  }
}
