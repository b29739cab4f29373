import 'fake-indexeddb/auto';
import { afterEach, expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { conversionStore } from '../../src/runs/conversions/store.ts';
import { idbLibrary } from '../../src/runs/idbLibrary.ts';
import { idbTables } from '../../src/runs/idbTables.ts';
import { RUN_ID } from '../../src/runs/record.ts';
import { TABLES } from '../../src/runs/tables.ts';
import { madeFigures, madeProbes } from '../support/reports.ts';
import { makeRecords, makeRow, NO_PARTS, pieceOf } from './support.ts';

const newName = () => `runs ${crypto.randomUUID()}`;

afterEach(() => vi.restoreAllMocks());

it('outlasts the page', async () => {
  const name = newName();
  const first = await idbLibrary({ name });
  await first.append(makeRow('a', { steps: 3 }), pieceOf(makeRecords(1, 3)));
  await first.putCheckpoint('a', 3, new Uint8Array(1000).fill(7));
  const second = await idbLibrary({ name });
  expect((await second.rows()).map(({ id }) => id)).toEqual(['a']);
  expect(await second.parts('a')).toEqual(await first.parts('a'));
  expect(await second.checkpoint('a', 3)).toEqual(new Uint8Array(1000).fill(7));
});

it('tells other tabs which rows changed', async () => {
  const name = newName();
  const [one, other] = [await idbLibrary({ name }), await idbLibrary({ name })];
  const heard: unknown[] = [];
  other.subscribe((ids) => heard.push(ids));
  await one.append(makeRow('a'), pieceOf(null));
  await expect.poll(() => heard).toEqual([['a']]);
});

it('says that storage is denied, full or wiped', async () => {
  const name = newName();
  const library = await idbLibrary({ name });
  await library.append(makeRow('a', { steps: 3 }), pieceOf(makeRecords(1, 3)));

  const full = new DOMException('no room', 'QuotaExceededError');
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw full;
  });
  const append = () =>
    library.append(makeRow('a', { steps: 4 }), pieceOf(makeRecords(4, 1, 3, 100)));
  await expect(append()).rejects.toMatchObject({ name: 'StorageError', kind: 'full' });
  put.mockRestore();
  expect((await library.curves('a')).ce?.values).toHaveLength(3);

  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = resolve;
    request.onerror = reject;
  });
  await expect(append()).rejects.toMatchObject({ name: 'StorageError', kind: 'wiped' });
  expect(await library.rows()).toEqual([]);
  await append();
  expect((await library.rows()).map(({ id }) => id)).toEqual(['a']);

  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('not allowed', 'SecurityError');
  });
  await expect(idbLibrary({ name: newName() })).rejects.toMatchObject({
    name: 'StorageError',
    kind: 'denied',
    message: 'The browser stores nothing for this page: not allowed',
  });
});

it('deletes a checkpoint where storage is too full to note it', async () => {
  const library = await idbLibrary({ name: newName() });
  await library.append(makeRow('a', { steps: 3 }), pieceOf(makeRecords(1, 3)));
  await library.putCheckpoint('a', 3, Uint8Array.of(1));
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('no room', 'QuotaExceededError');
  });
  await library.removeCheckpoint('a', 3);
  await expect(library.checkpoint('a', 3)).rejects.toThrow('No checkpoint of step 3');
  put.mockRestore();
  await library.removeCheckpoint('a', 3);
  expect((await library.row('a'))!.checkpoints).toEqual([]);
});

it('forgets what was deleted on an earlier visit', async () => {
  const name = newName();
  const library = await idbLibrary({ name });
  await library.put(makeRow('a'), { ...NO_PARTS, records: [makeRecords(1, 3)] }, null);
  const deleted = await library.remove(['a']);
  await idbLibrary({ name, tidies: true });
  await deleted.restore();
  expect((await library.curves('a')).ce?.values).toHaveLength(3);

  vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 12 * 60_000);
  const old = await library.remove(['a']);
  vi.restoreAllMocks();
  await idbLibrary({ name, tidies: true });
  await expect(old.restore()).rejects.toThrow('nothing is left');
  expect(await library.rows()).toEqual([]);
});

/** A database of the library as it was before runs had figures and answers to probe tasks. */
async function openFirst(name: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const request = indexedDB.open(name, 1);
    const tables = TABLES.filter((table) => table !== 'figures' && table !== 'probes');
    request.onupgradeneeded = () => {
      for (const table of tables) request.result.createObjectStore(table);
    };
    request.onsuccess = () => {
      const tx = request.result.transaction('rows', 'readwrite');
      tx.objectStore('rows').put(makeRow('a', { steps: 3 }), ['a']);
      tx.oncomplete = () => {
        request.result.close();
        resolve();
      };
    };
  });
}

it('takes a database of an earlier version, and keeps in it what that did not', async () => {
  const name = newName();
  await openFirst(name);
  const library = await idbLibrary({ name });
  expect((await library.rows()).map(({ id }) => id)).toEqual(['a']);
  expect(await library.parts('a')).toMatchObject({ figures: [], probes: [] });
  const reports = { figures: madeFigures(4), probes: [madeProbes(4)] };
  await library.append(makeRow('a', { steps: 4 }), pieceOf(makeRecords(4, 1), reports));
  expect(await library.parts('a')).toMatchObject(reports);
  expect(await conversionStore(await idbTables(name)).all()).toEqual([]);
});

/** Stores entries as versions before the library did. */
async function storeOld(entries: Record<string, unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const request = indexedDB.open('switchyard');
    request.onupgradeneeded = () => request.result.createObjectStore('keptRuns');
    request.onsuccess = () => {
      const tx = request.result.transaction('keptRuns', 'readwrite');
      for (const [key, value] of Object.entries(entries))
        tx.objectStore('keptRuns').put(value, key);
      tx.oncomplete = () => {
        request.result.close();
        resolve();
      };
    };
  });
}

it('takes over a run whose id none can have today, and one with a name that is too long, beside one that it cannot read', async () => {
  const look = { color: 0, isVisible: true, tokensPerStep: null, link: null, firstStep: 1 };
  const run = { ...look, columns: { ce: Float32Array.of(2, 1) }, validation: [] };
  await storeOld({
    '<b/onclick=x>': { keptAt: 1, run: { ...run, id: '<b/onclick=x>', name: '<b>' } },
    b: { keptAt: 5 },
    c: { keptAt: 2, run: { ...run, id: 'c', name: 'x'.repeat(900) } },
  });
  const library = await idbLibrary({ name: newName(), tidies: true });
  const rows = await library.rows();
  expect(rows.map(({ name }) => name)).toEqual(['x'.repeat(500), '<b>']);
  expect(rows[1]!.id).toMatch(RUN_ID);
  expect(await library.damaged()).toEqual([]);
  expect((await indexedDB.databases()).map((one) => one.name)).toContain('switchyard');
});

it('takes over the runs that earlier versions kept', async () => {
  const experiment = applyChange(DEFAULTS_V1, { 'model.D': 32 });
  const look = { name: 'Wide', color: 3, isVisible: true, tokensPerStep: 512 };
  await storeOld({
    a: {
      keptAt: 10,
      run: { id: 'a', ...look, link: encodeLink(experiment), columns: {} },
      parts: [
        { quantity: 'ce', firstStep: 1, hasSteps: false },
        { quantity: 'validation', firstStep: 2, hasSteps: true },
      ],
    },
    'a ce values': Float64Array.of(4, 3, 3.5),
    'a validation steps': Float64Array.of(2, 3),
    'a validation values': Float64Array.of(5, 4),
    b: {
      keptAt: 20,
      run: {
        id: 'b',
        ...look,
        name: 'Old',
        link: null,
        firstStep: 1,
        columns: { ce: Float32Array.of(2, Number.NaN, 1) },
        validation: [{ step: 3, ce: 1.5 }],
      },
    },
  });
  const name = newName();
  const library = await idbLibrary({ name, tidies: true });
  const [b, a] = await library.rows();
  expect(a).toMatchObject({
    ...look,
    origin: 'trained',
    status: 'done',
    steps: 3,
    experiment,
    last: { ce: { step: 3, value: 3.5 }, validation: { step: 3, value: 4 } },
    best: { ce: { step: 2, value: 3 } },
  });
  expect(a!.thumbnail.map(({ value }) => value)).toEqual([4, 3, 3.5]);
  expect(await library.curves('a')).toEqual({
    ce: { firstStep: 1, steps: null, values: Float32Array.of(4, 3, 3.5) },
    validation: { firstStep: 2, steps: Float64Array.of(2, 3), values: Float32Array.of(5, 4) },
  });
  expect(b).toMatchObject({ name: 'Old', origin: 'curves', experiment: null });
  expect(await library.curves('b')).toEqual({
    ce: { firstStep: 1, steps: Float64Array.of(1, 3), values: Float32Array.of(2, 1) },
    validation: { firstStep: 3, steps: Float64Array.of(3), values: Float32Array.of(1.5) },
  });
  expect((await indexedDB.databases()).map((one) => one.name)).not.toContain('switchyard');
});
