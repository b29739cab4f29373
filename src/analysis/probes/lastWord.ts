/** 1. The last word of a sentence, said before in the prompt (after LAMBADA). */
import { characterClass, wordsOf } from './characters.ts';
import { PROMPT, type ProbeDomain, type Question } from './probe.ts';

/** Characters of a document before the word at least. */
const EARLIEST = 64;
const SHORTEST = 3;

/** Whether a word may be asked for, where it stands. */
function isAskable(characters: readonly string[], start: number, end: number): boolean {
  const is = (i: number) => characterClass(characters[i]!);
  if (start < EARLIEST || end - start < SHORTEST) return false;
  if (!is(start - 1).space || is(start - 2).space) return false;
  if (!characters.slice(start, end).every((character) => characterClass(character).letter))
    return false;
  const mark = characters[end];
  if (mark !== '.' && mark !== '!' && mark !== '?') return false;
  return end + 1 === characters.length || is(end + 1).space;
}

function questionsIn(document: string): Question[] {
  const characters = [...document];
  /** Where each word began last. */
  const seen = new Map<string, number>();
  return wordsOf(characters).flatMap(([start, end]) => {
    const word = characters.slice(start, end).join('');
    const before = seen.get(word);
    seen.set(word, start);
    const from = Math.max(0, start - 1 - PROMPT);
    if (before === undefined || before < from || !isAskable(characters, start, end)) return [];
    const prompt = characters.slice(from, start - 1).join('');
    return [{ prompt, answer: characters[start - 1]! + word }];
  });
}

/** Candidates of a domain in order of the text. */
export function lastWordQuestions({ validation }: ProbeDomain): Question[] {
  return validation.flatMap(questionsIn);
}
