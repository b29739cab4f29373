import { describe, expect, test } from 'vitest';
import {
  EQUALRES_SHAPES,
  type EqualResShape,
  equalResDense,
  equalResMoe,
} from '../../src/accounting/fullSize/equalres.ts';
import type { CostConfig } from '../../src/accounting/layerGroups.ts';
import { paperCounts, trainingCompute } from '../../src/accounting/parameters.ts';
import { paperTable, paperTables } from './support.ts';

const SHAPES: Record<string, EqualResShape> = {
  '9': EQUALRES_SHAPES['2B'],
  '10': EQUALRES_SHAPES['2B'],
  '11': EQUALRES_SHAPES['7B'],
  '12': EQUALRES_SHAPES['7B'],
  '13': EQUALRES_SHAPES['7B'],
  '15': EQUALRES_SHAPES['3B'],
  '16': EQUALRES_SHAPES['3B'],
  '17': EQUALRES_SHAPES['7B'],
};
/** N of the tables that print it in their caption only. */
const CAPTION_N: Record<string, number> = {
  '9': 2.15e9,
  '10': 2.15e9,
  '11': 6.52e9,
  '12': 6.52e9,
  '13': 6.52e9,
  '15': 3.29e9,
  '16': 3.29e9,
  '17': 6.52e9,
};

function configOf(table: string, row: Record<string, number>): CostConfig {
  const ownShape = (S: number): EqualResShape => ({
    L: row.L!,
    D: row.D_m!,
    denseHidden: row.D_ffn!,
    H: row.H!,
    S,
  });
  if (table === '14') return equalResDense(ownShape(2048));
  const shape = table === '8' ? ownShape(16384) : SHAPES[table]!;
  return equalResMoe(shape, { E: row.E!, K: row.K!, De: row.D_e!, Dse: row.D_se! });
}

/** What the accounting says for the columns N, Na, ra_percent and M (training FLOPs per token). */
function figures(config: CostConfig): Record<string, number> {
  const { N, Na, ra, trainingM } = paperCounts(config);
  return { N, Na, ra_percent: 100 * ra, M: trainingM };
}

describe.each(paperTables('equalres_'))('%s', (name) => {
  const table = name.match(/table(\d+)_/)![1]!;
  const rows = paperTable(name);

  test('every row: N, Na, ra and M within 2 %', () => {
    let compared = 0;
    rows.forEach((row, i) => {
      const ours = figures(configOf(table, row));
      for (const column of Object.keys(ours)) {
        const printed = row[column] ?? (column === 'N' ? CAPTION_N[table] : undefined);
        if (printed === undefined) continue;
        const error = Math.abs(ours[column]! / printed - 1);
        expect(error, `row ${i + 1}, ${column}: ${ours[column]} for ${printed}`).toBeLessThan(0.02);
        compared++;
      }
    });
    expect(compared).toBeGreaterThanOrEqual(2 * rows.length);
  });

  const hasCompute = 'C' in rows[0]! && 'D' in rows[0]!;
  if (!hasCompute) return;
  test('every row: C = 3·M·tokens within 3 %', () => {
    for (const row of rows) {
      const C = trainingCompute(paperCounts(configOf(table, row)).M, row.D!);
      expect(Math.abs(C / row.C! - 1), `${C} for ${row.C}`).toBeLessThan(0.03);
    }
  });
});
