import type { Experiment } from '../../src/config/experiment.ts';
import { encodeLink, withView } from '../../src/config/permalink.ts';
import type { Library } from '../../src/runs/library.ts';
import { createLab, type Lab } from '../../src/state/lab.ts';
import type { AddressBar } from '../../src/state/linkSync.ts';
import type { ViewFields } from '../../src/state/viewStore.ts';
import { createFakeTrainer, type FakeOptions, type FakeTrainer } from '../ui/fakeTrainer.ts';

export interface FakeBar extends AddressBar {
  fragment: string;
  /** Marks of the entries that the page wrote; the last one is shown. */
  entries: { fragment: string; mark: number | null }[];
  /** Goes back one entry. */
  back(): void;
  /** What a person types into the address bar. */
  go(fragment: string): void;
  /** The page is left. */
  leave(): void;
  /** How many of the next changes the browser refuses. */
  refusals: number;
}

export function fakeBar(fragment = ''): FakeBar {
  const listeners = new Set<() => void>();
  const leavers = new Set<() => void>();
  const bar: FakeBar = {
    fragment,
    read: () => bar.fragment,
    refusals: 0,
    entries: [{ fragment, mark: null }],
    mark: () => bar.entries.at(-1)?.mark ?? null,
    replace: (next, mark) => {
      if (bar.refusals > 0) {
        bar.refusals -= 1;
        throw new DOMException('too many calls to Location or History APIs', 'SecurityError');
      }
      bar.entries.splice(-1, 1, { fragment: next, mark });
      bar.fragment = next;
    },
    push: (next, mark) => {
      bar.entries.push({ fragment: next, mark });
      bar.fragment = next;
    },
    back() {
      bar.entries.pop();
      bar.fragment = bar.entries.at(-1)?.fragment ?? '';
      for (const listener of listeners) listener();
    },
    onLeave(listener) {
      leavers.add(listener);
      return () => leavers.delete(listener);
    },
    leave() {
      for (const listener of leavers) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    go(next) {
      bar.fragment = next;
      bar.entries.push({ fragment: next, mark: null });
      for (const listener of listeners) listener();
    },
  };
  return bar;
}

export interface TestLab {
  lab: Lab;
  trainer: FakeTrainer;
  bar: FakeBar;
  /** Names of the commands that reached the trainer. */
  called(): string[];
}

/** A lab over the fake trainer, its probe done. */
export async function testLab(
  options: FakeOptions & {
    fragment?: string;
    experiment?: Experiment;
    viewFields?: ViewFields;
    /** Room that the link names. */
    room?: string;
    /** Where runs are kept. */
    library?: Library;
    /** Text of recorded results by name. */
    recorded?: Readonly<Record<string, string>>;
  } = {},
): Promise<TestLab> {
  const {
    fragment,
    experiment,
    viewFields = {},
    room,
    library = null,
    recorded = {},
    ...fake
  } = options;
  const trainer = createFakeTrainer({ ...fake, ...(library === null ? {} : { library }) });
  const link = fragment ?? (experiment === undefined ? '' : encodeLink(experiment));
  const bar = fakeBar(withView(link, room === undefined ? [] : [['room', room]]));
  // There are no workers around these tests.
  const filesThread = async () => ({
    thread: (await import('../../src/runs/files/thread.ts')).filesThread(),
    failed: new Promise<never>(() => {}),
    close: () => {},
  });
  const lab = createLab({
    ...{ client: trainer, bar, storage: null, viewFields, library },
    filesThread,
    readRecorded: async (name) => recorded[name] ?? null,
  });
  await Promise.resolve();
  await Promise.resolve();
  return { lab, trainer, bar, called: () => trainer.calls.map(([name]) => name) };
}
