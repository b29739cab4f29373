import { expect, it, vi } from 'vitest';
import { runLocks } from '../../src/runs/locks.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { recordRun } from '../../src/runs/recorder.ts';
import { APPEND_MS } from '../../src/runs/runRecorder.ts';
import type { SessionEvent } from '../../src/train/session/events.ts';
import { createSerial } from '../../src/train/session/serial.ts';
import { lastStep, trainerOfTwo, until } from '../train/besideRuns.ts';
import { FakeDevice, TINY } from '../train/support.ts';

it('stores at once what was heard when the page is about to go', async () => {
  const library = memoryLibrary();
  const deps = {
    library: async () => ({ library, denied: null }),
    locks: runLocks(null),
    inTurn: createSerial(),
    now: Date.now,
  };
  const { trainer, a } = await trainerOfTwo(
    async () => new FakeDevice(),
    async () => (opening, emit) => recordRun(deps, opening, emit),
  );
  const past = (events: readonly SessionEvent[], step: number) =>
    vi.waitFor(() => expect(lastStep(events)).toBeGreaterThanOrEqual(step), 5000);
  await trainer.flush();
  await trainer.open(until(TINY, 100_000), null);
  await trainer.start();
  await past(a, 5);
  await vi.waitFor(async () => expect(await library.rows()).toHaveLength(1));
  await past(a, (await library.rows())[0]!.steps + 5);
  const heard = lastStep(a);
  await trainer.flush();
  await vi.waitFor(
    async () => expect((await library.rows())[0]!.steps).toBeGreaterThanOrEqual(heard),
    APPEND_MS / 3,
  );
  await trainer.dispose();
});
