/** What answers come to: right ones, chance and Wilson's interval (docs/analysis.md, "Probe tasks"). */

import { mean } from '../figures/numbers.ts';
import { isWordCharacter } from '../figures/tokenClass.ts';
import { OPERATORS, type Operator } from './arithmetic.ts';
import { type ChoiceItem, CONTINUATION } from './choice.ts';
import type { InductionItems } from './induction.ts';
import type { ArithmeticItem } from './items.ts';
import type { GreedyItem } from './probe.ts';

/** Trials that are counted together; undefined where there are none. */
export interface Trials {
  correct: number;
  of: number;
  accuracy: number | null;
  /** Wilson's interval. */
  low: number | null;
  high: number | null;
  chance: number | null;
}

const Z = 1.959964;

/** NaN, which is undefined, as JSON has it. */
const orNull = (x: number) => (Number.isNaN(x) ? null : x);

/** @param chances of the items, or of all alike where a number */
export function trials(right: readonly number[], chances: number | readonly number[]): Trials {
  const N = right.length;
  const correct = right.reduce((sum, one) => sum + one, 0);
  const chance = orNull(typeof chances === 'number' ? chances : mean(chances));
  if (N === 0) return { correct, of: N, accuracy: null, low: null, high: null, chance };
  const a = correct / N;
  const centre = a + Z ** 2 / (2 * N);
  const spread = Z * Math.sqrt((a * (1 - a)) / N + Z ** 2 / (4 * N ** 2));
  const scale = 1 + Z ** 2 / N;
  return {
    correct,
    of: N,
    accuracy: a,
    // Rounding alone leads beyond the ends.
    low: Math.max(0, (centre - spread) / scale),
    high: Math.min(1, (centre + spread) / scale),
    chance,
  };
}

/** Trials of each group, in the order of the names. */
function grouped<T>(
  names: readonly string[],
  items: readonly T[],
  groupOf: (item: T) => string,
  of: (places: readonly number[]) => Trials,
): Record<string, Trials> {
  const places = (name: string) => items.flatMap((item, i) => (groupOf(item) === name ? [i] : []));
  return Object.fromEntries(names.map((name) => [name, of(places(name))]));
}

export interface GreedyResult extends Trials {
  /** 1 or 0 by item. */
  right: readonly number[];
  byDomain: Readonly<Record<string, Trials>>;
}
export interface ArithmeticResult extends GreedyResult {
  byOperator: Readonly<Record<Operator, Trials>>;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The first character of bytes; null where they are malformed, undefined where there are none. */
function firstCharacter(bytes: Uint8Array): string | null | undefined {
  const lead = bytes[0];
  if (lead === undefined) return undefined;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  try {
    return decoder.decode(bytes.subarray(0, length));
  } catch {
    return null;
  }
}

export type GreedyTask = 'lastWord' | 'arithmetic';

/** Whether what follows the answer would go on with it. */
function goesOn(task: GreedyTask, rest: Uint8Array): boolean {
  if (task === 'arithmetic') return rest[0] !== undefined && rest[0] >= 0x30 && rest[0] <= 0x39;
  const next = firstCharacter(rest);
  return typeof next === 'string' && isWordCharacter(next);
}

/** Whether a greedy text is right, as its last token leaves it. */
export function isRight(task: GreedyTask, { answer }: GreedyItem, text: Uint8Array): boolean {
  const wanted = new TextEncoder().encode(answer);
  if (wanted.some((byte, i) => text[i] !== byte)) return false;
  return !goesOn(task, text.subarray(wanted.length));
}

/** Bytes behind the answer with which a character is whole. */
const WHOLE = 4;

/** Whether no further token can change what a greedy text counts as. */
export function isDecided({ answer }: GreedyItem, text: Uint8Array): boolean {
  const wanted = new TextEncoder().encode(answer);
  const common = Math.min(wanted.length, text.length);
  if (wanted.subarray(0, common).some((byte, i) => text[i] !== byte)) return true;
  const rest = text.subarray(wanted.length);
  if (rest.length === 0) return false;
  return rest.length >= WHOLE || firstCharacter(rest) !== null;
}

/** @param texts greedy texts of the items */
export function greedyResult(
  task: GreedyTask,
  items: readonly GreedyItem[],
  texts: readonly Uint8Array[],
  domains: readonly string[],
): GreedyResult {
  const right = items.map((item, i) => Number(isRight(task, item, texts[i]!)));
  const of = (places: readonly number[]) =>
    trials(
      places.map((i) => right[i]!),
      0,
    );
  return { ...trials(right, 0), right, byDomain: grouped(domains, items, (i) => i.domain, of) };
}

export function arithmeticResult(
  items: readonly ArithmeticItem[],
  texts: readonly Uint8Array[],
  domains: readonly string[],
): ArithmeticResult {
  const result = greedyResult('arithmetic', items, texts, domains);
  const of = (places: readonly number[]) =>
    trials(
      places.map((i) => result.right[i]!),
      0,
    );
  const byOperator = grouped(OPERATORS, items, ({ operator }) => operator, of);
  return { ...result, byOperator: byOperator as ArithmeticResult['byOperator'] };
}

export interface ChoiceAccuracy extends GreedyResult {
  /** Place of the option that wins, by item. */
  picks: readonly number[];
}
export interface ChoiceResult {
  perToken: ChoiceAccuracy;
  perCharacter: ChoiceAccuracy;
}

/** Place of the largest value, the lowest of equal ones. */
const largest = (values: readonly number[]) =>
  values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);

/** @param sums Σ ln p of every option [items][options] */
export function choiceResult(
  items: readonly ChoiceItem[],
  sums: readonly (readonly number[])[],
  domains: readonly string[],
  chance: number | null,
): ChoiceResult {
  const chances = (places: readonly number[]) =>
    chance ?? places.map((i) => 1 / items[i]!.options.length);
  const accuracy = (per: (item: ChoiceItem, option: number) => number): ChoiceAccuracy => {
    const picks = items.map((item, i) =>
      largest(sums[i]!.map((sum, option) => sum / per(item, option))),
    );
    const right = items.map((item, i) => Number(picks[i] === item.true));
    const of = (places: readonly number[]) =>
      trials(
        places.map((i) => right[i]!),
        chances(places),
      );
    const all = of(items.map((_, i) => i));
    return { ...all, right, picks, byDomain: grouped(domains, items, (i) => i.domain, of) };
  };
  return {
    perToken: accuracy(({ tokens }, option) => tokens[option]!),
    perCharacter: accuracy(() => CONTINUATION),
  };
}

/** Of one item: ids with the largest logit, and ce in both copies, j = 1 … m − 1. */
export interface InductionAnswers {
  argmax: readonly number[];
  first: readonly number[];
  second: readonly number[];
}
export interface InductionResult extends Trials {
  right: readonly number[];
  /** Mean ce in the first copy less that in the second, nats. */
  gain: number | null;
}

export function inductionResult(
  { sequences, ids }: InductionItems,
  answers: readonly InductionAnswers[],
): InductionResult {
  const right = sequences.flatMap((r, item) =>
    answers[item]!.argmax.map((id, j) => Number(id === r[j + 1])),
  );
  const first = mean(answers.flatMap((answer) => answer.first));
  const second = mean(answers.flatMap((answer) => answer.second));
  return {
    ...trials(right, ids === 0 ? Number.NaN : 1 / ids),
    right,
    gain: orNull(first - second),
  };
}

/** Trials that only the first of two runs got right, and only the second. */
export function onlyOne(
  a: { right: readonly number[] },
  b: { right: readonly number[] },
): [number, number] {
  const count = (is: (i: number) => boolean) => a.right.filter((_, i) => is(i)).length;
  return [count((i) => a.right[i]! > b.right[i]!), count((i) => a.right[i]! < b.right[i]!)];
}
