import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import { type Asides, createAsides } from '../../src/runs/asides.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import type { ItemsAnswered } from '../../src/train/session/events.ts';
import type { FakeEngine } from '../train/fakeEngine.ts';
import { DOCUMENTS } from '../train/probeDocuments.ts';
import { type Harness, harness, open, TINY } from '../train/support.ts';
import { type FakeLibrary, fakeLibrary } from './fakeLibrary.ts';
import { makeRow, NO_PARTS } from './support.ts';

const MINUTE = 60_000;
const OF = { passage: [1, 2, 3] };

let one: Harness;
let library: FakeLibrary;
let asides: Asides;
let bytes: Uint8Array;

beforeEach(async () => {
  const training = harness();
  const session = await open(TINY, training);
  await session.runTo(5);
  bytes = await session.checkpoint();
  await session.dispose();
  one = harness();
  library = fakeLibrary();
  asides = createAsides(one.deps, async () => library);
});

afterEach(() => {
  vi.useRealTimers();
});

async function store(id: string, experiment: Experiment = TINY, text = {}): Promise<void> {
  await library.put(makeRow(id, { experiment, name: `Name of ${id}`, ...text }), NO_PARTS, null);
  await library.putCheckpoint(id, 5, bytes);
}

const ask = (subject: Parameters<Asides['inspect']>[0]) =>
  asides.inspect(subject, 'pass', { of: OF });
const run = (id: string, step: number | null = null) => ({ run: id, step });
/** All engines that were made, in order. */
const engines = (): FakeEngine[] => one.devices.flatMap((device) => device.engines);
const areOpen = () => engines().map(({ isDestroyed }) => !isDestroyed);

it('answers for a stored run at its last checkpoint or another, opened once', async () => {
  await store('a');
  const [last, five] = await Promise.all([ask(run('a')), ask(run('a'))]);
  expect(last).toMatchObject({ step: 5, whatIf: null });
  expect(five).toEqual(last);
  expect(engines()).toHaveLength(1);
  expect((await ask(run('a', 5))).inspection).toEqual(last.inspection);
  expect(engines()).toHaveLength(2);
  const { texts } = await asides.inspect(run('a'), 'vocabulary', null);
  expect(texts).toHaveLength(8);
  expect(engines()).toHaveLength(2);
});

it('answers for a copy until it is let go', async () => {
  const { experiment, state } = decodeCheckpoint(bytes);
  const copy = asides.hold({ experiment, state, own: null });
  const other = asides.hold({ experiment, state, own: null });
  expect(other).not.toBe(copy);
  expect((await ask({ copy })).step).toBe(5);
  expect(areOpen()).toEqual([true]);
  await asides.letGo(copy);
  expect(areOpen()).toEqual([false]);
  await expect(ask({ copy })).rejects.toMatchObject({
    name: 'Cancelled',
    message: 'This copy was let go.',
  });
  await asides.letGo(copy);
  expect((await ask({ copy: other })).step).toBe(5);
});

it('keeps three models open, those that were asked last', async () => {
  for (const id of ['a', 'b', 'c', 'd']) await store(id);
  for (const id of ['a', 'b', 'c', 'a']) await ask(run(id));
  expect(areOpen()).toEqual([true, true, true]);
  await ask(run('d'));
  await vi.waitFor(() => expect(areOpen()).toEqual([true, false, true, true]));
  await ask(run('a'));
  expect(engines()).toHaveLength(4);
  await ask(run('b'));
  await vi.waitFor(() => expect(areOpen()).toEqual([true, false, false, true, true]));
});

it('frees none that still answers, however many are asked at once', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const id of ids) await store(id);
  const answers = await Promise.all(ids.map((id) => ask(run(id))));
  expect(answers.map(({ step }) => step)).toEqual([5, 5, 5, 5, 5]);
  await vi.waitFor(() => expect(areOpen().filter((isOpen) => isOpen)).toHaveLength(3));
});

/** An answer while time is not real. */
async function soon<T>(answer: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(100);
  return answer;
}

it('frees what nobody asked for a minute, and opens it anew', async () => {
  for (const id of ['a', 'b']) await store(id);
  vi.useFakeTimers();
  await soon(ask(run('a')));
  await vi.advanceTimersByTimeAsync(0.5 * MINUTE);
  await soon(ask(run('b')));
  expect(areOpen()).toEqual([true, true]);
  await vi.advanceTimersByTimeAsync(0.8 * MINUTE);
  // The clock runs from the last question to any of them.
  expect(areOpen()).toEqual([true, true]);
  await vi.advanceTimersByTimeAsync(0.3 * MINUTE);
  expect(areOpen()).toEqual([false, false]);
  expect(vi.getTimerCount()).toBe(0);
  expect((await soon(ask(run('a')))).step).toBe(5);
  expect(areOpen()).toEqual([false, false, true]);
});

it('frees all of them at once, and answers on', async () => {
  for (const id of ['a', 'b']) await store(id);
  await ask(run('a'));
  await ask(run('b'));
  await asides.free();
  expect(areOpen()).toEqual([false, false]);
  expect((await ask(run('b'))).step).toBe(5);
});

it('says which run, checkpoint or text is missing', async () => {
  await store('a');
  await expect(ask(run('x'))).rejects.toThrow('There is no run "x" in the library.');
  await expect(ask(run('a', 9))).rejects.toThrow('no checkpoint of step 9');
  await library.put(makeRow('bare', { name: 'Bare' }), NO_PARTS, null);
  await expect(ask(run('bare'))).rejects.toMatchObject({
    name: 'ConfigInvalid',
    message: 'No checkpoint of "Bare" is stored: its model cannot be asked.',
  });
  await store('own', TINY, { text: { isOwn: true, hash: 'ab' } });
  await expect(ask(run('own'))).rejects.toMatchObject({
    name: 'DataMissing',
    message: 'The own text of "Name of own" is not stored any more.',
  });
  await library.putCheckpoint('bare', 5, new Uint8Array([1, 2, 3]));
  await expect(ask(run('bare'))).rejects.toThrow();
  expect(engines()).toHaveLength(0);
});

it('does not remember that a model could not be opened', async () => {
  await expect(ask(run('late'))).rejects.toThrow('There is no run');
  await store('late');
  expect((await ask(run('late'))).step).toBe(5);
  // A question that is refused leaves the model open.
  await expect(asides.inspect(run('late'), 'pass', { of: { passage: [1] } })).rejects.toMatchObject(
    {
      name: 'ConfigInvalid',
    },
  );
  expect(areOpen()).toEqual([true]);
});

/** Longer sequences, so that items fit. */
const LONG: Experiment = { ...TINY, batch: { B: 2, S: 64 } };
const PROBES = { seed: 3, items: 4 };

/** A stored run whose text can be read, and what the run itself answers. */
async function storeLong(): Promise<unknown> {
  const training = harness();
  const readDocuments = async () => DOCUMENTS;
  const session = await open(LONG, { ...training, deps: { ...training.deps, readDocuments } });
  await session.runTo(5);
  bytes = await session.checkpoint();
  const own = await session.probeTasks(PROBES);
  await session.dispose();
  await store('a', LONG);
  asides = createAsides({ ...one.deps, readDocuments }, async () => library);
  return own;
}

it('puts probe tasks to a stored run, which answers as the run itself did', async () => {
  const own = await storeLong();
  const told: ItemsAnswered[] = [];
  const answer = await asides.probeTasks(run('a'), PROBES, (items) => told.push(items));
  expect(answer).toEqual(own);
  expect(answer).toMatchObject({ from: 5, step: 5, ...PROBES });
  expect(told[0]).toEqual({ done: 0, total: 0 });
  expect(told.at(-1)!.total).toBe(4 * (2 + 2 + 2 + 1) + 4);
  // Other questions go to the same model.
  expect((await ask(run('a'))).step).toBe(5);
  expect(engines()).toHaveLength(1);
});

it('ends probe tasks, asks some at a time, and refuses what cannot be asked', async () => {
  await storeLong();
  const first = asides.probeTasks(run('a'), PROBES, () => {});
  await expect(asides.probeTasks(run('a'), PROBES, () => {})).rejects.toMatchObject({
    name: 'ConfigInvalid',
    message: 'Probe tasks are being asked already.',
  });
  // It is still being opened.
  asides.cancelProbes();
  await expect(first).rejects.toMatchObject({ name: 'Cancelled' });
  // Its items are made.
  const second = asides.probeTasks(run('a'), PROBES, () => asides.cancelProbes());
  await expect(second).rejects.toMatchObject({ name: 'Cancelled' });
  await expect(asides.probeTasks(run('a'), { seed: 1, items: 0 }, () => {})).rejects.toThrow(
    'items 0 is no whole number from 1 to 10000',
  );
  await expect(asides.probeTasks(run('nowhere'), PROBES, () => {})).rejects.toThrow('"nowhere"');
  asides.cancelProbes();
  expect(await asides.probeTasks(run('a'), PROBES, () => {})).toMatchObject(PROBES);
});
