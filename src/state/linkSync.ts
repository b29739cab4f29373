import type { Parsed } from '../config/parse.ts';
import { decodeLink, encodeLink } from '../config/permalink.ts';
import { type ConfigStore, experimentToShare } from './configStore.ts';

/** The parts of the browser that links need. */
export interface AddressBar {
  read(): string;
  /** @throws DOMException where a browser allows no more changes for a while */
  replace(fragment: string): void;
  /** Calls back when a person changes the fragment by hand or goes back. */
  onChange(listener: () => void): () => void;
  /** Calls back when the page is left or reloaded. */
  onLeave(listener: () => void): () => void;
}

export const LINK_DEBOUNCE_MS = 300;
/** Wait after a change that the browser refused; twice as long after each further one. */
export const LINK_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

export function browserAddressBar(page: Window): AddressBar {
  return {
    read: () => page.location.hash.replace(/^#/, ''),
    replace(fragment) {
      const { pathname, search } = page.location;
      page.history.replaceState(null, '', `${pathname}${search}${fragment && `#${fragment}`}`);
    },
    onChange(listener) {
      page.addEventListener('hashchange', listener);
      return () => page.removeEventListener('hashchange', listener);
    },
    onLeave(listener) {
      page.addEventListener('pagehide', listener);
      return () => page.removeEventListener('pagehide', listener);
    },
  };
}

/** What the page was opened with; null when the fragment is empty. */
export function experimentInLink(bar: AddressBar): Parsed | null {
  const fragment = bar.read();
  return fragment === '' ? null : decodeLink(fragment);
}

/** Writes into the address bar after a while, and again where the browser refuses. */
class Writer {
  readonly #bar: AddressBar;
  readonly #fragment: () => string;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #retryMs = LINK_RETRY_MS;
  /** What the bar shows, as far as this page knows. */
  written: string;

  constructor(bar: AddressBar, fragment: () => string) {
    this.#bar = bar;
    this.#fragment = fragment;
    this.written = bar.read();
  }

  /** Writes after `ms`, in place of what waits. */
  after(ms: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.write(), ms);
  }

  write(): void {
    this.stop();
    const fragment = this.#fragment();
    try {
      this.#bar.replace(fragment);
      this.written = fragment;
      this.#retryMs = LINK_RETRY_MS;
    } catch {
      // Browsers allow so many changes in so many seconds; the newest is written when they do again.
      this.after(this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
    }
  }

  /** Writes at once what waits. */
  flush(): void {
    if (this.#timer !== null) this.write();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/**
 * Mirrors the experiment into the address bar, at most every `LINK_DEBOUNCE_MS`, and loads an
 * experiment that a person puts there. The fragment as it was stays until the first change, so a
 * link with problems is not lost by opening it; a link that is not taken gives way to the
 * experiment that stays.
 * @param load takes what a person put there; false when it was not taken
 * @returns stops mirroring
 */
export function syncLink(
  store: ConfigStore,
  bar: AddressBar,
  load: (parsed: Parsed) => Promise<boolean>,
): () => void {
  const writer = new Writer(bar, () => encodeLink(experimentToShare(store.getState())));

  const stopStore = store.subscribe((now, before) => {
    if (experimentToShare(now) !== experimentToShare(before)) writer.after(LINK_DEBOUNCE_MS);
  });

  const stopBar = bar.onChange(() => {
    const fragment = bar.read();
    if (fragment === writer.written) return;
    writer.written = fragment;
    void load(decodeLink(fragment)).then((isTaken) => {
      if (!isTaken && bar.read() === fragment) writer.write();
    });
  });
  const stopLeave = bar.onLeave(() => writer.flush());

  return () => {
    writer.stop();
    stopStore();
    stopBar();
    stopLeave();
  };
}
