/** Classes of tokens by their bytes and those of the token before (docs/analysis.md, e). */

/** In the order of their indices. */
export const TOKEN_CLASSES = [
  'whitespace',
  'newline',
  'digit',
  'punctuation',
  'wordStart',
  'wordInside',
  'other',
] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
const NEWLINE = /[\n-\r\u0085\u2028\u2029]/u;
const DIGIT = /\p{N}/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const WORD = /[\p{L}\p{M}]/u;

/** Whether a character is White_Space. */
export const isSpace = (character: string): boolean => SPACE.test(character);
export const isNewline = (character: string): boolean => NEWLINE.test(character);
/** L*, M* or N*: a character of a word. */
export const isWordCharacter = (character: string): boolean =>
  WORD.test(character) || DIGIT.test(character);

/** What the class of a token, or of the one behind it, depends on. */
export interface TokenText {
  /** The class that neighbours don't change; null for a word that may go on. */
  own: TokenClass | null;
  /** Whether a word that comes next goes on. */
  leadsOn: boolean;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Characters of UTF-8, or null where it is not well formed. */
function charactersOf(bytes: Uint8Array): string[] | null {
  try {
    return [...decoder.decode(bytes)];
  } catch {
    return null;
  }
}

function ownClass(characters: readonly string[]): TokenClass | null {
  const first = characters.find((character) => !isSpace(character));
  if (first === undefined) return characters.some(isNewline) ? 'newline' : 'whitespace';
  if (DIGIT.test(first)) return 'digit';
  if (PUNCTUATION.test(first)) return 'punctuation';
  if (!WORD.test(first)) return 'other';
  return first === characters[0] ? null : 'wordStart';
}

export function tokenText(bytes: Uint8Array): TokenText {
  const characters = charactersOf(bytes);
  if (characters === null) return { own: 'other', leadsOn: true };
  const last = characters.at(-1);
  if (last === undefined) return { own: 'other', leadsOn: false };
  return { own: ownClass(characters), leadsOn: isWordCharacter(last) };
}

/** Class of a token behind another one of its sequence, or behind none. */
export function classOf({ own }: TokenText, before: TokenText | null): TokenClass {
  return own ?? (before?.leadsOn === true ? 'wordInside' : 'wordStart');
}

const index = Object.fromEntries(TOKEN_CLASSES.map((name, i) => [name, i])) as Readonly<
  Record<TokenClass, number>
>;

/** Class indices of the tokens of sequences of S, and of their targets [U]. */
export function classesOf(
  { tokens, targets, S }: { tokens: Int32Array; targets: Int32Array; S: number },
  texts: readonly Uint8Array[],
): { inputs: Int32Array; targets: Int32Array } {
  const known = new Map<number, TokenText>();
  const textOf = (id: number): TokenText => {
    const found = known.get(id) ?? tokenText(texts[id] ?? new Uint8Array());
    known.set(id, found);
    return found;
  };
  return {
    inputs: tokens.map((id, u) => {
      const before = u % S === 0 ? null : textOf(tokens[u - 1]!);
      return index[classOf(textOf(id), before)];
    }),
    targets: targets.map((id, u) => index[classOf(textOf(id), textOf(tokens[u]!))]),
  };
}
