import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import type { StepRecords } from '../../src/config/telemetry.ts';
import { idbLibrary } from '../../src/runs/idbLibrary.ts';
import type { Library } from '../../src/runs/library.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { madeFigures, madeProbes } from '../support/reports.ts';
import { makeRecords, makeRow, NO_PARTS, pieceOf, valueAt } from './support.ts';

/** Steps of which records tell, one number each, by the first word of their loads. */
function stepsTold(records: readonly StepRecords[]): number[] {
  return records.flatMap(({ n, layers }) => {
    const drops = layers[0]!.drops;
    return Array.from({ length: n }, (_, i) => drops[(i * drops.length) / n]!);
  });
}

async function appended(library: Library, id: string, pieces: readonly [number, number][]) {
  for (const [firstStep, n] of pieces)
    await library.append(
      makeRow(id, { steps: firstStep + n - 1 }),
      pieceOf(makeRecords(firstStep, n)),
    );
}

const OPENERS: [string, () => Promise<Library>][] = [
  ['memory', async () => memoryLibrary()],
  ['a database', () => idbLibrary({ name: `runs ${crypto.randomUUID()}` })],
];

const HASH = 'ab'.repeat(32);

describe.each(OPENERS)('a library in %s', (_, open) => {
  it('lists rows, latest first, and none that it does not have', async () => {
    const library = await open();
    await library.append(makeRow('a', { begunAt: 1 }), pieceOf(null));
    await library.append(makeRow('b', { begunAt: 2 }), pieceOf(null));
    expect((await library.rows()).map(({ id }) => id)).toEqual(['b', 'a']);
    expect(await library.row('c')).toBeNull();
    await expect(library.curves('c')).rejects.toThrow(RangeError);
    await expect(library.change('c', { name: 'x' })).rejects.toThrow('no run "c"');
  });

  it('joins what was appended into curves and parts', async () => {
    const library = await open();
    await appended(library, 'a', [
      [1, 3],
      [4, 1],
      [5, 6],
    ]);
    const validation = [{ step: 5, ce: 2.5, perDomain: { own: 2.5 } }];
    const samples = [{ step: 5, prompt: 'T', text: 'he', temperature: 1 }];
    const figures = madeFigures(5, 10);
    const probes = [madeProbes(6), madeProbes(6, 2)];
    const reports = { validation, samples, figures, probes };
    await library.append(makeRow('a', { steps: 10 }), pieceOf(null, reports));
    const { ce, lr, validation: held } = await library.curves('a');
    expect(ce).toMatchObject({ firstStep: 1, steps: null });
    expect([...ce!.values]).toEqual(Array.from({ length: 10 }, (_, i) => valueAt(i + 1, 0)));
    expect(lr!.values).toHaveLength(10);
    expect(held).toEqual({
      firstStep: 5,
      steps: Float64Array.of(5),
      values: Float32Array.of(2.5),
    });
    const parts = await library.parts('a');
    expect(stepsTold(parts.records)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(parts.records[1]).toEqual(makeRecords(4, 1));
    expect(parts).toMatchObject(reports);
  });

  it('replaces what is stored from the first step of a piece on', async () => {
    const library = await open();
    await appended(library, 'a', [
      [1, 4],
      [5, 4],
    ]);
    const report = (step: number) => ({ step, ce: step, perDomain: {} });
    await library.append(
      makeRow('a', { steps: 8 }),
      pieceOf(null, {
        validation: [report(4), report(8)],
        figures: madeFigures(4, 8),
        // The second began before the steps that are taken back, and ended among them.
        probes: [madeProbes(4), madeProbes(6)],
      }),
    );
    await library.putCheckpoint('a', 4, Uint8Array.of(1));
    await library.putCheckpoint('a', 8, Uint8Array.of(2));
    const before = (await library.row('a'))!.bytes;
    await library.append(makeRow('a', { steps: 6 }), pieceOf(makeRecords(6, 1, 3, 100)));
    const parts = await library.parts('a');
    expect(stepsTold(parts.records)).toEqual([1, 2, 3, 4, 5, 106]);
    for (const list of [parts.validation, parts.figures, parts.probes])
      expect(list.map(({ step }) => step)).toEqual([4]);
    const row = (await library.row('a'))!;
    expect(row.checkpoints.map(({ step }) => step)).toEqual([4]);
    expect(row.bytes).toBeLessThan(before);
  });

  it('puts answers of a later day beside the others, and in the place of the same', async () => {
    const library = await open();
    await appended(library, 'a', [[1, 8]]);
    await library.change('a', { name: 'named' });
    await library.putCheckpoint('a', 8, Uint8Array.of(1));
    const bytes = async () => (await library.row('a'))!.bytes;
    const before = await bytes();
    await library.putProbes('a', madeProbes(8));
    const one = (await bytes()) - before;
    expect(one).toBeGreaterThan(0);
    await library.putProbes('a', madeProbes(8, 1, 3));
    await library.putProbes('a', madeProbes(4));
    expect((await library.parts('a')).probes).toEqual([madeProbes(4), madeProbes(8, 1, 3)]);
    expect(await bytes()).toBe(before + 2 * one);
    // Nothing else of the run is another.
    expect(await library.row('a')).toMatchObject({ name: 'named', steps: 8 });
    expect((await library.row('a'))!.checkpoints).toHaveLength(1);
    expect((await library.parts('a')).records).toEqual([makeRecords(1, 8)]);
    await expect(library.putProbes('b', madeProbes(8))).rejects.toThrow('no run "b"');
  });

  it('compacts many small pieces without changing what is read', async () => {
    const library = await open();
    const pieces = Array.from({ length: 34 }, (_, i): [number, number] => [i * 2 + 1, 2]);
    await appended(library, 'a', pieces);
    // A surgery: other slots from here on.
    await library.append(makeRow('a', { steps: 78 }), pieceOf(makeRecords(69, 10, 5)));
    await library.append(makeRow('a', { steps: 78, status: 'done' }), pieceOf(null));
    const { records, curves } = await library.parts('a');
    expect(stepsTold(records)).toEqual(Array.from({ length: 78 }, (_, i) => i + 1));
    expect(curves.ce!.values).toHaveLength(78);
    expect(records.map(({ layers }) => layers[0]!.R)).toEqual([3, 5]);
  });

  it('keeps what a person changed of a row while it trains', async () => {
    const library = await open();
    await library.append(makeRow('a'), pieceOf(null));
    await library.change('a', { name: 'Best', note: 'n', tags: ['x'], isVisible: true });
    await library.append(makeRow('a', { steps: 3, name: 'Run 1' }), pieceOf(makeRecords(1, 3)));
    expect(await library.row('a')).toMatchObject({ name: 'Best', tags: ['x'], steps: 3 });
  });

  it('keeps the last two checkpoints and the pinned ones', async () => {
    const library = await open();
    await library.append(makeRow('a'), pieceOf(null));
    const big = new Uint8Array(100).map((_, i) => i);
    await library.putCheckpoint('a', 10, big);
    await library.pin('a', 10, true);
    for (const step of [20, 30, 40]) await library.putCheckpoint('a', step, Uint8Array.of(step));
    const stepsOf = async () => (await library.row('a'))!.checkpoints.map(({ step }) => step);
    expect(await stepsOf()).toEqual([10, 30, 40]);
    expect((await library.row('a'))!.bytes).toBe(102);
    expect(await library.checkpoint('a', 10)).toEqual(big);
    await expect(library.checkpoint('a', 20)).rejects.toThrow('step 20');
    await library.pin('a', 10, false);
    expect(await stepsOf()).toEqual([30, 40]);
    await library.removeCheckpoint('a', 40);
    expect(await stepsOf()).toEqual([30]);
    await expect(library.checkpoint('a', 40)).rejects.toThrow(RangeError);
  });

  it('deletes with undo, and an own text with its last run', async () => {
    const library = await open();
    const own = { name: 'sheep.txt', text: 'The sheep.' };
    const text = {
      hash: HASH,
      isOwn: true,
      vocabulary: 9,
      unigramEntropy: 2,
      charactersPerToken: 1,
      domains: ['own'],
    };
    const parts = { ...NO_PARTS, records: [makeRecords(1, 4)] };
    for (const id of ['a', 'b']) await library.put(makeRow(id, { text, steps: 4 }), parts, own);
    const heard: (readonly string[])[] = [];
    const stop = library.subscribe((ids) => heard.push(ids));
    const first = await library.remove(['a', 'none']);
    expect(first.rows.map(({ id }) => id)).toEqual(['a']);
    expect(await library.row('a')).toBeNull();
    await first.restore();
    expect(stepsTold((await library.parts('a')).records)).toEqual([1, 2, 3, 4]);
    await (await library.remove(['a'])).forget();
    expect(await library.ownText(HASH)).toEqual(own);
    await (await library.remove(['b'])).forget();
    expect(await library.ownText(HASH)).toBeNull();
    await expect(first.restore()).rejects.toThrow('nothing is left of "Run a"');
    expect(await library.rows()).toEqual([]);
    stop();
    expect(heard).toEqual([['a', 'none'], ['a'], ['a'], ['b'], ['a']]);
  });

  it('keeps a run that was put anew while its deletion could be taken back', async () => {
    const library = await open();
    const parts = (n: number) => ({ ...NO_PARTS, records: [makeRecords(1, n)] });
    const told = async () => stepsTold((await library.parts('a')).records).length;
    await library.put(makeRow('a', { steps: 4 }), parts(4), null);
    const first = await library.remove(['a']);
    await library.put(makeRow('a', { steps: 6 }), parts(6), null);
    await first.forget();
    expect(await told()).toBe(6);
    await expect(first.restore()).rejects.toThrow(RangeError);
    await new Promise((resolve) => setTimeout(resolve, 2));
    const second = await library.remove(['a']);
    await first.forget();
    await second.restore();
    expect(await told()).toBe(6);
  });

  it('keeps the curves of other programs as they are', async () => {
    const library = await open();
    const curves = {
      ce: { firstStep: 0, steps: Float64Array.of(0, 10), values: Float32Array.of(3, 2) },
      tokens: { firstStep: 0, steps: Float64Array.of(0, 10), values: Float32Array.of(0, 99) },
    };
    await library.put(makeRow('a', { origin: 'curves' }), { ...NO_PARTS, curves }, null);
    expect(await library.curves('a')).toEqual(curves);
  });

  it('hands out copies, and keeps none of what it was given', async () => {
    const library = await open();
    const records = makeRecords(1, 2);
    await library.append(makeRow('a', { steps: 2 }), pieceOf(records));
    records.scalars.fill(0);
    (await library.curves('a')).ce!.values.fill(7);
    expect([...(await library.curves('a')).ce!.values]).toEqual([valueAt(1, 0), valueAt(2, 0)]);
  });

  it('says that nobody asked for persistence, where nobody did', async () => {
    const library = await open();
    expect((await library.use()).isPersistent).toBeNull();
    expect(await library.persist()).toBe(false);
    expect((await library.use()).isPersistent).toBe(false);
  });
});

it('deletes no run that is open in a tab', async () => {
  const library = memoryLibrary(async () => new Set(['b']));
  for (const id of ['a', 'b']) await library.append(makeRow(id), pieceOf(null));
  await expect(library.remove(['b'])).rejects.toThrow('"Run b" is open');
  expect(await library.rows()).toHaveLength(2);
  expect((await library.remove(['a'])).rows).toHaveLength(1);
});
