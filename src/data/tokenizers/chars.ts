import { DataError } from '../dataError.ts';
import type { Tokenizer } from '../types.ts';
import { labelText } from './label.ts';

/** Unknown characters named in an error. */
const NAMED = 5;

/** Marks the code points of a text in `seen` [0x110000]. */
function markCharacters(text: string, seen: Uint8Array): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    seen[code] = 1;
    if (code > 0xffff) i += 1;
  }
}

/**
 * One entry per character (code point) of the texts, numbered by code point.
 *
 * There is no entry for unknown characters: the vocabulary is made from the whole text in use,
 * validation included, so an experiment meets none, and an entry that training never sees would
 * only hold its random start. Other text — a prompt — may have unknown characters; encoding it
 * is refused with their names.
 *
 * @throws DataError `ConfigInvalid` (from `encode`) for characters that the texts do not have
 */
export function createCharsTokenizer(texts: Iterable<string>): Tokenizer {
  const seen = new Uint8Array(0x110000);
  for (const text of texts) markCharacters(text, seen);
  const codes: number[] = [];
  const tokenOfCode = new Int32Array(seen.length).fill(-1);
  seen.forEach((isUsed, code) => {
    if (isUsed) tokenOfCode[code] = codes.push(code) - 1;
  });

  const refuse = (text: string): DataError => {
    const unknown = [...new Set(text)].filter((char) => tokenOfCode[char.codePointAt(0)!] === -1);
    const names = unknown.slice(0, NAMED).map((char) => {
      const hex = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      return `"${char}" (U+${hex})`;
    });
    const rest = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : '';
    return new DataError(
      'ConfigInvalid',
      `The text has characters that are not among the ${codes.length} of the training text: ` +
        `${names.join(', ')}${rest}.`,
    );
  };

  return {
    kind: 'chars',
    size: codes.length,
    encode(text) {
      const tokens = new Uint32Array(text.length);
      let length = 0;
      for (let i = 0; i < text.length; i++) {
        const code = text.codePointAt(i)!;
        if (code > 0xffff) i += 1;
        const token = tokenOfCode[code]!;
        if (token === -1) throw refuse(text);
        tokens[length++] = token;
      }
      return tokens.slice(0, length);
    },
    decode: (tokens) =>
      Array.from(tokens, (token) => String.fromCodePoint(codes[token] ?? 0xfffd)).join(''),
    label: (token) => labelText(String.fromCodePoint(codes[token] ?? 0xfffd)),
  };
}
