import type { Experiment, Problem } from '../config/experiment.ts';
import type { Parsed } from '../config/parse.ts';
import { decodeLink, encodeLink } from '../config/permalink.ts';
import { type ConfigStore, experimentToShare } from './configStore.ts';

/** The parts of the browser that links need. */
export interface AddressBar {
  read(): string;
  replace(fragment: string): void;
  /** Calls back when a person changes the fragment by hand or goes back. */
  onChange(listener: () => void): () => void;
}

export const LINK_DEBOUNCE_MS = 300;

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
  };
}

/** What the page was opened with; null when the fragment is empty. */
export function experimentInLink(bar: AddressBar): Parsed | null {
  const fragment = bar.read();
  return fragment === '' ? null : decodeLink(fragment);
}

/**
 * Mirrors the experiment into the address bar, at most every `LINK_DEBOUNCE_MS`, and loads an
 * experiment that a person puts there. The fragment as it was stays until the first change, so a
 * link with problems is not lost by opening it.
 * @returns stops mirroring
 */
export function syncLink(
  store: ConfigStore,
  bar: AddressBar,
  load: (experiment: Experiment, problems: readonly Problem[]) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let written = bar.read();

  const stopStore = store.subscribe((now, before) => {
    if (experimentToShare(now) === experimentToShare(before)) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      written = encodeLink(experimentToShare(store.getState()));
      bar.replace(written);
    }, LINK_DEBOUNCE_MS);
  });

  const stopBar = bar.onChange(() => {
    const fragment = bar.read();
    if (fragment === written) return;
    written = fragment;
    const { experiment, problems } = decodeLink(fragment);
    load(experiment, problems);
  });

  return () => {
    if (timer !== null) clearTimeout(timer);
    stopStore();
    stopBar();
  };
}
