import type { Experiment } from '../config/experiment.ts';
import { keyOf, type Prepare } from './latestText.ts';
import type { PreparedText } from './types.ts';

/** Keeps the texts that were asked for last: runs of one recipe share theirs. */
export class ManyTexts {
  readonly #prepare: Prepare;
  readonly #most: number;
  /** In the order in which they were asked for. */
  readonly #texts = new Map<string, Promise<PreparedText>>();

  constructor(prepare: Prepare, most = 4) {
    this.#prepare = prepare;
    this.#most = most;
  }

  /** @throws DataError as `prepareText` does */
  get(experiment: Experiment): Promise<PreparedText> {
    const key = JSON.stringify([keyOf(experiment), experiment.data.hash]);
    const text =
      this.#texts.get(key) ?? this.#prepare(experiment, null, () => undefined, undefined);
    this.#texts.delete(key);
    this.#texts.set(key, text);
    text.catch(() => this.#texts.delete(key));
    for (const old of [...this.#texts.keys()].slice(0, -this.#most)) this.#texts.delete(old);
    return text;
  }
}
