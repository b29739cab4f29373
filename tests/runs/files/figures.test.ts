import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { figuresAt } from '../../../src/analysis/figuresAt.ts';
import {
  figureSlotsTable,
  figuresOfTables,
  figuresTable,
} from '../../../src/runs/files/figuresTable.ts';
import { jsonBytes } from '../../../src/runs/files/json.ts';
import { readProbes } from '../../../src/runs/files/probesJson.ts';
import { readRuns } from '../../../src/runs/files/readRuns.ts';
import type { Table } from '../../../src/runs/files/table.ts';
import { NO_REPORTS } from '../../../src/runs/record.ts';
import { inspections } from '../../analysis/figures/support.ts';
import { madeFigures, madeProbes } from '../../support/reports.ts';
import { bytesOfRuns, madeRow, madeRun } from './support.ts';

it('reads figures of any layers, ranks and kinds as they were written', () => {
  fc.assert(
    fc.property(fc.array(inspections, { minLength: 1, maxLength: 4 }), (all) => {
      const rows = all.map((one, i) => figuresAt(25 * (i + 1), one, all[i - 1] ?? null));
      expect(figuresOfTables(figuresTable(rows), figureSlotsTable(rows))).toEqual(rows);
    }),
    { numRuns: 60 },
  );
});

it('writes as CSV what stands in the rows, nothing where it is undefined', async () => {
  const run = await madeRun('a');
  const files = unzipSync(await bytesOfRuns([run]));
  const rowsOf = (name: string): Record<string, string>[] =>
    parse(strFromU8(files[`a/${name}`]!), { columns: true });
  const rows = madeFigures(3, 7, 9);
  const figures = rowsOf('figures.csv');
  expect(figures).toHaveLength(3 * 3);
  expect(figures.map(({ step, layer }) => [step, layer]).slice(0, 4)).toEqual([
    ['3', ''],
    ['3', '1'],
    ['3', '3'],
    ['7', ''],
  ]);
  expect(figures[1]).toMatchObject({
    load_cv: String(rows[0]!.layers[0]!.values['load.cv']),
    kinds_ratio_copy: String(rows[0]!.layers[0]!.values['kinds.ratio'].data[3]),
    saturation_churn: '',
    load_maxVioQuantiles_75: '',
  });
  expect(figures[3]).toMatchObject({
    load_cv: '',
    load_maxVioQuantiles_75: String(rows[1]!.values['load.maxVioQuantiles'].data[3]),
    saturation_churn: String(rows[1]!.values['saturation.churn']),
  });
  const slots = rowsOf('figureSlots.csv');
  expect(slots).toHaveLength(3 * (4 + 3));
  expect(slots.slice(4, 5)).toEqual([
    {
      ...{ step: '3', layer: '3', slot: '0' },
      load_total: String(rows[0]!.layers[1]!.values['load.total'].data[0]),
      load_counts_0: String(rows[0]!.layers[1]!.values['load.counts'].data[0]),
      load_counts_1: '',
    },
  ]);
});

it('leaves the files out of a run that has no such reports, and reads it', async () => {
  const run = { row: madeRow('a'), parts: { curves: {}, records: [], ...NO_REPORTS } };
  const bytes = await bytesOfRuns([{ ...run, checkpoints: new Map(), ownText: null }]);
  const names = Object.keys(unzipSync(bytes));
  expect(names.filter((name) => /figure|probe/i.test(name))).toEqual([]);
  const { runs, problems } = await readRuns(bytes);
  expect(problems).toEqual([]);
  expect(await runs[0]!.parts()).toMatchObject(NO_REPORTS);
});

/** A table with one value changed. */
function changed(table: Table, name: string, row: number, value: number): Table {
  const columns = table.columns.map((column) =>
    column.name === name ? { ...column, values: column.values.with(row, value) } : column,
  );
  return { ...table, columns: columns as Table['columns'] };
}

it('refuses tables whose rows do not belong together', () => {
  const rows = madeFigures(3, 7);
  const [figures, slots] = [figuresTable(rows), figureSlotsTable(rows)];
  const refuses = (a: Table, b: Table, message: string) =>
    expect(() => figuresOfTables(a, b)).toThrow(message);
  refuses(changed(figures, 'step', 3, 3), slots, 'its step 3 does not rise');
  refuses(changed(figures, 'step', 4, 8), slots, 'its row 5, layer 1 of step 8, is out of order');
  refuses(changed(figures, 'layer', 2, 1), slots, 'its row 3, layer 1 of step 3, is out of order');
  refuses(figures, changed(slots, 'slot', 5, 2), 'its row 6 is not slot 1 of layer 3, step 3');
  refuses(figures, changed(slots, 'layer', 0, 2), 'its row 1 is not slot 0 of layer 1, step 3');
  refuses(figuresTable(rows.slice(0, 1)), slots, '7 rows are of no layer');
});

it('reads answers to probe tasks, and refuses others with the place', () => {
  const probes = [madeProbes(3), madeProbes(8, 5)];
  expect(readProbes(jsonBytes(probes))).toEqual(probes);
  const refuses = (change: object, message: RegExp) =>
    expect(() => readProbes(jsonBytes([{ ...probes[0], ...change }]))).toThrow(message);
  refuses({ seed: -1 }, /^0\.seed: -1/);
  refuses({ more: 1 }, /^0\.more: is not known/);
  const results = { ...probes[0]!.results, arithmetic: undefined };
  refuses({ results }, /^0\.results\.arithmetic: is missing/);
});
