import { expect, it } from 'vitest';
import { figureSlotsTable } from '../../../src/runs/files/figuresTable.ts';
import { routingTable } from '../../../src/runs/files/routingTable.ts';
import { madeFigures } from '../../support/reports.ts';
import { DOMAINS, madeRecords } from './support.ts';

/** More than a call takes arguments. */
const MANY = 130_000;

it('makes a table of more records than a call takes arguments', () => {
  const one = madeRecords(1, 1, [{ layer: 0, R: 1, W: 1 }]);
  const records = Array.from({ length: MANY }, (_, i) => ({ ...one, firstStep: i + 1 }));
  const { rows, columns } = routingTable(records, DOMAINS);
  expect(rows).toBe(MANY);
  expect(columns.map(({ name }) => name)).toContain('assignments_0');
});

it('makes a table of more figures than a call takes arguments', () => {
  const [{ layers, ...one }] = madeFigures(3) as [ReturnType<typeof madeFigures>[number]];
  const figures = Array.from({ length: MANY }, (_, step) => ({
    ...one,
    step,
    layers: layers.slice(1),
  }));
  const { rows, columns } = figureSlotsTable(figures);
  expect(rows).toBe(3 * MANY);
  expect(columns.map(({ name }) => name)).toContain('load_counts_0');
});
