import { expect, it } from 'vitest';
import { SCALAR_COUNT } from '../../src/config/telemetry.ts';
import { idbLibrary } from '../../src/runs/idbLibrary.ts';
import type { Library } from '../../src/runs/library.ts';
import { openRuns } from '../../src/runs/locks.ts';
import { makeRecords, makeRow, NO_PARTS } from '../runs/support.ts';
import { OWN, SMALL, type Started, useWorkers } from '../support/ownWorker.ts';

/** The real worker, the browser's own database and its locks. */

const start = useWorkers();

/** For a loaded machine. */
const LONG = { timeout: 60_000 };

/** Cross entropies in the library, step by step. */
async function lossesIn(library: Library, id: string): Promise<number[]> {
  return [...((await library.curves(id)).ce?.values ?? [])];
}

async function takeSteps({ client, events }: Started, n: number): Promise<void> {
  const count = () =>
    events.reduce((sum, event) => sum + (event.type === 'steps' ? event.records.n : 0), 0);
  const before = count();
  for (let i = 0; i < n; i++) await client.step();
  await expect.poll(count, LONG).toBe(before + n);
}

it('goes on and forks on an own text after its worker is killed, bit for bit', async () => {
  const library = await idbLibrary();
  const plain = start();
  await plain.client.open(SMALL, OWN);
  await takeSteps(plain, 16);
  const whole = plain.events.flatMap((event) =>
    event.type === 'steps'
      ? Array.from({ length: event.records.n }, (_, i) => event.records.scalars[i * SCALAR_COUNT]!)
      : [],
  );
  plain.client.terminate();
  const others = new Set((await library.rows()).map(({ id }) => id));

  const killed = start();
  await killed.client.open(SMALL, OWN);
  await takeSteps(killed, 6);
  expect(await killed.client.keepCheckpoint()).toBe(6);
  await takeSteps(killed, 4);
  const rowNow = async () => (await library.rows()).find(({ id }) => !others.has(id))!;
  await expect.poll(async () => (await rowNow()).steps, LONG).toBe(10);
  const { id, name } = await rowNow();

  const other = start();
  await expect(other.client.openStored(id, null, null)).rejects.toMatchObject({
    name: 'ConfigInvalid',
    message: `"${name}" is open in another tab.`,
  });
  await expect(library.remove([id])).rejects.toThrow('is open');
  await expect(killed.client.openStored(id, null, null)).rejects.toThrow('open already');
  killed.client.terminate();
  await expect.poll(async () => (await openRuns(navigator.locks)).has(id), LONG).toBe(false);

  const report = await other.client.openStored(id, null, null);
  expect(report.domains).toEqual(['own']);
  await takeSteps(other, 6);
  await expect.poll(async () => (await rowNow()).steps, LONG).toBeGreaterThanOrEqual(12);
  await library.pin(id, 6, true);
  await other.client.dispose();
  const losses = await lossesIn(library, id);
  expect(losses).toEqual(whole.slice(0, losses.length));

  await other.client.openStored(id, 6, {});
  await takeSteps(other, 10);
  await other.client.dispose();
  const [fork] = (await library.rows()).filter(({ parent }) => parent?.id === id);
  expect(fork).toMatchObject({ parent: { id, step: 6 }, steps: 16, status: 'open' });
  expect(await lossesIn(library, fork!.id)).toEqual(whole.slice(6));

  await (await library.remove([id])).forget();
  expect(await library.ownText(fork!.text!.hash!)).toEqual(OWN);
}, 180_000);

it('reads the rows and curves of 200 runs of 5,000 points in two seconds', async () => {
  const library = await idbLibrary({ name: `runs ${crypto.randomUUID()}` });
  const records = makeRecords(1, 5000);
  for (let i = 0; i < 200; i++)
    await library.put(makeRow(`${i}`, { begunAt: i }), { ...NO_PARTS, records: [records] }, null);
  const begun = performance.now();
  const rows = await library.rows();
  const curves = await Promise.all(rows.map(({ id }) => library.curves(id)));
  const ms = performance.now() - begun;
  expect(curves.every(({ ce }) => ce?.values.length === 5000)).toBe(true);
  expect(ms).toBeLessThan(2000);
}, 180_000);
