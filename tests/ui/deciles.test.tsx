import { expect, it } from 'vitest';
import { deciles } from '../../src/analysis/figures/deciles.ts';
import { csvOf, expectColumn, openLook, tableOf } from './figureFiles.ts';

it('“Easy and difficult tokens” shows the thresholds, and what the tokens of every decile lose', async () => {
  const { panel, inputs } = await openLook('deciles');
  const { values, layers } = deciles.compute(inputs, {});
  const rows = await csvOf(panel, 'Loss by decile');
  const theta = [...values.thresholds.data];
  expectColumn(rows, 'loss above, nats', [Number.NaN, ...theta]);
  expectColumn(rows, 'loss up to, nats', [...theta, Number.NaN]);
  expectColumn(rows, 'tokens', values.tokens);
  expectColumn(rows, 'mean loss, nats', values.ce);

  const [first] = layers;
  if (first === undefined) throw new Error('there is no layer');
  const matrix = await csvOf(panel, `Lift by decile, layer ${first.layer}`);
  expectColumn(matrix, 'assignments', first.values.counts);
});

it('shows what they are given, in every layer and over all', async () => {
  const { panel, inputs } = await openLook('deciles');
  const { values, layers } = deciles.compute(inputs, {});
  const width = await csvOf(panel, 'Width by decile');
  const computing = await csvOf(panel, 'Computing experts by decile');
  expectColumn(width, 'width, all layers', values.width);
  expectColumn(computing, 'computing experts, all layers', values.computing);
  for (const { layer, values: of } of layers) {
    expectColumn(width, `width, layer ${layer}`, of.width);
    expectColumn(computing, `computing experts, layer ${layer}`, of.computing);
  }
  const [, ...shown] = await tableOf(panel, 'Computing experts by decile');
  expect(shown.map((row) => row[1])).toEqual(
    [...values.computing.data].map((value) => value.toFixed(3)),
  );
});
