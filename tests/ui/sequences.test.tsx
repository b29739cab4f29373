import { fireEvent, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { load } from '../../src/analysis/figures/load.ts';
import { sequences } from '../../src/analysis/figures/sequences.ts';
import { csvOf, expectColumn, openLook, tableOf } from './figureFiles.ts';

it('“Load per sequence” shows what each sequence sends to each slot, and its MaxVio beside its batch’s', async () => {
  const { panel, inputs, lab } = await openLook('sequences');
  const { layers } = sequences.compute(inputs, {});
  const scopes = await csvOf(panel, 'MaxVio of sequences and of batches');
  const loads = load.compute(inputs, { weights: 'uniform' }).layers;
  expectColumn(
    scopes,
    'a sequence, mean',
    layers.map(({ values }) => values.mean),
  );
  expectColumn(
    scopes,
    'a batch, mean',
    loads.map(({ values }) => values.maxVioBatch),
  );
  expectColumn(
    scopes,
    'a sequence, 0.9',
    layers.map(({ values }) => values.quantiles.data[4]!),
  );

  const [first] = layers;
  const title = `Load by sequence, layer ${first!.layer}`;
  fireEvent.change(within(panel).getByLabelText('Order of the sequences'), {
    target: { value: 'text' },
  });
  expect(lab.view.getState().own.sequences).toMatchObject({ order: 'text' });
  const rows = await csvOf(panel, title);
  expectColumn(rows, 'MaxVio', first!.values.maxVio);
  const R = first!.values.counts.shape[1]!;
  const slots = Object.keys(rows[0]!).slice(3);
  expect(slots).toHaveLength(R);
  for (const [slot, column] of slots.entries())
    expectColumn(
      rows,
      column,
      [...first!.values.counts.data].filter((_, at) => at % R === slot),
    );

  fireEvent.change(within(panel).getByLabelText('Order of the sequences'), {
    target: { value: 'vio' },
  });
  const [, ...shown] = await tableOf(panel, title);
  const vios = shown.filter((row) => row.length > 1).map((row) => Number(row[2]));
  expect(vios).toEqual([...vios].sort((a, b) => b - a));
  expect(vios[0]).toBeCloseTo(Math.max(...first!.values.maxVio.data), 2);
});
