import { within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { drops } from '../../src/analysis/figures/drops.ts';
import { positions } from '../../src/analysis/figures/positions.ts';
import { dropTable } from '../../src/ui/views/positions/tables.ts';
import { csvOf, expectColumn, openLook, tableOf } from './figureFiles.ts';

it('“By position in the sequence” shows loss and computing experts at every place of a sequence', async () => {
  const { panel, inputs } = await openLook('positions');
  const { values, layers } = positions.compute(inputs, {});
  const { S, ce } = inputs.inspection;
  const loss = await csvOf(panel, 'Loss by position');
  expectColumn(loss, 'loss, nats', values.ce);
  const first = [...ce].filter((_, u) => u % S === 0);
  expect(values.ce.data[0]).toBeCloseTo(first.reduce((a, b) => a + b) / first.length, 12);
  const computing = await csvOf(panel, 'Computing experts by position');
  expectColumn(computing, 'computing experts, all layers', values.computing);
  for (const { layer, values: of } of layers)
    expectColumn(computing, `computing experts, layer ${layer}`, of.computing);
  const [, ...shown] = await tableOf(panel, 'Loss by position');
  // The last row stands for those that the box does not show.
  const seen = shown.filter((row) => row.length > 1).map((row) => row[1]);
  expect(seen.length).toBeGreaterThan(20);
  const losses = [...values.ce.data].slice(0, seen.length);
  expect(seen).toEqual(losses.map((loss) => loss.toFixed(3)));
  expect(within(panel).getByText(/Nothing is dropped in this pass/)).toBeTruthy();
});

it('counts drops by position in every layer', async () => {
  const { inputs } = await openLook('positions');
  const { inspection } = inputs;
  const dropped = (length: number) => Uint8Array.from({ length }, (_, i) => (i % 7 === 0 ? 1 : 0));
  const layers = inspection.layers.map((layer) => ({
    ...layer,
    dropped: dropped(layer.selected.length),
  }));
  const result = drops.compute({ ...inputs, inspection: { ...inspection, layers } }, {});
  const { columns, rows } = dropTable(result);
  expect(rows).toHaveLength(inspection.S);
  for (const [i, { layer, values }] of result.layers.entries()) {
    expect(columns[1 + 2 * i]?.title).toBe(`dropped, layer ${layer}`);
    expect(rows.map((row) => row[1 + 2 * i])).toEqual([...values.byPosition.data]);
    expect(rows.map((row) => row[2 + 2 * i])).toEqual([...values.positionRate.data]);
  }
});
