import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../../src/config/defaults.ts';
import { applyChange } from '../../../src/config/edit.ts';
import type { Experiment } from '../../../src/config/experiment.ts';
import type { OwnText } from '../../../src/data/ownText.ts';
import { sha256Hex } from '../../../src/data/textHash.ts';
import { utf8Encode } from '../../../src/data/tokenizers/bytes.ts';
import type { ConversionDeps } from '../../../src/runs/conversions/deps.ts';
import { readConversion } from '../../../src/runs/conversions/files.ts';
import { keepOwn, ownKey } from '../../../src/runs/conversions/ownTexts.ts';
import { ConversionRoom } from '../../../src/runs/conversions/room.ts';
import { conversionStore } from '../../../src/runs/conversions/store.ts';
import { type RunLocks, runLocks } from '../../../src/runs/locks.ts';
import { memoryLibrary } from '../../../src/runs/memoryLibrary.ts';
import { memoryTables } from '../../../src/runs/memoryTables.ts';

const DENSE = applyChange(DEFAULTS_V1, { 'model.arrangement': 'dense', 'model.L': 2 });
const TEACHER = { experiment: DENSE, steps: 3 };

const nothing = (what: string) => () => Promise.reject(new Error(what));

/** A room in which nothing computes: its device never comes. */
function roomOf(part: Partial<Pick<ConversionDeps, 'locks' | 'now'>> = {}): ConversionRoom {
  const store = conversionStore(memoryTables());
  const library = memoryLibrary();
  return new ConversionRoom({
    requestDevice: nothing('no device'),
    prepareText: nothing('no text'),
    store: async () => store,
    library: async () => library,
    live: nothing('no run'),
    liveExperiment: nothing('no run'),
    isTraining: () => true,
    locks: runLocks(null),
    now: () => 1000,
    ...part,
  });
}

/** Begins, and waits until the device has not come. */
async function begun(room: ConversionRoom): Promise<string> {
  const { state } = await room.begin(TEACHER, {});
  await room.stop();
  return state.id;
}

it('refuses a domain that the teacher was not trained on before anything is stored', async () => {
  const room = roomOf();
  const message = 'domain: "code" is not in the teacher\'s text; it must be one of prose, or null';
  const teacher = { ...TEACHER, experiment: applyChange(DENSE, { 'data.mix': { prose: 1 } }) };
  await expect(room.plan(teacher, { domain: 'code' })).rejects.toThrow(message);
  await expect(room.begin(teacher, { domain: 'code' })).rejects.toThrow(message);
  expect(await room.list()).toEqual([]);
});

it('refuses a teacher with a loss that goes with no conversion', async () => {
  const balance = { coefficient: 0.1, scope: 'batch' };
  const teacher = { ...TEACHER, experiment: applyChange(DENSE, { 'losses.balance': balance }) };
  await expect(roomOf().plan(teacher, {})).rejects.toThrow('the loss balance, which goes with no');
});

it('deletes and replaces nothing that another tab works on', async () => {
  const held = new Set<string>();
  const locks: RunLocks = { hold: async (id) => !held.has(id), release: () => undefined };
  const room = roomOf({ locks });
  const id = await begun(room);
  const file = await room.toFile(id);
  held.add(id);
  await expect(room.remove(id)).rejects.toThrow('Another tab works on this conversion');
  await expect(room.fromFile(file)).rejects.toThrow('Another tab works on this conversion');
  expect(await room.list()).toHaveLength(1);
  held.clear();
  await room.remove(id);
  expect(await room.list()).toEqual([]);
});

it('takes from a file nothing that is older than what is there', async () => {
  let now = 1000;
  const room = roomOf({ now: () => now });
  const id = await begun(room);
  const old = await room.toFile(id);
  now = 2000;
  await room.rename(id, 'newer');
  const newer = await room.toFile(id);
  expect((await room.fromFile(old)).state.name).toBe('newer');
  await room.remove(id);
  expect((await room.fromFile(old)).state.name).not.toBe('newer');
  expect((await room.fromFile(newer)).state.name).toBe('newer');
  expect((await readConversion(await room.toFile(id))).record.state.name).toBe('newer');
});

it('stores no other text under the hash of one', async () => {
  const store = conversionStore(memoryTables());
  const own: OwnText = { name: 'sheep.txt', text: 'The sheep.' };
  const other: OwnText = { name: 'goat.txt', text: 'The goat.' };
  const hash = 'b'.repeat(64);
  const of = (hash: string | null): Experiment =>
    applyChange(DENSE, { 'data.mix': { own: 1 }, 'data.hash': hash });
  const deps = {
    prepareText: async (_: Experiment, given: OwnText | null) => {
      if (given?.text !== own.text) throw new Error('made with another text');
      return {} as never;
    },
  };
  await expect(ownKey(deps, store, of(hash), null)).rejects.toThrow('has to be given');
  await expect(ownKey(deps, store, of(hash), other)).rejects.toThrow('made with another text');
  expect(await store.text(hash)).toBeNull();
  expect(await ownKey(deps, store, of(hash), own)).toBe(hash);
  // It is there: what the page has of its own now says nothing.
  expect(await ownKey(deps, store, of(hash), other)).toBe(hash);
  expect(await store.text(hash)).toEqual(own);
  const key = await sha256Hex(utf8Encode(other.text));
  expect(await ownKey(deps, store, of(null), other)).toBe(key);
  const wrong = { experiment: of(null), own, key: 'c'.repeat(64) };
  await expect(keepOwn(deps, store, wrong)).rejects.toThrow(`not ${wrong.key}`);
  expect(await ownKey(deps, store, DENSE, own)).toBeNull();
});
