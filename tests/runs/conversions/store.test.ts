import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../../src/config/defaults.ts';
import { parseLadimoSettings } from '../../../src/config/ladimoSettings.ts';
import {
  type ConversionRecord,
  freshLayers,
  readRecord,
} from '../../../src/runs/conversions/record.ts';
import {
  withoutDomain,
  withoutLayer,
  withoutPolicies,
} from '../../../src/runs/conversions/stale.ts';
import { conversionStore } from '../../../src/runs/conversions/store.ts';
import { idbTables } from '../../../src/runs/idbTables.ts';
import { memoryTables } from '../../../src/runs/memoryTables.ts';
import { tableLibrary } from '../../../src/runs/tableLibrary.ts';
import type {
  ConversionState,
  LayerState,
  MeasuredStudent,
  StudentChoice,
} from '../../../src/train/ladimo/conversion.ts';
import { makeRow, NO_PARTS } from '../support.ts';

const HASH = 'a'.repeat(64);
const settings = parseLadimoSettings({ layers: [1, 2], seeds: 2 });

function recordOf(id: string, part: Partial<ConversionState> = {}): ConversionRecord {
  const teacher = {
    ...{ name: 'Run 1', run: null, digest: null, step: 3 },
    ...{ experiment: DEFAULTS_V1, isReplayable: true },
  };
  const state: ConversionState = {
    ...{ id, name: id, begunAt: 1000, changedAt: 1000, teacher, settings },
    ...{ stage: 'idle', progress: null, layers: freshLayers(4, settings), students: [] },
    ...{ throughput: [], domains: [], weights: null, policies: [] },
    ...{ digest: null, expected: null, student: null, failure: null, ...part },
  };
  return { format: 1, state, own: HASH, bytes: 0 };
}

describe.each([
  ['in memory', async () => memoryTables()],
  ['in the database', () => idbTables(`conversions ${crypto.randomUUID()}`)],
])('conversions %s', (_, open) => {
  it('come back with their parts, whose bytes are counted', async () => {
    const store = conversionStore(await open());
    const record = recordOf('one', { begunAt: 1 });
    await store.put(record, [
      ['teacher', new Uint8Array(100).fill(1)],
      ['layer-1-0', new Uint8Array(10)],
    ]);
    await store.put(record, [['layer-1-0', new Uint8Array(30).fill(2)]]);
    await store.put(recordOf('other', { begunAt: 2 }));
    expect((await store.all()).map(({ state, bytes }) => [state.id, bytes])).toEqual([
      ['other', 0],
      ['one', 130],
    ]);
    expect(await store.get('one')).toEqual({ ...record, bytes: 130 });
    expect(await store.part('one', 'layer-1-0')).toEqual(new Uint8Array(30).fill(2));
    await store.put(record, [['layer-1-0', null]]);
    expect(await store.part('one', 'layer-1-0')).toBeNull();
    expect((await store.get('one')).bytes).toBe(100);
    await store.remove('one');
    expect(await store.part('one', 'teacher')).toBeNull();
    await expect(store.get('one')).rejects.toThrow('There is no conversion "one"');
  });

  it('keep the own text that their teacher was trained on', async () => {
    const tables = await open();
    const store = conversionStore(tables);
    const host = { channel: null, storage: null, openRuns: async () => new Set(''), now: () => 0 };
    const library = tableLibrary(tables, host);
    const own = { name: 'sheep.txt', text: 'The sheep.' };
    const text = {
      ...{ hash: HASH, isOwn: true, vocabulary: 9, unigramEntropy: 2 },
      ...{ charactersPerToken: 1, domains: ['own'] },
    };
    await library.put(makeRow('a', { text }), NO_PARTS, own);
    await store.put(recordOf('one'));
    await (await library.remove(['a'])).forget();
    expect(await store.text(HASH)).toEqual(own);
    await store.remove('one');
    await library.forgetBefore(1);
    expect(await store.text(HASH)).toBeNull();
  });
});

describe('what is made anew', () => {
  const measured = (choice: StudentChoice) =>
    ({ choice, layers: choice.layers, ce: 1 }) as unknown as MeasuredStudent;
  const state = {
    ...recordOf('one').state,
    students: [
      measured({ layers: [1] }),
      measured({ layers: [1], policy: { pu: 0.25, pe: 0.25 } }),
      measured({ layers: [2] }),
      measured({ layers: [2], domain: 'code' }),
      measured({ layers: [1, 2], domain: 'code' }),
    ],
    domains: [{ domain: 'code', layers: [1, 2] }] as unknown as ConversionState['domains'],
    weights: { layers: [], domains: [], N: 2 },
    policies: [{}] as unknown as ConversionState['policies'],
    digest: 'a',
  };
  const choices = ({ students = [] }: Partial<ConversionState>) =>
    students.map(({ choice }) => choice);

  it('takes everything with it that was measured of a layer', () => {
    const { part, gone } = withoutLayer(state, 1);
    expect(choices(part)).toEqual([{ layers: [2] }]);
    expect(part).toMatchObject({ domains: [], weights: null, policies: [], digest: null });
    expect(gone.map(([name]) => name)).toEqual([
      ...['layer-1-0', 'layer-1-1', 'domain-code-1', 'domain-code-2'],
    ]);
    expect(() => withoutLayer(state, 0)).toThrow('Layer 0 is not among the layers');
  });

  it('takes the students of a domain, and those whose policy it changes', () => {
    expect(choices(withoutDomain(state, 'code'))).toEqual([
      { layers: [1] },
      { layers: [1], policy: { pu: 0.25, pe: 0.25 } },
      { layers: [2] },
    ]);
    expect(choices(withoutPolicies(state))).toHaveLength(4);
    expect(withoutPolicies(state)).toMatchObject({ weights: null, policies: [] });
  });
});

describe('a record', () => {
  const layer = (part: Partial<LayerState>): LayerState[] =>
    freshLayers(4, settings).map((one) => (one.layer === 2 ? { ...one, ...part } : one));

  it('is at rest when it is read: a layer goes on where it was stored', () => {
    const begun = { seed: 0, step: 5, mse: null };
    const { state } = readRecord(
      recordOf('one', {
        ...{ stage: 'training', progress: { done: 1, total: 2 } },
        layers: layer({ status: 'training', seeds: [begun, { ...begun, seed: 1, step: 0 }] }),
      }),
    );
    expect(state).toMatchObject({ stage: 'idle', progress: null });
    expect(state.layers.map(({ status }) => status)).toEqual([
      ...['dense', 'dense', 'stopped', 'dense'],
    ]);
    const { state: recorded } = readRecord(
      recordOf('one', { layers: layer({ status: 'recorded' }) }),
    );
    expect(recorded.layers[2]?.status).toBe('dense');
  });

  it('has defaults of settings that came later', () => {
    const { seeds: _, domain: __, ...older } = settings;
    const record = recordOf('one', { settings: older as typeof settings });
    expect(readRecord(record).state.settings).toEqual({ ...settings, seeds: 1 });
  });

  it('leaves out what was measured in no way that can be shown', () => {
    const student = {
      ...{ choice: { layers: [1] }, layers: [1], ce: 'NaN', perDomain: { prose: 2 }, active: 9 },
      ...{ computing: 2, probes: null },
    };
    const [good, bad] = [student, { ...student, ce: 'low' }];
    const { state } = readRecord(
      recordOf('one', { students: [good, bad, {}], weights: 7, policies: [{}] } as object),
    );
    expect(state.students).toEqual([{ ...student, ce: Number.NaN }]);
    expect(state).toMatchObject({ weights: null, policies: [] });
  });

  it.each([
    [{ ...recordOf('one'), format: 2 }, 'format: 2 cannot be read; this program reads format 1'],
    [42, '42 is no conversion'],
    [recordOf('one two'), 'id'],
    [recordOf('one', { layers: layer({ layer: -1 }) }), 'layers.2.layer'],
    [recordOf('one', { settings: { ...settings, K: 99 } }), 'K'],
  ])('is refused with the place of what is wrong: %#', (record, message) => {
    expect(() => readRecord(record)).toThrow(message);
  });
});
