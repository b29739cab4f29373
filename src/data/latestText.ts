import type { Experiment } from '../config/experiment.ts';
import { DataError } from './dataError.ts';
import type { OwnText } from './ownText.ts';
import type { PrepareProgress } from './prepare.ts';
import type { PreparedText } from './types.ts';

/** `prepareText` of one source of corpora. */
export type Prepare = (
  experiment: Experiment,
  own: OwnText | null,
  onProgress: PrepareProgress,
  signal: AbortSignal | undefined,
) => Promise<PreparedText>;

/** The settings that a prepared text is a function of; the hash only says what is expected. */
export function keyOf({ data, tokenizer, model, batch, seeds }: Experiment): string {
  return JSON.stringify([{ ...data, hash: null }, tokenizer, model.V, batch, seeds.data]);
}

interface Latest {
  key: string;
  text: Promise<PreparedText>;
  stop: AbortController;
  onProgress: PrepareProgress;
}

/**
 * Keeps the text that was prepared last, and may prepare one before a run asks for it: a new model
 * on the same text has it at once. Texts of a person's own are not kept.
 */
export class LatestText {
  readonly #prepare: Prepare;
  #latest: Latest | null = null;

  constructor(prepare: Prepare) {
    this.#prepare = prepare;
  }

  /** The text of an experiment where it is the last one; null for any other. */
  known(experiment: Experiment): Promise<PreparedText> | null {
    const isOwn = (experiment.data.mix.own ?? 0) > 0;
    return !isOwn && this.#latest?.key === keyOf(experiment) ? this.#latest.text : null;
  }

  /** Begins to prepare the text of an experiment; what goes wrong shows when it is asked for. */
  ahead(experiment: Experiment): void {
    if ((experiment.data.mix.own ?? 0) === 0) this.#begin(experiment).catch(() => undefined);
  }

  /**
   * The text of an experiment.
   * @throws DataError as `prepareText` does
   */
  async get(...request: Parameters<Prepare>): Promise<PreparedText> {
    const [experiment, , onProgress, signal] = request;
    if ((experiment.data.mix.own ?? 0) > 0) return this.#prepare(...request);
    const text = this.#begin(experiment);
    const stop = this.#latest?.stop;
    const cancel = () => stop?.abort();
    if (this.#latest !== null) this.#latest.onProgress = onProgress;
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted) cancel();
    try {
      const prepared = await text;
      if (signal?.aborted) throw new DataError('Cancelled', 'Preparing the text was cancelled.');
      const { hash } = experiment.data;
      // Another text than the one expected: preparing it says so.
      return hash === null || hash === prepared.hash ? prepared : await this.#prepare(...request);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #begin(experiment: Experiment): Promise<PreparedText> {
    const key = keyOf(experiment);
    if (this.#latest?.key === key) return this.#latest.text;
    this.#latest?.stop.abort();
    const stop = new AbortController();
    const anyHash = { ...experiment, data: { ...experiment.data, hash: null } };
    const report: PrepareProgress = (...progress) => latest.onProgress(...progress);
    const text = this.#prepare(anyHash, null, report, stop.signal);
    const latest: Latest = { key, text, stop, onProgress: () => {} };
    this.#latest = latest;
    text.catch(() => {
      if (this.#latest === latest) this.#latest = null;
    });
    return text;
  }
}
