/** 2. and 5. Which continuation belongs to a text: four of one domain, or one of each (HellaSwag). */
import { characterClass } from './characters.ts';
import {
  below,
  byHash,
  chosen,
  PLACE,
  type ProbeDomain,
  type ProbeSettings,
  probeHash,
} from './probe.ts';

const BLOCK = 160;
const [FIRST_PLACE, LAST_PLACE] = [96, 128];
/** Characters of a continuation. */
export const CONTINUATION = 32;
const WRONG = 3;

export interface Passage {
  prompt: string;
  continuation: string;
}

function passagesIn(document: string): Passage[] {
  const characters = [...document];
  return Array.from({ length: Math.floor(characters.length / BLOCK) }, (_, b) =>
    characters.slice(b * BLOCK, (b + 1) * BLOCK),
  ).flatMap((block) => {
    const at = block.findIndex(
      (character, i) => i >= FIRST_PLACE && i <= LAST_PLACE && characterClass(character).space,
    );
    if (at < 0) return [];
    const continuation = block.slice(at, at + CONTINUATION).join('');
    return [{ prompt: block.slice(0, at).join(''), continuation }];
  });
}

/** Candidates of a domain in order of the text. */
export function passagesOf({ validation }: ProbeDomain): Passage[] {
  return validation.flatMap(passagesIn);
}

export interface ChoiceItem {
  domain: string;
  candidate: number;
  prompt: string;
  options: readonly string[];
  /** Place of the true one. */
  true: number;
  /** Tokens of every option, and of the prompt that are kept in its pass. */
  tokens: readonly number[];
  promptTokens: readonly number[];
}

export type ChoiceTask = 'cloze4' | 'domainChoice';

/** Wrong continuations of candidate c of a domain, in order. */
function wrongOf(
  passages: readonly (readonly Passage[])[],
  [d, c]: readonly [domain: number, candidate: number],
  task: ChoiceTask,
  settings: ProbeSettings,
): string[] {
  const options = [passages[d]![c]!.continuation];
  const take = (text: string) => {
    const isNew = options.length <= WRONG && !options.includes(text);
    if (isNew) options.push(text);
    return isNew;
  };
  const orderOf = (count: number, ...parts: readonly number[]) =>
    byHash(count, (i) => probeHash(settings, task, d, c, ...parts, i));
  if (task === 'cloze4') {
    for (const other of orderOf(passages[d]!.length)) {
      if (other !== c) take(passages[d]![other]!.continuation);
    }
  } else {
    for (const other of orderOf(passages.length)) {
      if (other === d || options.length > WRONG) continue;
      const inOrder = orderOf(passages[other]!.length, other);
      inOrder.find((candidate) => take(passages[other]![candidate]!.continuation));
    }
  }
  return options.slice(1);
}

/** Tokens of every option's pass; null where one does not fit. */
function passTokens(prompt: string, options: readonly string[], { S, encode }: ProbeSettings) {
  const ofPrompt = encode(prompt).length;
  const tokens = options.map((option) => encode(option).length);
  if (ofPrompt === 0 || tokens.some((n) => n > S)) return null;
  return { tokens, promptTokens: tokens.map((n) => Math.min(ofPrompt, S - (n - 1))) };
}

export function choiceItems(
  domains: readonly ProbeDomain[],
  passages: readonly (readonly Passage[])[],
  task: ChoiceTask,
  settings: ProbeSettings,
): { items: ChoiceItem[]; leftOut: { options: number; tokens: number } } {
  const leftOut = { options: 0, tokens: 0 };
  const needed = task === 'cloze4' ? WRONG : 1;
  const items = domains.flatMap(({ name }, d) =>
    chosen(settings, task, d, passages[d]!.length).flatMap((c): ChoiceItem[] => {
      const { prompt, continuation } = passages[d]![c]!;
      const wrong = wrongOf(passages, [d, c], task, settings);
      if (wrong.length < needed) {
        leftOut.options++;
        return [];
      }
      const place = below(wrong.length + 1, probeHash(settings, task, d, c, PLACE));
      const options = wrong.toSpliced(place, 0, continuation);
      const counts = passTokens(prompt, options, settings);
      if (counts === null) {
        leftOut.tokens++;
        return [];
      }
      return [{ domain: name, candidate: c, prompt, options, true: place, ...counts }];
    }),
  );
  return { items, leftOut };
}
