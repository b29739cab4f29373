import 'fake-indexeddb/auto';
import { expect, it, vi } from 'vitest';
import { DATABASE, isAnythingStored } from '../../src/runs/databases.ts';
import { idbLibrary } from '../../src/runs/idbLibrary.ts';
import { lazyLibrary } from '../../src/runs/lazyLibrary.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { libraryOnce } from '../../src/runs/openLibrary.ts';
import { makeRow, pieceOf } from './support.ts';

it('is not opened where nothing is stored, and hears of the first run all the same', async () => {
  const open = vi.fn(libraryOnce(false, async () => memoryLibrary()));
  const channel = new BroadcastChannel(DATABASE);
  const lazy = lazyLibrary({ open, isThere: isAnythingStored, channel });
  const heard: unknown[] = [];
  const stop = lazy.subscribe((ids) => heard.push(ids));
  expect(await lazy.rows()).toEqual([]);
  expect(await lazy.use()).toEqual({ used: null, allowed: null, isPersistent: null });
  expect(open).not.toHaveBeenCalled();
  const worker = await idbLibrary();
  await worker.append(makeRow('a'), pieceOf(null));
  await expect.poll(() => heard).toEqual([['a']]);
  expect((await lazy.rows()).map(({ id }) => id)).toEqual(['a']);
  await lazy.change('a', { name: 'b' });
  await expect.poll(() => heard).toEqual([['a'], ['a']]);
  stop();
  await lazy.change('a', { name: 'c' });
  expect((await worker.row('a'))?.name).toBe('c');
  expect(open.mock.calls.length).toBe(1);
  channel.close();
});

it('is what there is instead where storage is denied', async () => {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('not allowed', 'SecurityError');
  });
  vi.spyOn(indexedDB, 'databases').mockRejectedValue(new DOMException('not allowed'));
  const memory = memoryLibrary();
  const once = libraryOnce(true, async () => memory);
  expect((await once()).denied).toMatchObject({ kind: 'denied' });
  const channel = new BroadcastChannel('another');
  const lazy = lazyLibrary({ open: once, isThere: isAnythingStored, channel });
  const heard: unknown[] = [];
  lazy.subscribe((ids) => heard.push(ids));
  expect(await lazy.rows()).toEqual([]);
  await memory.append(makeRow('a'), pieceOf(null));
  expect(heard).toEqual([['a']]);
  expect(await lazy.rows()).toHaveLength(1);
  channel.close();
  vi.restoreAllMocks();
});

it('is asked again where it could not be opened', async () => {
  let failures = 1;
  const open = async () => {
    if (failures-- > 0) throw new Error('no chunk');
    return { library: memoryLibrary(), denied: null };
  };
  const lazy = lazyLibrary({ open, isThere: async () => true, channel: null });
  await expect(lazy.rows()).rejects.toThrow('no chunk');
  expect(await lazy.rows()).toEqual([]);
});
