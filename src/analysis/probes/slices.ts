/** Probe tasks one item at a time: what is asked between two steps of training. */
import { ASKS, type ProbeModel } from './ask.ts';
import type { ProbeItems } from './items.ts';
import { PROBE_TASKS, type ProbeTask } from './probe.ts';
import { type ProbeAnswers, type ProbeResults, probeResults } from './score.ts';

type Items = ProbeItems['items'];

const listOf = (items: Items, task: ProbeTask): readonly unknown[] =>
  task === 'induction' ? items.induction.sequences : items[task];

/** The items with one of one task alone. */
function only(items: Items, task: ProbeTask, i: number): Items {
  if (task === 'induction') {
    const { sequences, ...rest } = items.induction;
    return { ...items, induction: { ...rest, sequences: sequences.slice(i, i + 1) } };
  }
  return { ...items, [task]: items[task].slice(i, i + 1) };
}

export class ProbeSlices {
  readonly #items: ProbeItems;
  readonly #asked: readonly (readonly [task: ProbeTask, i: number])[];
  readonly #answers: { [T in ProbeTask]: ProbeAnswers[T][number][] } = {
    lastWord: [],
    cloze4: [],
    arithmetic: [],
    induction: [],
    domainChoice: [],
  };
  #done = 0;

  constructor(items: ProbeItems) {
    this.#items = items;
    this.#asked = PROBE_TASKS.flatMap((task) =>
      listOf(items.items, task).map((_, i) => [task, i] as const),
    );
  }

  /** Items that are answered, and all. */
  get progress(): { done: number; total: number } {
    return { done: this.#done, total: this.#asked.length };
  }

  /** Asks the next item; one that throws can be asked again. */
  async next(model: ProbeModel): Promise<void> {
    const [task, i] = this.#asked[this.#done]!;
    const one = only(this.#items.items, task, i);
    const answers: unknown[] = this.#answers[task];
    answers.push(...(await ASKS[task](one, model, () => undefined)));
    this.#done++;
  }

  /** What the answers come to, once all are there. */
  results(): ProbeResults {
    return probeResults(this.#items, this.#answers);
  }
}
