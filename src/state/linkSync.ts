import { sealed } from '../config/checkSum.ts';
import { changedPaths } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Parsed } from '../config/parse.ts';
import {
  bringsMore,
  decodeLink,
  encodeLink,
  resealed,
  runPairs,
  sealOf,
  viewPairs,
  withoutView,
  withView,
} from '../config/permalink.ts';
import { type ConfigStore, experimentToShare } from './configStore.ts';
import { decodeView, encodeView, shownIn } from './viewLink.ts';
import type { ViewStore } from './viewStore.ts';

/**
 * The parts of the browser that links need. An entry of its history that the page wrote has a mark:
 * the number of the experiment that a person opened there, counted from 0.
 */
export interface AddressBar {
  read(): string;
  /** The mark of the entry that is shown; null where a person, or another page, wrote it. */
  mark(): number | null;
  /** @throws DOMException where a browser allows no more changes for a while */
  replace(fragment: string, mark: number): void;
  /** A new entry of the history, behind which "back" leads here. @throws as `replace` */
  push(fragment: string, mark: number): void;
  /** Calls back when a person changes the fragment by hand or goes back. */
  onChange(listener: () => void): () => void;
  /** Calls back when the page is left or reloaded. */
  onLeave(listener: () => void): () => void;
}

export const LINK_DEBOUNCE_MS = 300;
/** Wait after a change that the browser refused; twice as long after each further one. */
export const LINK_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

function markIn(state: unknown): number | null {
  if (typeof state !== 'object' || state === null) return null;
  const mark: unknown = Reflect.get(state, 'mark');
  return typeof mark === 'number' ? mark : null;
}

export function browserAddressBar(page: Window): AddressBar {
  const addressOf = (fragment: string) => {
    const { pathname, search } = page.location;
    return `${pathname}${search}${fragment && `#${fragment}`}`;
  };
  return {
    read: () => page.location.hash.replace(/^#/, ''),
    mark: () => markIn(page.history.state),
    replace: (fragment, mark) => page.history.replaceState({ mark }, '', addressOf(fragment)),
    push: (fragment, mark) => page.history.pushState({ mark }, '', addressOf(fragment)),
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

/** The experiment that the page was opened with; null where the fragment holds none. */
export function experimentInLink(bar: AddressBar): Parsed | null {
  const fragment = bar.read();
  const isEmpty = withoutView(fragment) === '' && sealOf(fragment) !== 'broken';
  return isEmpty ? null : decodeLink(fragment);
}

/** Writes into the address bar after a while, and again where the browser refuses. */
class Writer {
  readonly #bar: AddressBar;
  readonly #fragment: () => string;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #retryMs = LINK_RETRY_MS;
  /** What the bar shows, as far as this page knows. */
  written: string;
  /** Mark of the entries that are written. */
  mark: number;

  constructor(bar: AddressBar, fragment: () => string) {
    this.#bar = bar;
    this.#fragment = fragment;
    this.written = bar.read();
    this.mark = bar.mark() ?? 0;
  }

  /** Writes after `ms`, in place of what waits. */
  after(ms: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.write(), ms);
  }

  write(): void {
    this.#attempt((fragment) => this.#bar.replace(fragment, this.mark));
  }

  /** Writes into a new entry of the history at once; the one that is left gets its mark. */
  push(): void {
    this.#attempt((fragment) => {
      this.#bar.replace(this.#bar.read(), this.mark);
      this.#bar.push(fragment, this.mark);
    });
  }

  #attempt(put: (fragment: string) => void): void {
    this.stop();
    const fragment = this.#fragment();
    try {
      put(fragment);
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

interface Synced {
  config: ConfigStore;
  view: ViewStore;
  bar: AddressBar;
  /** Takes an experiment that a person put into the bar; false when it was not taken. */
  load: (parsed: Parsed) => Promise<boolean>;
  /** Hears of a link that was taken, with all that it holds. */
  receive: (fragment: string) => void;
}

/** Whether an experiment is another one after its text was read, which tells its hash. */
function isReadAs(before: Experiment, after: Experiment): boolean {
  return changedPaths(before, after).every(
    (path) => path === 'data.hash' && before.data.hash === null,
  );
}

/**
 * The experiment's part of the address: as it was found, its check sum too, until the experiment
 * changes. What the page wrote itself has a check sum, made anew with whatever is shown; what it only
 * found keeps what it had, so that nothing is vouched for that the page cannot know. Results stay as
 * long as they are the experiment's.
 */
function experimentPart({ config, bar }: Synced) {
  let source = bar.read();
  let text = withoutView(source);
  let of: Experiment = experimentToShare(config.getState());

  function follow(): void {
    const now = experimentToShare(config.getState());
    if (now === of) return;
    const runs = isReadAs(of, now) ? Object.entries(runPairs(source)) : [];
    const next = withView(encodeLink(now), runs);
    if (next !== text) source = sealed(next);
    text = next;
    of = now;
  }

  return {
    /** The address with what is shown. */
    address(pairs: Parameters<typeof withView>[1]): string {
      follow();
      return resealed(source, withView(text, pairs));
    },
    /** Takes an address as it is written, for the experiment that was read from it. */
    found(fragment: string): void {
      source = fragment;
      text = withoutView(fragment);
      of = experimentToShare(config.getState());
    },
    /** Whether an address names no other experiment than the page's. */
    isSame(fragment: string): boolean {
      follow();
      const found = withoutView(fragment);
      const isBroken = sealOf(fragment) === 'broken';
      if (found === text) return isBroken === (sealOf(source) === 'broken');
      if (isBroken) return false;
      if (found === '') return viewPairs(fragment).size > 0;
      const { experiment, problems } = decodeLink(fragment);
      const now = experimentToShare(config.getState());
      // A link that was made before the text was read does not know its hash.
      const hash = experiment.data.hash ?? now.data.hash;
      const named = { ...experiment, data: { ...experiment.data, hash } };
      // One that mends what was wrong with the page's is another, though it names the same values.
      const isWhole = problems.length === 0 && config.getState().problems.length === 0;
      return isWhole && encodeLink(named) === encodeLink(now);
    },
  };
}

/**
 * Mirrors the experiment and what is shown of it into the address bar, at most every
 * `LINK_DEBOUNCE_MS`, and takes what a person puts there. The experiment as it was written stays
 * until its first change, so a link with problems is not lost by opening it; a link that is not taken
 * gives way to the experiment that stays. Another room is an entry of its own in the history: going
 * back to it changes what is shown and leaves the experiment as it has become.
 * @returns stops mirroring
 */
export function syncLink(synced: Synced): () => void {
  const { config, view, bar, load } = synced;
  const { fields } = view.getState();
  const experiment = experimentPart(synced);
  const pairs = () => encodeView(view.getState(), fields);
  const writer = new Writer(bar, () => experiment.address(pairs()));
  let shown = String(pairs());
  let isTaking = false;
  let lastMark = writer.mark;
  let turn = 0;

  function take(fragment: string, isOwn: boolean): void {
    const part = isOwn ? shownIn(viewPairs(fragment), fields) : decodeView(fragment, fields);
    if (part === null) return;
    isTaking = true;
    view.getState().take(part);
    isTaking = false;
    shown = String(pairs());
  }

  /** The entry is the page's from now on. */
  function own(mark: number | null): void {
    lastMark = Math.max(lastMark, mark ?? lastMark + 1);
    writer.mark = mark ?? lastMark;
  }

  const stopStore = config.subscribe((now, before) => {
    if (experimentToShare(now) !== experimentToShare(before)) writer.after(LINK_DEBOUNCE_MS);
  });
  const stopView = view.subscribe((now, before) => {
    const next = String(pairs());
    if (isTaking || next === shown) return;
    shown = next;
    if (now.room !== before.room) writer.push();
    else writer.after(LINK_DEBOUNCE_MS);
  });

  async function follow(fragment: string, mark: number | null): Promise<void> {
    const isOwn = mark === writer.mark;
    if (isOwn || experiment.isSame(fragment)) {
      take(fragment, isOwn);
      if (!isOwn) own(mark);
      if (!isOwn && bringsMore(fragment)) {
        experiment.found(fragment);
        synced.receive(fragment);
      }
      writer.write();
      return;
    }
    turn += 1;
    const mine = turn;
    const isTaken = await load(decodeLink(fragment));
    if (mine !== turn) return;
    if (isTaken) {
      experiment.found(fragment);
      synced.receive(fragment);
      own(mark);
      take(fragment, mark !== null);
    } else if (bar.read() !== fragment) return;
    writer.write();
  }

  const stopBar = bar.onChange(() => {
    const [fragment, mark] = [bar.read(), bar.mark()];
    if (fragment === writer.written && mark === writer.mark) return;
    writer.stop();
    writer.written = fragment;
    void follow(fragment, mark);
  });
  const stopLeave = bar.onLeave(() => writer.flush());

  return () => {
    writer.stop();
    for (const stop of [stopStore, stopView, stopBar, stopLeave]) stop();
  };
}
