import type { Experiment } from '../../src/config/experiment.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { createLab, type Lab } from '../../src/state/lab.ts';
import type { AddressBar } from '../../src/state/linkSync.ts';
import { createFakeTrainer, type FakeOptions, type FakeTrainer } from '../ui/fakeTrainer.ts';

export interface FakeBar extends AddressBar {
  fragment: string;
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
    replace: (next) => {
      if (bar.refusals > 0) {
        bar.refusals -= 1;
        throw new DOMException('too many calls to Location or History APIs', 'SecurityError');
      }
      bar.fragment = next;
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
  options: FakeOptions & { fragment?: string; experiment?: Experiment } = {},
): Promise<TestLab> {
  const { fragment, experiment, ...fake } = options;
  const trainer = createFakeTrainer(fake);
  const bar = fakeBar(fragment ?? (experiment === undefined ? '' : encodeLink(experiment)));
  const lab = createLab({ client: trainer, bar, storage: null });
  await Promise.resolve();
  await Promise.resolve();
  return { lab, trainer, bar, called: () => trainer.calls.map(([name]) => name) };
}
