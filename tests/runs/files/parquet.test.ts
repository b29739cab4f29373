import { tableFromIPC } from '@uwdata/flechette';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { readParquet } from 'parquet-wasm';
import { describe, expect, it } from 'vitest';
import { SCALARS } from '../../../src/config/telemetry.ts';
import { parquetOf, tableOfParquet } from '../../../src/runs/files/parquet.ts';
import { arrayOf, column, type Table, type TableSchema } from '../../../src/runs/files/table.ts';
import { bytesOfRuns, madeRun } from './support.ts';

const LIMITS = { rows: 1e6, columns: 20 };

/** Columns of a file as Apache Arrow's own reader has them; null where there is no value. */
function byAnotherReader(bytes: Uint8Array): Record<string, (number | null)[]> {
  const table = tableFromIPC(readParquet(bytes).intoIPCStream());
  return Object.fromEntries(
    table.names.map((name) => [name, [...(table.getChild(name) as Iterable<number | null>)]]),
  );
}

function lists({ columns }: Table): Record<string, (number | null)[]> {
  return Object.fromEntries(
    columns.map(({ name, values, present }) => [
      name,
      Array.from(values, (value, row) => (present?.[row] === 0 ? null : value)),
    ]),
  );
}

const schemaOf = ({ columns }: Table): TableSchema =>
  new Map(columns.map(({ name, type }) => [name, type]));

/** A table of some rows with some of its values left out. */
function made(rows: number): Table {
  const whole = Int32Array.from({ length: rows }, (_, i) => i * 7 - 3);
  const float = Float32Array.from({ length: rows }, (_, i) => (i % 11 === 0 ? NaN : Math.sin(i)));
  const double = Float64Array.from({ length: rows }, (_, i) => (i % 13 === 0 ? -0 : i / 3));
  const some = Uint8Array.from({ length: rows }, (_, i) => (i % 50 === 9 || i < 300 ? 1 : 0));
  const none = new Uint8Array(rows);
  return {
    rows,
    columns: [
      column('whole', whole),
      column('float', float),
      column('double', double),
      column(
        'some',
        float.map((x, i) => (some[i] === 1 ? x : 0)),
        some,
      ),
      column('none', new Float32Array(rows), none),
    ],
  };
}

describe('tables', () => {
  // 65,536 rows stand together; 200,000 also fill several pages.
  it.each([0, 1, 7, 8, 9, 4096, 65_536, 65_537, 200_000])(
    'come back as they were, and read the same by another reader: %i rows',
    async (rows) => {
      const table = made(rows);
      const bytes = await parquetOf(table);
      expect(lists(await tableOfParquet(bytes, schemaOf(table), LIMITS))).toEqual(lists(table));
      if (rows > 0) expect(byAnotherReader(bytes)).toEqual(lists(table));
    },
  );

  it('are the same whatever values they lack', async () => {
    const rows = fc.array(fc.option(fc.float(), { nil: null }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rows, async (values) => {
        const present = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
        const table: Table = {
          rows: values.length,
          columns: [
            column(
              'x',
              Float32Array.from(values, (value) => value ?? 0),
              present,
            ),
          ],
        };
        const bytes = await parquetOf(table);
        expect(lists(await tableOfParquet(bytes, schemaOf(table), LIMITS))).toEqual(lists(table));
        expect(byAnotherReader(bytes)).toEqual(lists(table));
      }),
    );
  });
});

it('has a run’s telemetry as another reader reads it', async () => {
  const { row, parts } = await madeRun('a');
  const files = unzipSync(
    await bytesOfRuns([{ row, parts, checkpoints: new Map(), ownText: null }], {
      checkpoints: 'none',
      ownText: false,
    }),
  );
  const metrics = byAnotherReader(files['a/metrics.parquet']!);
  expect(Object.keys(metrics)).toEqual(['step', ...SCALARS, 'validation']);
  expect(metrics.step).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
  for (const name of SCALARS) expect(metrics[name]).toEqual([...parts.curves[name]!.values]);
  expect(metrics.validation?.filter((value) => value !== null)).toEqual([5.25, 4.125]);
  const routing = byAnotherReader(files['a/routing.parquet']!);
  const [first, second] = parts.records;
  expect(routing.step).toHaveLength(4 * 7 + 6 * 8);
  expect(routing.drops?.slice(0, 7)).toEqual([
    ...first!.layers[0]!.drops.slice(0, 4),
    ...first!.layers[1]!.drops.slice(0, 3),
  ]);
  expect(routing.assignments_1?.at(-1)).toBe(second!.layers[1]!.assignments.at(-4));
  expect(routing.assignments_2?.[0]).toBeNull();
  expect(routing.meanGate?.at(-1)).toBe(second!.layers[1]!.meanGate.at(-1));
});

describe('a file that is not as it should be', () => {
  const SCHEMA: TableSchema = new Map([
    ['whole', 'INT32'],
    ['some', 'FLOAT'],
  ]);
  const read = (bytes: Uint8Array, schema = SCHEMA, limits = LIMITS) =>
    tableOfParquet(bytes, schema, limits);

  it('is refused for what it lacks, has too much of, or holds otherwise', async () => {
    const bytes = await parquetOf(made(100));
    await expect(read(new Uint8Array(40))).rejects.toThrow('it is no Parquet file');
    await expect(read(bytes, new Map([['more', 'FLOAT']]))).rejects.toThrow('no column more');
    await expect(read(bytes, new Map([['whole', 'FLOAT']]))).rejects.toThrow(
      'its column whole holds INT32, not FLOAT',
    );
    await expect(read(bytes, SCHEMA, { rows: 99, columns: 20 })).rejects.toThrow(
      'it has 100 rows; at most 99 are read',
    );
    await expect(read(bytes, SCHEMA, { rows: 100, columns: 4 })).rejects.toThrow(
      'it has 5 columns; at most 4 are read',
    );
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const packed = parquetWriteBuffer({
      columnData: [{ name: 'whole', data: new Int32Array(2000), type: 'INT32' }],
    });
    await expect(read(new Uint8Array(packed))).rejects.toThrow(/packed by SNAPPY/);
  });

  it('is refused where columns without values would take more than the file has', async () => {
    const rows = 200_000;
    const empty = Array.from({ length: 15 }, (_, c) =>
      column(`c${c}`, arrayOf('FLOAT', rows), new Uint8Array(rows)),
    );
    await expect(
      read(await parquetOf({ rows, columns: empty }), new Map([['c0', 'FLOAT']])),
    ).rejects.toThrow(/200,000 rows of 15 columns; of [\d,]+ bytes at most [\d,]+ cells are read/);
  });

  it('never takes longer than a good one, whichever of its bytes is wrong', async () => {
    const good = await parquetOf(made(300));
    let slowest = 0;
    const bytes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    // The footer and the pages' headers are few of the bytes: those are tried as often as the rest.
    const footer = fc.array(
      fc.tuple(fc.integer({ min: good.length - 700, max: good.length - 1 }), fc.nat(255)),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, footer), async (changes) => {
        const bad = good.slice();
        for (const [at, value] of changes) bad[at] = value;
        const begun = performance.now();
        await read(bad).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
        slowest = Math.max(slowest, performance.now() - begun);
      }),
      { numRuns: 2000 },
    );
    expect(slowest).toBeLessThan(500);
  });
});
