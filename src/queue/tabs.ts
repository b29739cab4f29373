/** The right to change the queue, which one tab has at a time, and what tabs tell each other of it. */
import { switchyardError } from '../train/session/errors.ts';
import type { QueueDeps } from './queueDeps.ts';

export type QueueNews =
  /** A tab was opened; the one that has the queue answers. */
  | { type: 'asked' }
  /** Of the tab that has the queue, or had it: its list, as it is stored, is another one. */
  | { type: 'list'; isHeld: boolean; isPaused: boolean }
  /** A result of an item is stored. */
  | { type: 'result'; item: string; adapter: string | null };

/** The queue of this tab. */
interface Own {
  isPaused(): boolean;
  /** Reads the list: with the right to change it, or because another tab did. */
  read(isNews: boolean): Promise<void>;
  /** Another tab stored a result. */
  hear(item: string, adapter: string | null): Promise<void>;
}

export class Tabs {
  readonly #deps: Pick<QueueDeps, 'hold' | 'release' | 'channel'>;
  readonly #own: Own;
  /** The list as it was read with the right to change it; null without that. */
  #held: Promise<void> | null = null;
  #isHolder = false;
  #elsewhere: { isPaused: boolean } | null = null;
  #heard: Promise<void> = Promise.resolve();

  constructor(deps: Pick<QueueDeps, 'hold' | 'release' | 'channel'>, own: Own) {
    this.#deps = deps;
    this.#own = own;
    deps.channel?.addEventListener('message', ({ data }: MessageEvent<QueueNews>) =>
      this.#hear(data),
    );
  }

  /** The other tab that has the queue; null where none has it. */
  get elsewhere(): { readonly isPaused: boolean } | null {
    return this.#elsewhere;
  }

  /** Whether this tab has the queue, or is about to. */
  get isHeld(): boolean {
    return this.#held !== null;
  }

  /** Asks whether another tab has the queue. */
  ask(): void {
    this.#tell({ type: 'asked' });
  }

  /**
   * Takes the right to change the list, and reads it: another tab may have had it since.
   * @throws ConfigInvalid where another tab has it
   */
  async hold(): Promise<void> {
    this.#held ??= this.#take().catch((error: unknown) => {
      this.#held = null;
      throw error;
    });
    await this.#held;
  }

  async #take(): Promise<void> {
    if (!(await this.#deps.hold())) {
      if (this.#deps.channel === null) this.#elsewhere ??= { isPaused: false };
      this.ask();
      throw switchyardError('ConfigInvalid', 'The queue works in another tab.');
    }
    this.#elsewhere = null;
    this.#isHolder = true;
    try {
      await this.#own.read(false);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Lets another tab have the queue. */
  release(): void {
    const wasHolder = this.#isHolder;
    this.#held = null;
    this.#isHolder = false;
    this.#deps.release();
    if (wasHolder) this.#tellList();
  }

  /** Tells other tabs that the list changed, where this tab has it. */
  changed(): void {
    if (this.#isHolder) this.#tellList();
  }

  stored(item: string, adapter: string | null): void {
    this.#tell({ type: 'result', item, adapter });
  }

  #tellList(): void {
    this.#tell({ type: 'list', isHeld: this.#isHolder, isPaused: this.#own.isPaused() });
  }

  #tell(news: QueueNews): void {
    this.#deps.channel?.postMessage(news);
  }

  #hear(news: QueueNews): void {
    if (news.type === 'asked') this.changed();
    if (news.type === 'asked' || this.#isHolder) return;
    if (news.type === 'list') this.#elsewhere = news.isHeld ? { isPaused: news.isPaused } : null;
    this.#heard = this.#heard
      .then(() =>
        news.type === 'list' ? this.#own.read(true) : this.#own.hear(news.item, news.adapter),
      )
      // What cannot be read now is read with the next news.
      .catch(() => undefined);
  }
}
