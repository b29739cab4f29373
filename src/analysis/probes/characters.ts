/** Documents as code points, with the classes that probe tasks ask for. */
import { isSpace, isWordCharacter } from '../figures/tokenClass.ts';

const LETTER = /\p{L}/u;
const known = new Map<string, { space: boolean; word: boolean; letter: boolean }>();

/** What a character is; asked often, looked up once. */
export function characterClass(character: string) {
  const found = known.get(character) ?? {
    space: isSpace(character),
    word: isWordCharacter(character),
    letter: LETTER.test(character),
  };
  known.set(character, found);
  return found;
}

/** Maximal runs of L*, M*, N* as [start, end). */
export function wordsOf(characters: readonly string[]): [start: number, end: number][] {
  const words: [number, number][] = [];
  let start = -1;
  for (let i = 0; i <= characters.length; i++) {
    const inside = i < characters.length && characterClass(characters[i]!).word;
    if (inside && start < 0) start = i;
    if (inside || start < 0) continue;
    words.push([start, i]);
    start = -1;
  }
  return words;
}
