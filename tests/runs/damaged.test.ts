import 'fake-indexeddb/auto';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { rawFile } from '../../src/runs/files/rawRun.ts';
import { idbTables } from '../../src/runs/idbTables.ts';
import { memoryTables } from '../../src/runs/memoryTables.ts';
import { migrate, type RunRow, readRow } from '../../src/runs/record.ts';
import { tableLibrary } from '../../src/runs/tableLibrary.ts';
import type { Tables } from '../../src/runs/tables.ts';
import { makeRecords, makeRow, NO_PARTS, pieceOf } from './support.ts';

const HOST = {
  channel: null,
  storage: null,
  openRuns: async () => new Set<string>(),
  now: () => 1,
};

async function plant(tables: Tables, id: string, row: unknown): Promise<void> {
  await tables.transact(['rows'], 'readwrite', (tx) => tx.put('rows', [id], row as RunRow));
}

const DAMAGES: [id: string, row: unknown, reason: string | RegExp][] = [
  ['none', null, 'null is no object'],
  ['text', 'gone', '"gone" is no object'],
  ['thumb', { ...makeRow('thumb'), thumbnail: 5 }, /^thumbnail: 5 is not allowed/],
  ['last', { ...makeRow('last'), last: { ce: 3 } }, /^last\.ce: 3 is no object/],
  ['name', { ...makeRow('name'), name: undefined }, /^name: undefined is not allowed/],
  ['other', makeRow('elsewhere'), 'id: "elsewhere" is stored under "other"'],
  ['later', { ...makeRow('later'), format: 2 }, /^format: 2 cannot be read/],
  [
    'lr',
    { ...makeRow('lr'), experiment: { ...DEFAULTS_V1, batch: { B: 'four', S: 64 } } },
    /^experiment: .*"four"/,
  ],
];

describe.each([
  ['memory', async () => memoryTables()],
  ['a database', () => idbTables(`damaged ${crypto.randomUUID()}`)],
] as const)('damaged rows in %s', (_, open) => {
  it('are listed apart with the reason, and break nothing', async () => {
    const tables: Tables = await open();
    const library = tableLibrary(tables, HOST);
    await library.append(makeRow('whole', { steps: 2 }), pieceOf(makeRecords(1, 2)));
    for (const [id, row] of DAMAGES) await plant(tables, id, row);
    // Twice: what was looked at is known by then.
    for (let i = 0; i < 2; i++) {
      expect((await library.rows()).map(({ id }) => id)).toEqual(['whole']);
      const damaged = await library.damaged();
      expect(damaged.map(({ id }) => id).sort()).toEqual(DAMAGES.map(([id]) => id).sort());
      for (const [id, , reason] of DAMAGES) {
        const found = damaged.find((one) => one.id === id)?.reason;
        if (typeof reason === 'string') expect(found).toBe(reason);
        else expect(found).toMatch(reason);
      }
      expect(damaged.find(({ id }) => id === 'thumb')?.name).toBe('Run thumb');
    }
    await expect(library.row('thumb')).rejects.toThrow('The record of "Run thumb" is damaged: ');
    await expect(library.change('thumb', { name: 'x' })).rejects.toThrow('is damaged');
  });

  it('are deleted, taken back and forgotten like others', async () => {
    const tables: Tables = await open();
    const library = tableLibrary(tables, HOST);
    for (const [id, row] of DAMAGES) await plant(tables, id, row);
    const ids = DAMAGES.map(([id]) => id);
    const deleted = await library.remove(ids);
    expect(deleted.rows.map(({ id }) => id)).toEqual(ids);
    expect(deleted.rows[2]).toEqual({ id: 'thumb', name: 'Run thumb' });
    expect(await library.damaged()).toEqual([]);
    await deleted.restore();
    expect(await library.damaged()).toHaveLength(ids.length);
    await (await library.remove(ids)).forget();
    expect(await library.damaged()).toEqual([]);
    await expect(library.raw('thumb')).rejects.toThrow('no run "thumb"');
  });

  it('are saved as they lie there, with all their parts', async () => {
    const tables: Tables = await open();
    const library = tableLibrary(tables, HOST);
    const validation = [{ step: 2, ce: 2.5, perDomain: {} }];
    await library.append(makeRow('a', { steps: 2 }), pieceOf(makeRecords(1, 2), { validation }));
    await library.putCheckpoint('a', 2, Uint8Array.of(1, 2, 3));
    const curves = { ce: { firstStep: 1, steps: null, values: Float32Array.of(1, Number.NaN) } };
    await library.put(makeRow('b'), { ...NO_PARTS, curves }, null);
    await plant(tables, 'a', { ...makeRow('a'), bytes: 'many' });
    const opened = async (id: string) => {
      const file = await rawFile(id, await library.raw(id));
      return unzipSync(new Uint8Array(await file.arrayBuffer()));
    };
    const json = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes));
    const a = await opened('a');
    expect(Object.keys(a).sort()).toEqual(
      ['checkpoint-2.safetensors', 'loads.json', 'row.json', 'scalars.json', 'validation.json'].map(
        (name) => `a/${name}`,
      ),
    );
    expect(a['a/checkpoint-2.safetensors']).toEqual(Uint8Array.of(1, 2, 3));
    expect(json(a['a/row.json'])).toMatchObject({ id: 'a', bytes: 'many' });
    expect(json(a['a/validation.json'])).toEqual(validation);
    expect(json(a['a/scalars.json'])[0].n).toBe(2);
    const b = await opened('b');
    expect(json(b['b/series.json'])).toEqual({
      names: ['ce'],
      values: [{ firstStep: 1, steps: null, values: [1, 'NaN'] }],
    });
  });
});

describe('a stored row', () => {
  it('is read as it was written, and what a later version added stays', () => {
    const row = makeRow('a', { tags: ['x'], last: { ce: { step: 3, value: 2 } } });
    expect(readRow('a', row)).toEqual(row);
    expect(readRow('a', { ...row, later: 1 })).toEqual({ ...row, later: 1 });
  });

  it('has the defaults of settings that came later', () => {
    const { keyNorm: _, ...model } = DEFAULTS_V1.model;
    const row = { ...makeRow('a'), experiment: { ...DEFAULTS_V1, model } };
    expect(readRow('a', row).experiment).toEqual(DEFAULTS_V1);
  });

  it('is brought from format to format by the migrations between', () => {
    const migrations = {
      1: (row: Record<string, unknown>) => ({ ...row, format: 2, tags: [] }),
      2: ({ label, ...row }: Record<string, unknown>) => ({ ...row, format: 3, name: label }),
    };
    expect(migrate({ format: 1, label: 'x' }, migrations, 3)).toEqual({
      format: 3,
      name: 'x',
      tags: [],
    });
    expect(() => migrate({ format: 4 }, migrations, 3)).toThrow('formats up to 3');
    expect(() => migrate({ format: 'one' }, migrations, 3)).toThrow('"one" cannot be read');
    expect(() => migrate({ format: 1 }, {}, 3)).toThrow('1 cannot be read');
  });
});
