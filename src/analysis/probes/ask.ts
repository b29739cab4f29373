/** Probe tasks put to a model (docs/analysis.md, "Probe tasks"). */
import type { ChoiceItem } from './choice.ts';
import type { ProbeItems } from './items.ts';
import type { GreedyItem, ProbeTask } from './probe.ts';
import { type InductionAnswers, isDecided } from './results.ts';
import { type ProbeAnswers, type ProbeResults, SCORES } from './score.ts';

/** A model as probe tasks ask it; no sequence is ever dropped from by capacity. */
export interface ProbeModel {
  encode(text: string): ArrayLike<number>;
  /** UTF-8 of a token. */
  bytesOf(id: number): Uint8Array;
  /** ce of every token behind the first, in one pass over a sequence alone in its batch. */
  losses(tokens: readonly number[]): Promise<ArrayLike<number>>;
  /** Logits [tokens, V] of such a pass. */
  logits(tokens: readonly number[]): Promise<Float32Array>;
  /** Logits [V] behind the last token, as sampling takes them. */
  next(tokens: readonly number[]): Promise<Float32Array>;
}

/** Called before every item of a task. @throws to stop */
export type ProbeProgress = (task: ProbeTask, done: number, total: number) => void;

/** Place of the largest value from `start` on, the lowest of equal ones. */
function argmax(values: ArrayLike<number>, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** The most likely tokens one by one, until the answer is decided. */
async function greedyText(item: GreedyItem, model: ProbeModel): Promise<Uint8Array> {
  const context = Array.from(model.encode(item.prompt)).slice(-item.promptTokens);
  const written: number[] = [];
  for (let i = 0; i < item.most && !isDecided(item, Uint8Array.from(written)); i++) {
    const logits = await model.next(context);
    const token = argmax(logits, 0, logits.length);
    context.push(token);
    written.push(...model.bytesOf(token));
  }
  return Uint8Array.from(written);
}

/** Σ ln p of every option behind its part of the prompt. */
async function optionSums(item: ChoiceItem, model: ProbeModel): Promise<number[]> {
  const prompt = Array.from(model.encode(item.prompt));
  const sums: number[] = [];
  for (const [i, option] of item.options.entries()) {
    const kept = item.promptTokens[i]!;
    const ce = await model.losses([...prompt.slice(-kept), ...Array.from(model.encode(option))]);
    sums.push(
      -Array.from(ce)
        .slice(kept - 1)
        .reduce((sum, nats) => sum + nats, 0),
    );
  }
  return sums;
}

/** −ln softmax(logits)[target] of one row. */
function nats(logits: Float32Array, start: number, V: number, target: number): number {
  const largest = logits[start + argmax(logits, start, V)]!;
  let total = 0;
  for (let i = 0; i < V; i++) total += Math.exp(logits[start + i]! - largest);
  return Math.log(total) - (logits[start + target]! - largest);
}

/** A sequence said twice: what stands behind j − 1 of each copy is asked for, j = 1 … m − 1. */
async function inductionAnswers(
  r: readonly number[],
  model: ProbeModel,
): Promise<InductionAnswers> {
  const m = r.length;
  const tokens = [...r, ...r].slice(0, -1);
  const logits = await model.logits(tokens);
  const V = logits.length / tokens.length;
  const copy = (from: number) =>
    r.slice(1).map((target, j) => nats(logits, (from + j) * V, V, target));
  return {
    argmax: r.slice(1).map((_, j) => argmax(logits, (m + j) * V, V)),
    first: copy(0),
    second: copy(m),
  };
}

/** The answers to a list of items, one after the other. */
async function eachOf<T, A>(
  task: ProbeTask,
  items: readonly T[],
  answer: (item: T) => Promise<A>,
  onProgress: ProbeProgress,
): Promise<A[]> {
  const answers: A[] = [];
  for (const item of items) {
    onProgress(task, answers.length, items.length);
    answers.push(await answer(item));
  }
  return answers;
}

type Answers = {
  readonly [T in ProbeTask]: (
    items: ProbeItems['items'],
    model: ProbeModel,
    onProgress: ProbeProgress,
  ) => Promise<ProbeAnswers[T]>;
};

/** What a model answers to the items of a task. */
export const ASKS: Answers = {
  lastWord: ({ lastWord }, model, progress) =>
    eachOf('lastWord', lastWord, (item) => greedyText(item, model), progress),
  cloze4: ({ cloze4 }, model, progress) =>
    eachOf('cloze4', cloze4, (item) => optionSums(item, model), progress),
  arithmetic: ({ arithmetic }, model, progress) =>
    eachOf('arithmetic', arithmetic, (item) => greedyText(item, model), progress),
  induction: ({ induction }, model, progress) =>
    eachOf('induction', induction.sequences, (r) => inductionAnswers(r, model), progress),
  domainChoice: ({ domainChoice }, model, progress) =>
    eachOf('domainChoice', domainChoice, (item) => optionSums(item, model), progress),
};

/** Puts one task to a model. */
export async function askProbe<T extends ProbeTask>(
  task: T,
  items: ProbeItems,
  model: ProbeModel,
  onProgress: ProbeProgress = () => undefined,
): Promise<ProbeResults[T]> {
  const ask: Answers[T] = ASKS[task];
  return SCORES[task](items, await ask(items.items, model, onProgress));
}
