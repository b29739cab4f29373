import { describe, expect, it } from 'vitest';
import { fixedC2B } from '../../src/analysis/papers/equalres.ts';
import { difficultByLayer, sums } from '../../src/analysis/papers/modse.ts';
import { cellNumber, columnOf, printed } from '../../src/analysis/papers/printed.ts';
import { PAPERS } from '../../src/analysis/papers.ts';

describe('printed tables', () => {
  it('have columns of their own names, and a place each', () => {
    for (const { id, tables } of PAPERS) {
      expect(new Set(tables.map(({ where }) => where)).size, id).toBe(tables.length);
      for (const { paper, where, columns, rows } of tables) {
        expect(paper).toBe(id);
        expect(new Set(columns).size, where).toBe(columns.length);
        expect(rows.length, where).toBeGreaterThan(0);
      }
    }
  });

  it('refuse a row of another length', () => {
    const about = { paper: 'modse', where: 'Table 0', holds: '' } as const;
    expect(() => printed({ ...about, csv: 'a,b\n1,2\n1,2,3' })).toThrow(
      'modse Table 0, row 2: 3 cells for 2 columns',
    );
    expect(() => columnOf(sums, 'top 3')).toThrow('modse Table 6 has no column "top 3"');
  });

  it('hold numbers with their units', () => {
    expect(['1.70e9', '27.8%', '346M', '−0.5', '+25.2%', '1.1×'].map(cellNumber)).toEqual([
      1.7e9,
      expect.closeTo(0.278, 12),
      346e6,
      -0.5,
      expect.closeTo(0.252, 12),
      1.1,
    ]);
    for (const none of ['–', '', 'top-2', '3min 26s', '2/8']) expect(cellNumber(none)).toBeNaN();
    expect(Math.min(...columnOf(fixedC2B, 'bpc'))).toBe(0.4857);
  });

  it('agree with each other: MoDSE’s Table 6 sums its Table 9', () => {
    const ranks = columnOf(difficultByLayer, 'rank');
    const slots = difficultByLayer.columns.slice(2);
    const totals = (rank: number | null) =>
      slots.map((slot) =>
        columnOf(difficultByLayer, slot).reduce(
          (sum, n, row) => (rank === null || ranks[row] === rank ? sum + n : sum),
          0,
        ),
      );
    expect(columnOf(sums, 'top 1').slice(0, 8)).toEqual(totals(0));
    expect(columnOf(sums, 'top 1 and 2').slice(0, 8)).toEqual(totals(null));
  });
});
