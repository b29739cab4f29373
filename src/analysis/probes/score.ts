/** Answers of a run to the items of probe tasks, and what they come to. */
import type { ProbeItems } from './items.ts';
import type { ProbeTask } from './probe.ts';
import {
  type ArithmeticResult,
  arithmeticResult,
  type ChoiceResult,
  choiceResult,
  type GreedyResult,
  greedyResult,
  type InductionAnswers,
  type InductionResult,
  inductionResult,
  onlyOne,
} from './results.ts';

/** One entry per item, in their order. */
export interface ProbeAnswers {
  /** Greedy texts. */
  lastWord: readonly Uint8Array[];
  arithmetic: readonly Uint8Array[];
  /** Σ ln p of every option. */
  cloze4: readonly (readonly number[])[];
  domainChoice: readonly (readonly number[])[];
  induction: readonly InductionAnswers[];
}

export interface ProbeResults {
  lastWord: GreedyResult;
  cloze4: ChoiceResult;
  arithmetic: ArithmeticResult;
  induction: InductionResult;
  domainChoice: ChoiceResult;
}

/** Right by chance among four. */
const CLOZE_CHANCE = 0.25;

type Scores = {
  readonly [T in ProbeTask]: (items: ProbeItems, answers: ProbeAnswers[T]) => ProbeResults[T];
};

/** What the answers to a task come to. */
export const SCORES: Scores = {
  lastWord: ({ items, domains }, texts) => greedyResult('lastWord', items.lastWord, texts, domains),
  cloze4: ({ items, domains }, sums) => choiceResult(items.cloze4, sums, domains, CLOZE_CHANCE),
  arithmetic: ({ items, domains }, texts) => arithmeticResult(items.arithmetic, texts, domains),
  induction: ({ items }, answers) => inductionResult(items.induction, answers),
  domainChoice: ({ items, domains }, sums) => choiceResult(items.domainChoice, sums, domains, null),
};

export function probeResults(items: ProbeItems, answers: ProbeAnswers): ProbeResults {
  return {
    lastWord: SCORES.lastWord(items, answers.lastWord),
    cloze4: SCORES.cloze4(items, answers.cloze4),
    arithmetic: SCORES.arithmetic(items, answers.arithmetic),
    induction: SCORES.induction(items, answers.induction),
    domainChoice: SCORES.domainChoice(items, answers.domainChoice),
  };
}

/** Trials of the same items that one of two runs alone got right: the first's, the second's. */
export function onlyOneRight(a: ProbeResults, b: ProbeResults) {
  const choices = (task: 'cloze4' | 'domainChoice') => ({
    perToken: onlyOne(a[task].perToken, b[task].perToken),
    perCharacter: onlyOne(a[task].perCharacter, b[task].perCharacter),
  });
  return {
    lastWord: onlyOne(a.lastWord, b.lastWord),
    cloze4: choices('cloze4'),
    arithmetic: onlyOne(a.arithmetic, b.arithmetic),
    induction: onlyOne(a.induction, b.induction),
    domainChoice: choices('domainChoice'),
  };
}
