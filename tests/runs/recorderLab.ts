/** A page's trainer on a library, without a GPU. */
import { expect, vi } from 'vitest';
import type { Change, Experiment } from '../../src/config/experiment.ts';
import type { Library } from '../../src/runs/library.ts';
import { runLocks } from '../../src/runs/locks.ts';
import { keptRun } from '../../src/runs/openStored.ts';
import { recordRun } from '../../src/runs/recorder.ts';
import { DeviceSource } from '../../src/train/device/deviceSource.ts';
import type { SessionEvent } from '../../src/train/session/events.ts';
import { createSerial } from '../../src/train/session/serial.ts';
import { Trainer } from '../../src/train/session/trainer.ts';
import { eventsOf, FakeDevice, fakeText } from '../train/support.ts';

/** A library whose methods never answer once it is cut off, as those of a page that was killed. */
function killable(library: Library): { library: Library; kill(): void } {
  let isDead = false;
  const never = new Promise(() => undefined);
  const proxy = new Proxy(library, {
    get(target, name) {
      const method = Reflect.get(target, name).bind(target);
      return (...args: unknown[]) => (isDead ? never : method(...args));
    },
  });
  return {
    library: proxy,
    kill: () => {
      isDead = true;
    },
  };
}

export interface Lab {
  trainer: Trainer;
  events: SessionEvent[];
  kill(): void;
  open(experiment: Experiment): Promise<void>;
  openStored(id: string, step?: number | null, change?: Change | null): Promise<void>;
  /** Trains to a step, one by one. */
  to(step: number): Promise<void>;
  /** Trains until a step was reported, and does not stop. */
  past(step: number): Promise<void>;
}

export const OWN = { name: 'own.txt', text: 'abc' };

/** A page's trainer on a library; its engine needs no GPU. */
export function lab(whole: Library, locks = runLocks(null)): Lab {
  const { library, kill } = killable(whole);
  const events: SessionEvent[] = [];
  const open = async () => ({ library, denied: null });
  const deps = { library: open, locks, inTurn: createSerial(), now: () => Date.now() };
  const trainer = new Trainer({
    devices: new DeviceSource(async () => new FakeDevice()),
    prepareText: async (experiment) => fakeText(experiment),
    recorder: async () => (opening, emit) => recordRun(deps, opening, emit),
    deliver: (_, event) => events.push(event),
  });
  void trainer.subscribe(() => undefined);
  const stepsHeard = () => {
    const last = eventsOf(events, 'steps').at(-1)?.records;
    return last === undefined ? 0 : last.firstStep + last.n - 1;
  };
  return {
    trainer,
    events,
    kill,
    async open(experiment) {
      await trainer.open(experiment, (experiment.data.mix.own ?? 0) > 0 ? OWN : null);
    },
    async openStored(id, step = null, change = null) {
      await trainer.openKept(await keptRun(library, locks, id, { step, change }));
    },
    async to(step) {
      while (stepsHeard() < step) await trainer.step();
    },
    async past(step) {
      await trainer.start();
      await vi.waitFor(() => expect(stepsHeard()).toBeGreaterThanOrEqual(step), 5000);
    },
  };
}

/** Losses that the library has of its only run, or of one by its id. */
export async function lossesIn(library: Library, id?: string): Promise<number[]> {
  const rows = await library.rows();
  const { ce } = await library.curves(id ?? rows[0]!.id);
  return [...ce!.values];
}
