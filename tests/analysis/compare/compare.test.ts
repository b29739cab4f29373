import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../../bench/syntheticRuns.ts';
import { stepCosts } from '../../../src/accounting/costs.ts';
import { paperCounts, trainingCompute } from '../../../src/accounting/parameters.ts';
import {
  COLUMNS,
  columnById,
  columnsOf,
  FIRST_COLUMNS,
} from '../../../src/analysis/compare/columns.ts';
import { foldSeries, meanOf } from '../../../src/analysis/compare/fold.ts';
import { jsonLines } from '../../../src/analysis/compare/jsonLines.ts';
import { familiesOf } from '../../../src/analysis/compare/lineage.ts';
import { valueAtStep } from '../../../src/analysis/compare/metrics.ts';
import { type ComparedRun, placingOf } from '../../../src/analysis/compare/places.ts';
import {
  changedFromDefaults,
  differingPaths,
  foldedBySeed,
  groupedBy,
} from '../../../src/analysis/compare/settings.ts';
import { accountingOf, flopsAt } from '../../../src/analysis/compare/spaces.ts';
import {
  bestOf,
  cellOf,
  isDiffering,
  sortedRows,
  tableCsv,
} from '../../../src/analysis/compare/table.ts';
import { DEFAULTS_V1 } from '../../../src/config/defaults.ts';
import { applyChange, engineConfig, recordEvent } from '../../../src/config/edit.ts';
import { SETTINGS } from '../../../src/config/schema.ts';
import type { RunRow, Series } from '../../../src/runs/record.ts';

const NOW = 1_800_000_000_000;

function compared(i: number, steps = 100, change: Partial<RunRow> = {}): ComparedRun {
  const { row, parts } = syntheticRun(i, steps, NOW);
  const changed = { ...row, ...change };
  return {
    row: changed,
    curves: parts.curves,
    accounting: accountingOf(changed),
    routing: null,
  };
}

const column = (id: string) => columnById(id) ?? expect.unreachable(id);
const dense = (values: number[], firstStep = 1): Series => ({
  firstStep,
  steps: null,
  values: Float32Array.from(values),
});
const sparse = (points: [number, number][]): Series => ({
  firstStep: points[0]![0],
  steps: Float64Array.from(points, ([step]) => step),
  values: Float32Array.from(points, ([, value]) => value),
});

describe('columns', () => {
  it('have ids of their own, one for every setting that a person sets', () => {
    expect(new Set(COLUMNS.map(({ id }) => id)).size).toBe(COLUMNS.length);
    for (const { path, control } of SETTINGS)
      expect(columnById(`setting.${path}`) !== undefined, path).toBe(control.type !== 'none');
    expect(columnsOf(FIRST_COLUMNS)).toHaveLength(FIRST_COLUMNS.length);
    expect(columnsOf(['router.K', 'nothing', 'steps']).map(({ id }) => id)).toEqual([
      'setting.router.K',
      'steps',
    ]);
  });

  it('take what they say from the row and from the accounting', () => {
    const run = compared(5);
    const config = engineConfig(run.row.experiment!, 256);
    const { M, Na } = paperCounts(config);
    const value = (id: string) => column(id).value(run, 0);
    expect(value('setting.router.K')).toBe(1);
    expect(value('last.ce')).toBeCloseTo(run.curves!.ce!.values[99]!, 6);
    expect(value('active')).toBe(Na);
    expect(value('flops')).toBe(100 * stepCosts(config).total.flops);
    expect(value('compute')).toBe(trainingCompute(M, 100 * 16 * 64));
    expect(value('tokens')).toBe(100 * 16 * 64);
  });

  it('say nothing where nothing is known', () => {
    const run = compared(0, 10, { experiment: null, tokensPerStep: null, seconds: Number.NaN });
    for (const { id } of COLUMNS.filter(({ group }) => group !== 'run' && group !== 'metric'))
      expect(column(id).value(run, 0), id).toBeNull();
    expect(column('seconds').value(run, 0)).toBeNull();
    expect(column('last.switch').value(run, 0)).toBeNull();
  });

  it('read curves at a step', () => {
    const run = compared(0);
    expect(column('at.ce').value(run, 40)).toBe(run.curves!.ce!.values[39]);
    expect(column('at.validation').value(run, 99)).toBe(run.curves!.validation!.values[0]);
    expect(column('at.validation').value(run, 49)).toBeNull();
    expect(column('at.ce').value(run, 101)).toBeNull();
    // The last validation need not be at the last step.
    const validation = sparse([[60, 2.5]]);
    const late = { ...run, curves: { ...run.curves, validation } };
    expect([59, 60, 100, 101].map((step) => column('at.validation').value(late, step))).toEqual([
      ...[null, 2.5, 2.5, null],
    ]);
    expect(
      valueAtStep(
        sparse([
          [3, 1],
          [9, 2],
        ]),
        8,
      ),
    ).toBe(1);
    expect(valueAtStep(dense([5, 6], 10), 9)).toBeNaN();
  });
});

describe('FLOPs', () => {
  it('of a run that was edited are those of its stretches', () => {
    const before = applyChange(DEFAULTS_V1, { 'router.K': 1 });
    const experiment = recordEvent(before, 41, { 'router.K': 4 });
    const run = compared(0, 100, { experiment });
    const of = (K: number) =>
      stepCosts(engineConfig(applyChange(DEFAULTS_V1, { 'router.K': K }), 256)).total.flops;
    expect(flopsAt(run.accounting!, 40)).toBe(40 * of(1));
    expect(flopsAt(run.accounting!, 100)).toBe(40 * of(1) + 60 * of(4));
    const placing = placingOf(run, 'flops');
    expect(placing?.perStep).toBeNull();
    expect(placing?.at(41)).toBe(40 * of(1) + of(4));
    const countsOf = (K: number) =>
      paperCounts(engineConfig(applyChange(DEFAULTS_V1, { 'router.K': K }), 256));
    const compute = trainingCompute(40 * countsOf(1).M + 60 * countsOf(4).M, 16 * 64);
    expect(column('compute').value(run, 0)).toBeCloseTo(compute, -3);
    expect(column('active').value(run, 0)).toBe(countsOf(1).Na);
    expect(column('active').help).toContain('at the start');
  });
});

describe('axes', () => {
  it('place steps evenly, or along what was recorded', () => {
    const run = compared(0);
    expect(placingOf(run, 'steps')?.at(7)).toBe(7);
    expect(placingOf(run, 'tokens')?.at(3)).toBe(3 * 16 * 64);
    expect(placingOf(run, 'seconds')?.at(100)).toBeCloseTo(run.row.seconds, 9);
    const fork = { ...run, row: { ...run.row, parent: { id: 'x', step: 40 }, seconds: 60 } };
    expect([40, 70, 100].map((step) => placingOf(fork, 'seconds')?.at(step))).toEqual([0, 30, 60]);
    expect(placingOf(run, 'realised')).toBeNull();
    const curves = {
      ...run.curves,
      tokens: sparse([
        [10, 100],
        [20, 300],
      ]),
    };
    const along = placingOf({ ...run, curves }, 'tokens')!;
    expect([5, 10, 15, 20, 30].map((step) => along.at(step))).toEqual([50, 100, 200, 300, 500]);
  });
});

describe('settings', () => {
  it('that differ are found, from the defaults and among runs', () => {
    const rows = [0, 5, 10].map((i) => compared(i).row);
    expect(changedFromDefaults(rows[1]!)).toEqual(['router.K', 'optimizer.totalSteps']);
    expect(differingPaths(rows)).toEqual(['router.K']);
    expect(differingPaths([rows[0]!])).toEqual([]);
    expect(differingPaths([{ experiment: null }, rows[0]!])).toEqual([]);
  });

  it('group runs, in the order of their values', () => {
    const groups = groupedBy(
      [10, 0, 5, 6].map((i) => compared(i)),
      'router.K',
    );
    expect(groups.map(({ value, runs }) => [value, runs.map(({ row }) => row.id)])).toEqual([
      [1, ['synthetic-5', 'synthetic-6']],
      [2, ['synthetic-0']],
      [4, ['synthetic-10']],
    ]);
    expect(() => groupedBy([], 'router.Q')).toThrow('"router.Q" is not a setting');
  });

  it('fold runs that differ in their seeds alone', () => {
    const runs = [0, 1, 5, 2, 6].map((i) => compared(i));
    const foreign = compared(3, 100, { experiment: null });
    expect(foldedBySeed([...runs, foreign]).map((fold) => fold.map(({ row }) => row.id))).toEqual([
      ['synthetic-0', 'synthetic-1', 'synthetic-2'],
      ['synthetic-5', 'synthetic-6'],
      ['synthetic-3'],
    ]);
  });

  it('fold no run twice, and no fork with what was trained from its start', () => {
    const ids = (fold: readonly ComparedRun[]) => fold.map(({ row }) => row.id);
    const again = compared(0, 100, { id: 'again' });
    const fork = (i: number, id: string) =>
      compared(i, 100, { id, parent: { id: 'synthetic-0', step: 40 } });
    const runs = [compared(0), compared(1), again, fork(1, 'a'), fork(2, 'b')];
    expect(foldedBySeed(runs).map(ids)).toEqual([
      ['synthetic-0', 'synthetic-1'],
      ['again'],
      ['a', 'b'],
    ]);
  });
});

describe('folded curves', () => {
  it('have the mean and the deviation of the sample at every step', () => {
    const { steps, mean, deviation, counts } = foldSeries([
      dense([1, 2, 3, 9]),
      dense([3, 6, Number.NaN]),
    ]);
    expect([...steps]).toEqual([1, 2, 3, 4]);
    expect([...mean]).toEqual([2, 4, 3, 9]);
    expect([...deviation]).toEqual([Math.fround(Math.SQRT2), Math.fround(2 * Math.SQRT2), 0, 0]);
    expect([...counts]).toEqual([2, 2, 1, 1]);
  });

  it('take sparse ones at all of their steps', () => {
    const { steps, mean, counts } = foldSeries([
      sparse([
        [10, 1],
        [30, 3],
      ]),
      sparse([
        [20, 5],
        [30, 5],
      ]),
    ]);
    expect([...steps]).toEqual([10, 20, 30]);
    expect([...mean]).toEqual([1, 5, 4]);
    expect([...counts]).toEqual([1, 1, 2]);
    expect(() => foldSeries([])).toThrow('0 curves; at least 1 is folded');
  });

  it('agree with the numbers of a table', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    const { mean, deviation } = foldSeries(values.map((value) => dense([value])));
    expect(meanOf(values)).toEqual({ mean: 5, deviation: Math.sqrt(32 / 7), n: 8 });
    expect([mean[0], deviation[0]]).toEqual([5, Math.fround(Math.sqrt(32 / 7))]);
    expect(meanOf([3, Number.NaN])).toEqual({ mean: 3, deviation: 0, n: 1 });
  });
});

const start = () => 0;

describe('the table', () => {
  const single = (i: number) => ({ runs: [compared(i)] as const });
  const rows = [single(10), single(0), single(5)];

  it('is sorted by a column, what is missing last either way', () => {
    const K = column('setting.router.K');
    const missing = { runs: [compared(1, 10, { experiment: null })] as const };
    const ids = (isDescending: boolean) =>
      sortedRows([missing, ...rows], K, isDescending, start).map(({ runs }) => runs[0].row.id);
    expect(ids(false)).toEqual(['synthetic-5', 'synthetic-0', 'synthetic-10', 'synthetic-1']);
    expect(ids(true)).toEqual(['synthetic-10', 'synthetic-0', 'synthetic-5', 'synthetic-1']);
  });

  it('marks the best, where one is', () => {
    const best = bestOf(rows, column('last.ce'), start);
    const losses = rows.map(({ runs }) => runs[0].row.last.ce!.value);
    expect(best?.runs[0].row.last.ce?.value).toBe(Math.min(...losses));
    expect(bestOf(rows, column('steps'), start)).toBeNull();
    expect(bestOf([rows[0]!, rows[0]!], column('last.ce'), start)).toBeNull();
  });

  it('gives folded runs their mean, deviation and number', () => {
    const folded = { runs: [compared(0), compared(1), compared(2)] as const };
    const values = folded.runs.map(({ row }) => row.last.ce!.value);
    const { mean, deviation } = meanOf(values);
    expect(cellOf(column('last.ce'), folded, start)).toEqual({ value: mean, deviation, n: 3 });
    expect(cellOf(column('setting.router.K'), folded, start)).toEqual({
      value: 2,
      deviation: 0,
      n: 3,
    });
    const turned = { runs: [compared(2), compared(0), compared(1)] as const };
    for (const row of [folded, turned])
      expect(cellOf(column('setting.seeds.init'), row, start).value).toBe('1, 2, 3');
    expect(isDiffering(rows, column('setting.router.K'), start)).toBe(true);
    expect(isDiffering(rows, column('steps'), start)).toBe(false);
  });

  it('is a file with full values, in which nothing is a formula', () => {
    const named = { runs: [compared(0, 100, { name: '=1+1, "x"' })] as const };
    const signed = { runs: [compared(0, 100, { name: "-2+3+cmd|' /C calc'!A0" })] as const };
    expect(tableCsv([signed], [column('steps')], () => 9)).toContain("\n'-2+3+cmd|");
    const csv = tableCsv([named, rows[2]!], [column('last.ce'), column('setting.router.K')], start);
    const [head, first, second] = csv.trim().split('\n');
    expect(head).toBe('run,last.ce,setting.router.K');
    expect(first).toBe(`"'=1+1, ""x""",${named.runs[0].row.last.ce?.value},2`);
    expect(second).toBe(`"top-1, seed 1",${rows[2]!.runs[0].row.last.ce?.value},1`);
    const folded = { runs: [compared(0), compared(1)] as const };
    expect(tableCsv([folded], [column('last.ce')], start).split('\n')[0]).toBe(
      'run,runs,last.ce,last.ce (deviation)',
    );
  });
});

describe('lineage', () => {
  const row = (id: string, parent: RunRow['parent'], steps = 100) => ({
    ...syntheticRun(0, steps, NOW).row,
    id,
    parent,
  });

  it('is a tree of forks in the order of their steps', () => {
    const [family, ...others] = familiesOf([
      row('c', { id: 'a', step: 80 }, 300),
      row('alone', null),
      row('b', { id: 'a', step: 40 }),
      row('d', { id: 'b', step: 60 }),
      row('a', null),
    ]);
    expect(others).toEqual([]);
    expect(family).toMatchObject({ size: 4, steps: 300 });
    expect(family?.root.children.map(({ row, from }) => [row.id, from])).toEqual([
      ['b', 40],
      ['c', 80],
    ]);
    expect(family?.root.children[0]?.children.map(({ row }) => row.id)).toEqual(['d']);
  });

  it('begins where a parent is gone, and goes round in no circle', () => {
    expect(familiesOf([row('b', { id: 'gone', step: 10 })])).toEqual([]);
    const circle = [row('a', { id: 'b', step: 1 }), row('b', { id: 'a', step: 1 })];
    expect(familiesOf([...circle, row('c', { id: 'a', step: 5 })])).toMatchObject([
      { size: 2, root: { row: { id: 'a' } } },
    ]);
  });
});

describe('experiments side by side', () => {
  it('mark the lines that differ, and leave room where one has none', () => {
    const one = DEFAULTS_V1;
    const other = applyChange(DEFAULTS_V1, { 'router.K': 1, 'losses.dynamic.w': 0.1 });
    const lines = jsonLines([one, other]);
    const own = lines.flatMap(({ texts }) => texts[0] ?? []).join('\n');
    const whole = own.replace(/([^{[\s])\n(?=\s*["{[])/g, '$1,\n');
    expect(JSON.parse(whole)).toEqual(one);
    const different = lines.filter(({ isDifferent }) => isDifferent);
    expect(different.map(({ path }) => path)).toEqual([
      'router.K',
      'losses.dynamic',
      'losses.dynamic.w',
      'losses.dynamic',
    ]);
    expect(different[1]?.texts).toEqual([null, '    "dynamic": {']);
  });
});
