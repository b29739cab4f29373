import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import { type Library, StorageError } from '../../src/runs/library.ts';
import { runLocks } from '../../src/runs/locks.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { eventsOf, lossesOfRun, TINY } from '../train/support.ts';
import { type Lab, lab, lossesIn, OWN } from './recorderLab.ts';

const labs: Lab[] = [];
function newLab(library: Library, locks = runLocks(null)): Lab {
  const one = lab(library, locks);
  labs.push(one);
  return one;
}

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(async () => {
  vi.useRealTimers();
  for (const one of labs.splice(0)) {
    one.kill();
    void one.trainer.dispose();
  }
});

/** The time goes on without anybody having to wait. */
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

it('makes a record of a run that takes a step, and none of one that does not', async () => {
  const library = memoryLibrary();
  const { trainer, open, to, events } = newLab(library);
  await open(TINY);
  await trainer.evaluate();
  await open(TINY);
  await to(3);
  await trainer.change({ 'optimizer.lr': 0.01 });
  await to(7);
  await trainer.evaluate();
  await trainer.dispose();
  const [row, ...others] = await library.rows();
  expect(others).toEqual([]);
  const experiment = recordEvent(TINY, 4, { 'optimizer.lr': 0.01 });
  expect(row).toMatchObject({
    name: 'Run 1',
    origin: 'trained',
    status: 'open',
    steps: 7,
    tokensPerStep: 8,
    parent: null,
    text: { hash: 'f'.repeat(64), isOwn: false, vocabulary: 8, domains: ['prose', 'code'] },
    adapter: { description: 'fake', isSoftware: true },
  });
  expect(row!.experiment!.events).toEqual(experiment.events);
  expect(row!.adapter!.needs.total).toBeGreaterThan(row!.adapter!.needs.buffer);
  expect(row!.last.ce!.step).toBe(7);
  expect(row!.last.validation!.step).toBe(7);
  expect(row!.thumbnail).toHaveLength(7);
  expect(await lossesIn(library)).toEqual(await lossesOfRun(experiment, 7));
  const reports = eventsOf(events, 'recording').map(({ recording }) => recording);
  expect(reports.at(-1)).toMatchObject({ id: row!.id, step: 7, failure: null, tooLarge: null });
});

it('appends within seconds while it trains, without being asked', async () => {
  vi.useRealTimers();
  const library = memoryLibrary();
  const { open, past } = newLab(library);
  await open({ ...TINY, optimizer: { ...TINY.optimizer, totalSteps: 100_000 } });
  await past(5);
  await vi.waitFor(async () => expect((await library.rows())[0]?.steps).toBeGreaterThan(5), 4000);
});

it('goes on from its last checkpoint after the page was killed, bit for bit', async () => {
  const library = memoryLibrary();
  const killed = newLab(library);
  await killed.open(TINY);
  await killed.to(4);
  pass(10_000);
  await killed.to(6);
  await killed.trainer.change({ 'optimizer.lr': 0.01 });
  await killed.to(8);
  killed.kill();
  await killed.to(9);
  const [row] = await library.rows();
  expect(row!.checkpoints.map(({ step }) => step)).toContain(5);
  expect(row!.experiment!.events).toHaveLength(1);
  expect(row!.steps).toBe(8);

  const next = newLab(library);
  await next.openStored(row!.id);
  const taken = row!.checkpoints.at(-1)!.step;
  expect(next.trainer.recordId).toBe(row!.id);
  await next.to(20);
  await next.trainer.dispose();
  const whole = await lossesOfRun(row!.experiment!, 20);
  expect(await lossesIn(library)).toEqual(whole);
  expect(await library.rows()).toHaveLength(1);
  expect(eventsOf(next.events, 'steps')[0]!.records.firstStep).toBe(taken + 1);
});

it('goes on from its start where it has no checkpoint yet', async () => {
  const library = memoryLibrary();
  const killed = newLab(library);
  await killed.open(TINY);
  await killed.to(3);
  const { id } = (await library.rows())[0]!;
  for (const { step } of (await library.row(id))!.checkpoints)
    await library.removeCheckpoint(id, step);
  killed.kill();
  const next = newLab(library);
  await next.openStored(id);
  await next.to(6);
  await next.trainer.dispose();
  expect(await lossesIn(library)).toEqual(await lossesOfRun(TINY, 6));
});

it('takes a checkpoint each minute, after edits and at a halt, and keeps two', async () => {
  const library = memoryLibrary();
  const { trainer, open, to, events } = newLab(library);
  await open(TINY);
  await to(2);
  pass(61_000);
  await to(4);
  pass(500);
  await trainer.change({ 'optimizer.lr': 0.01 });
  await to(5);
  pass(2500);
  await to(7);
  const stored = eventsOf(events, 'recording').map(({ recording }) => recording.checkpoint);
  expect(new Set(stored)).toEqual(new Set([null, 3, 6]));
  pass(1500);
  await to(8);
  await trainer.dispose();
  expect((await library.rows())[0]!.checkpoints.map(({ step }) => step)).toEqual([6, 8]);
});

it('keeps the end of a run that took less than a second', async () => {
  const library = memoryLibrary();
  const { trainer, open } = newLab(library);
  await open({ ...TINY, optimizer: { ...TINY.optimizer, totalSteps: 7 } });
  await trainer.start();
  const stored = async () => (await library.rows())[0]?.checkpoints.map(({ step }) => step);
  await expect.poll(stored).toEqual([7]);
  await trainer.dispose();
  expect(await stored()).toEqual([7]);
});

it('forks from any checkpoint, with a change or without, on an own text too', async () => {
  const library = memoryLibrary();
  const own = applyChange(TINY, { 'data.mix': { own: 1 } });
  const first = newLab(library);
  await first.open(own);
  await first.to(5);
  await first.trainer.keepCheckpoint();
  await first.to(9);
  await first.trainer.dispose();
  const [parent] = await library.rows();
  expect(await library.ownText(parent!.text!.hash!)).toEqual(OWN);
  const whole = await lossesOfRun(own, 9);

  const plain = newLab(library);
  await plain.openStored(parent!.id, 5, {});
  await plain.to(9);
  await plain.trainer.dispose();
  const [fork] = (await library.rows()).filter(({ id }) => id !== parent!.id);
  expect(fork).toMatchObject({ name: 'Run 2', parent: { id: parent!.id, step: 5 }, steps: 9 });
  expect(await lossesIn(library, fork!.id)).toEqual(whole.slice(5));
  expect(await lossesIn(library, parent!.id)).toEqual(whole);

  const changed = newLab(library);
  await changed.openStored(parent!.id, 5, { 'seeds.data': 9 });
  await changed.to(7);
  changed.kill();
  const other = (await library.rows()).find(({ name }) => name === 'Run 3')!;
  expect(other.experiment!.seeds.data).toBe(9);
  expect(other.checkpoints.map(({ step }) => step)).toContain(5);
  const again = newLab(library);
  await again.openStored(other.id);
  await again.to(9);
  await again.trainer.dispose();
  const { ce } = await library.curves(other.id);
  expect(ce).toMatchObject({ firstStep: 6 });
  expect(ce!.values).toHaveLength(4);
  await expect(again.openStored(parent!.id, 4)).rejects.toThrow('step 4');
});

it('names the run that a fork of the open one, or a saved checkpoint, came from', async () => {
  const library = memoryLibrary();
  const one = newLab(library);
  await one.open(TINY);
  await one.to(3);
  const id = one.trainer.recordId!;
  const bytes = await one.trainer.fork({ 'seeds.data': 9 });
  const saved = await one.trainer.checkpoint();
  await one.trainer.restore(bytes, null);
  await one.to(5);
  await one.trainer.restore(saved, null);
  await one.trainer.step();
  await one.trainer.dispose();
  const rows = await library.rows();
  expect(rows).toHaveLength(3);
  const children = rows.filter((row) => row.id !== id).map(({ parent }) => parent);
  expect(children).toEqual([
    { id, step: 3 },
    { id, step: 3 },
  ]);
});

it('begins another record when the run goes back to its start', async () => {
  const library = memoryLibrary();
  const { trainer, open, to } = newLab(library);
  await open(TINY);
  await to(3);
  await trainer.change({ 'optimizer.lr': 0.01 });
  const first = trainer.recordId;
  await trainer.reset();
  expect(trainer.recordId).not.toBe(first);
  await trainer.step();
  await trainer.step();
  await trainer.dispose();
  const rows = await library.rows();
  expect(rows.map(({ steps }) => steps).sort()).toEqual([2, 3]);
  expect(rows.find(({ steps }) => steps === 2)!.experiment!.events).toEqual([]);
});

it('lets no two tabs train the same run', async () => {
  const library = memoryLibrary();
  const held = new Set<string>();
  /** Locks as two tabs share them. */
  const shared = () => {
    const own = new Set<string>();
    return {
      async hold(id: string) {
        if (held.has(id) && !own.has(id)) return false;
        held.add(id);
        own.add(id);
        return true;
      },
      release(id: string) {
        if (own.delete(id)) held.delete(id);
      },
    };
  };
  const one = newLab(library, shared());
  await one.open(TINY);
  await one.to(2);
  const [row] = await library.rows();
  const other = newLab(library, shared());
  await expect(other.openStored(row!.id)).rejects.toMatchObject({
    name: 'ConfigInvalid',
    message: '"Run 1" is open in another tab.',
  });
  await one.trainer.dispose();
  await other.openStored(row!.id);
  await other.to(4);
  await other.trainer.dispose();
  expect(await lossesIn(library)).toEqual(await lossesOfRun(TINY, 4));
});

it('trains on where nothing can be stored, says so, and stores it all once there is room', async () => {
  const whole = memoryLibrary();
  let failure: StorageError | null = null;
  const library = new Proxy(whole, {
    get(target, name) {
      const method = Reflect.get(target, name).bind(target);
      const isWrite = ['put', 'append', 'putCheckpoint'].includes(String(name));
      return async (...args: unknown[]) => {
        if (isWrite && failure !== null) throw failure;
        return method(...args);
      };
    },
  });
  const full = { kind: 'full', message: 'no room', bytes: null } as const;
  failure = new StorageError(full);
  const { trainer, open, to, events } = newLab(library);
  await open(TINY);
  await to(4);
  const last = () => eventsOf(events, 'recording').at(-1)!.recording;
  await vi.waitFor(() =>
    expect(last()).toMatchObject({ failure: { kind: 'full', message: 'no room' } }),
  );
  expect(last().failure!.bytes).toBeGreaterThan(0);
  failure = null;
  await to(6);
  await vi.waitFor(() => expect(last()).toMatchObject({ failure: null, step: 6 }));
  failure = new StorageError({ kind: 'wiped', message: 'gone', bytes: null });
  await to(8);
  await vi.waitFor(() => expect(last().failure?.kind).toBe('wiped'));
  await (await whole.remove([trainer.recordId!])).forget();
  failure = null;
  await to(9);
  // The checkpoint is stored again, though what was lost stays said.
  expect(await trainer.keepCheckpoint()).toBe(9);
  expect(last().failure?.kind).toBe('wiped');
  await trainer.dispose();
  const { ce } = await whole.curves((await whole.rows())[0]!.id);
  expect(ce!.firstStep).toBeLessThanOrEqual(8);
  expect(ce!.values.at(-1)).toBe((await lossesOfRun(TINY, 9)).at(-1));
});

it('goes on with its record where the connection was lost and nothing else', async () => {
  const library = memoryLibrary();
  const { trainer, open, to, events } = newLab(library);
  await open(TINY);
  await to(4);
  const id = trainer.recordId!;
  await vi.waitFor(async () => expect((await library.row(id))?.steps).toBe(4));
  await library.change(id, { name: 'mine' });
  const append = vi.spyOn(library, 'append');
  append.mockRejectedValueOnce(new StorageError({ kind: 'wiped', message: 'gone', bytes: null }));
  const put = vi.spyOn(library, 'put');
  await to(6);
  const last = () => eventsOf(events, 'recording').at(-1)!.recording;
  await vi.waitFor(() => expect(last()).toMatchObject({ failure: null, step: 6 }), 5000);
  await trainer.dispose();
  expect(put).not.toHaveBeenCalled();
  expect(await library.row(id)).toMatchObject({ name: 'mine', steps: 6 });
  expect(await lossesIn(library)).toEqual(await lossesOfRun(TINY, 6));
});

it('begins anew where a run returns to its start before its first step', async () => {
  const library = memoryLibrary();
  const { trainer, open, to } = newLab(library);
  await open(TINY);
  await trainer.change({ 'optimizer.lr': 0.01 });
  await trainer.reset();
  await to(3);
  await trainer.dispose();
  const [row, ...others] = await library.rows();
  expect(others).toEqual([]);
  expect(row!.experiment!.events).toEqual([]);
  expect(await lossesIn(library)).toEqual(await lossesOfRun(TINY, 3));
});

it('is no fork where a fork returns to the start of training', async () => {
  const library = memoryLibrary();
  const { trainer, open, to, openStored } = newLab(library);
  await open(TINY);
  await to(6);
  await trainer.keepCheckpoint();
  await trainer.dispose();
  const [parent] = await library.rows();
  await openStored(parent!.id, 6, {});
  await trainer.reset();
  for (let step = 0; step < 2; step++) await trainer.step();
  await trainer.dispose();
  const rows = await library.rows();
  expect(rows).toHaveLength(2);
  expect(rows.find(({ id }) => id !== parent!.id)).toMatchObject({ parent: null, steps: 2 });
});

it('stores no checkpoint of a run that has taken no step, and says so', async () => {
  const { trainer, open } = newLab(memoryLibrary());
  await open(TINY);
  await expect(trainer.keepCheckpoint()).rejects.toThrow('once it has taken a step');
});

it('lets another run be opened where storage never answers', async () => {
  const one = newLab(memoryLibrary());
  await one.open(TINY);
  await one.to(2);
  one.kill();
  await one.to(4);
  await one.open(TINY);
  await one.trainer.step();
  expect(eventsOf(one.events, 'steps').at(-1)!.records.firstStep).toBe(1);
}, 15_000);

it('takes no checkpoint by itself that is a large part of the storage, but does when asked', async () => {
  const whole = memoryLibrary();
  const use = async () => ({ used: 0, allowed: 20_000, isPersistent: null });
  const library = Object.assign(Object.create(whole), { use }) as Library;
  for (const name of ['rows', 'row', 'put', 'append', 'curves', 'putCheckpoint'] as const)
    Object.assign(library, { [name]: Reflect.get(whole, name).bind(whole) });
  const { trainer, open, to, events } = newLab(library);
  await open(TINY);
  await to(3);
  pass(61_000);
  await to(6);
  const [row] = await whole.rows();
  expect(row!.checkpoints).toEqual([]);
  const { tooLarge } = eventsOf(events, 'recording').at(-1)!.recording;
  expect(tooLarge).toMatchObject({ allowed: 20_000 });
  expect(tooLarge!.bytes).toBeGreaterThan(1000);
  expect(await trainer.keepCheckpoint()).toBe(6);
  expect((await whole.rows())[0]!.checkpoints.map(({ step }) => step)).toEqual([6]);
});
