/** Entries of a vocabulary made readable. */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x20) return '␣';
  if (code === 0x7f) return '␡';
  if (/\p{C}|\p{Z}/u.test(character)) {
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return /\p{M}/u.test(character) ? `◌${character}` : character;
}

/** Text with spaces and control characters as signs of their own, e.g. "␣the" and "␊". */
export function labelText(text: string): string {
  return Array.from(text, visible).join('');
}

/** Length in bytes of the UTF-8 character that starts with `byte`, 0 where none does. */
export function sequenceLength(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte < 0xc2) return 0;
  if (byte < 0xe0) return 2;
  if (byte < 0xf0) return 3;
  return byte < 0xf5 ? 4 : 0;
}

/** As `labelText`; bytes that are no whole character are shown in hexadecimal, e.g. "⟨E2⟩". */
export function labelBytes(bytes: Uint8Array): string {
  let label = '';
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes[i]!);
    try {
      if (length === 0 || i + length > bytes.length) throw new TypeError('not a whole character');
      label += labelText(decoder.decode(bytes.subarray(i, i + length)));
      i += length;
    } catch {
      label += `⟨${bytes[i]!.toString(16).toUpperCase().padStart(2, '0')}⟩`;
      i += 1;
    }
  }
  return label;
}
