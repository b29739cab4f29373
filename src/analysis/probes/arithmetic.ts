/** 3. Sums that training has not seen (exact match). */
import { PROMPT, type ProbeDomain, type Question } from './probe.ts';

export const OPERATORS = ['+', '-', '*', '/', 'other'] as const;
export type Operator = (typeof OPERATORS)[number];

const SUM = /^[-0-9+*/() ]+ = -?[0-9]+$/;
const OPERATION = /[0-9] ([-+*/])/;

export interface Sum extends Question {
  operator: Operator;
}

function sumsIn(document: string, trained: ReadonlySet<string>): Sum[] {
  const sums: Sum[] = [];
  let start = 0;
  for (const line of document.split('\n')) {
    if (start > 0 && SUM.test(line) && !trained.has(line)) {
      const answerAt = start + line.lastIndexOf('=') + 1;
      const before = [...document.slice(Math.max(0, answerAt - 2 * PROMPT), answerAt)];
      const operator = (OPERATION.exec(line)?.[1] ?? 'other') as Operator;
      const answer = document.slice(answerAt, start + line.length);
      sums.push({ prompt: before.slice(-PROMPT).join(''), answer, operator });
    }
    start += line.length + 1;
  }
  return sums;
}

/** Candidates of every domain in order of the text. */
export function sumsOf(domains: readonly ProbeDomain[]): Sum[][] {
  const trained = new Set(
    domains.flatMap(({ training }) => training.flatMap((document) => document.split('\n'))),
  );
  return domains.map(({ validation }) => validation.flatMap((text) => sumsIn(text, trained)));
}
