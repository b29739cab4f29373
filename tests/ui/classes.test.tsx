import { fireEvent, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { classes } from '../../src/analysis/figures/classes.ts';
import { SLOT_KINDS } from '../../src/config/slots.ts';
import { CLASS_NAMES } from '../../src/ui/views/classes/tables.ts';
import { csvOf, expectColumn, openLook, tableOf } from './figureFiles.ts';

it('“Token classes” shows the losses and the computing experts of every class', async () => {
  const { panel, inputs } = await openLook('classes');
  const { values } = classes.compute(inputs, {});
  const rows = await csvOf(panel, 'Loss by class');
  expect(rows.map((row) => row.class)).toEqual(CLASS_NAMES);
  expectColumn(rows, 'tokens', values.tokens);
  expectColumn(rows, 'loss behind it, nats', values.ce);
  expectColumn(rows, 'loss of predicting it, nats', values.ceOfTarget);
  expectColumn(rows, 'computing experts', values.computing);
  const [, ...shown] = await tableOf(panel, 'Computing experts by class');
  expect(shown.map((row) => row[4])).toEqual(
    [...values.computing.data].map((value) => (Number.isNaN(value) ? '–' : value.toFixed(3))),
  );
});

it('counts slots and kinds by class, in the layer that is chosen and over all', async () => {
  const { panel, inputs } = await openLook('classes');
  const { values, layers } = classes.compute(inputs, {});
  const last = layers.at(-1);
  if (last === undefined) throw new Error('there is no layer');
  fireEvent.change(await within(panel).findByLabelText('Layer'), {
    target: { value: String(last.layer) },
  });
  const matrix = await csvOf(panel, `Lift by class, layer ${last.layer}`);
  const { counts } = last.values;
  const [, R = 0] = counts.shape;
  const tokens = (i: number) => values.tokens.data[Math.floor(i / R)] ?? 0;
  const part = [...counts.data].map((n, i) => n / tokens(i));
  const [A, U] = [counts.data.reduce((a, b) => a + b, 0), inputs.inspection.tokens.length];
  expectColumn(matrix, 'assignments', counts);
  expectColumn(matrix, 'specialisation', part);
  expectColumn(
    matrix,
    'lift',
    part.map((value) => value / (A / (U * R))),
  );
  const kinds = await csvOf(panel, 'Kinds of slots by class');
  const copies = inputs.inspection.layers.map(({ kinds }) => kinds.indexOf('copy'));
  expect(SLOT_KINDS).toContain('copy');
  expectColumn(
    kinds,
    'copy',
    CLASS_NAMES.map((_, c) => {
      const perLayer = layers.map((layer, l) => {
        const [, slots = 0] = layer.values.counts.shape;
        return (
          (layer.values.counts.data[c * slots + (copies[l] ?? 0)] ?? 0) /
          (values.tokens.data[c] ?? 0)
        );
      });
      return perLayer.reduce((a, b) => a + b, 0) / layers.length;
    }),
  );
});
