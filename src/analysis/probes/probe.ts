/** What probe tasks have in common (docs/analysis.md, "Probe tasks"). */
import { hashChain } from '../../config/hash.ts';

/** In the order of their numbers, from 1. */
export const PROBE_TASKS = [
  'lastWord',
  'cloze4',
  'arithmetic',
  'induction',
  'domainChoice',
] as const;
export type ProbeTask = (typeof PROBE_TASKS)[number];

/** Documents of one domain in order; training text serves only to exclude. */
export interface ProbeDomain {
  name: string;
  training: readonly string[];
  validation: readonly string[];
}

export interface ProbeSettings {
  seed: number;
  /** Items of a task: of each domain, or of all for `induction`. */
  items: Readonly<Partial<Record<ProbeTask, number>>>;
  /** Tokens of a pass at most. */
  S: number;
  encode: (text: string) => ArrayLike<number>;
  /** Distinct token ids of the validation streams, ascending. */
  ids: readonly number[];
}

/** Items where a setting names no number. */
export const DEFAULT_ITEMS: Readonly<Record<ProbeTask, number>> = {
  lastWord: 64,
  cloze4: 64,
  arithmetic: 64,
  induction: 16,
  domainChoice: 64,
};

/** Characters of a prompt at most. */
export const PROMPT = 512;
/** Tokens that a greedy answer may have beyond the bytes of the right one. */
const SPARE = 4;
/** The last number of a chain that names a place. */
export const PLACE = 2 ** 32 - 1;

/** The chain over (seed; the task's number, …). */
export function probeHash(
  { seed }: Pick<ProbeSettings, 'seed'>,
  task: ProbeTask,
  ...parts: readonly number[]
): number {
  return hashChain(seed, PROBE_TASKS.indexOf(task) + 1, ...parts);
}

/** A whole number below m by a hash. */
export function below(m: number, hash: number): number {
  return Math.floor((hash * m) / 2 ** 32);
}

export function itemsOf({ items }: ProbeSettings, task: ProbeTask): number {
  return items[task] ?? DEFAULT_ITEMS[task];
}

/** Indices 0 … count − 1 by rising hash, ties to the lower one. */
export function byHash(count: number, hashOf: (i: number) => number): number[] {
  const hashes = Array.from({ length: count }, (_, i) => hashOf(i));
  return hashes.map((_, i) => i).sort((a, b) => hashes[a]! - hashes[b]! || a - b);
}

/** The candidates of a domain that a task takes, by rising index. */
export function chosen(
  settings: ProbeSettings,
  task: ProbeTask,
  domain: number,
  candidates: number,
): number[] {
  const order = byHash(candidates, (c) => probeHash(settings, task, domain, c));
  return order.slice(0, itemsOf(settings, task)).sort((a, b) => a - b);
}

/** An item that is answered by greedy text. */
export interface GreedyItem {
  domain: string;
  candidate: number;
  prompt: string;
  answer: string;
  /** Tokens G that are written at most. */
  most: number;
  /** Tokens of the prompt that are kept. */
  promptTokens: number;
}

/** What a candidate asks, before its domain and index. */
export interface Question {
  prompt: string;
  answer: string;
}

/** Why items are left out: how many. */
export type LeftOut = Readonly<Record<string, number>>;

export function greedyItem(
  { prompt, answer }: Question,
  domain: string,
  candidate: number,
  { S, encode }: ProbeSettings,
): GreedyItem | null {
  const most = new TextEncoder().encode(answer).length + SPARE;
  const promptTokens = Math.min(S - most, encode(prompt).length);
  return promptTokens < 1 ? null : { domain, candidate, prompt, answer, most, promptTokens };
}
