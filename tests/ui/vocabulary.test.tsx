import { fireEvent, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { vocabulary } from '../../src/analysis/figures/vocabulary.ts';
import { visibleText, visibleToken } from '../../src/ui/kit/visibleToken.ts';
import { csvOf, expectColumn, openLook, tableOf } from './figureFiles.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

it('“Vocabulary specialisation” shows means against 1/R, and the tokens of each slot', async () => {
  const { panel, inputs } = await openLook('vocabulary');
  const result = vocabulary.compute(inputs, { by: 'input', minCount: 10, top: 10 });
  const means = await csvOf(panel, 'Vocabulary specialisation by layer');
  expectColumn(
    means,
    'mean share',
    result.layers.map(({ values }) => values.mean),
  );
  expectColumn(
    means,
    '1/R',
    inputs.inspection.layers.map(({ kinds }) => 1 / kinds.length),
  );
  expect(means[0]?.ids).toBe(String(result.values.ids.data.length));

  const [first] = result.layers;
  if (first === undefined) throw new Error('there is no layer');
  const title = `Tokens of each slot, layer ${first.layer}`;
  const lists = await csvOf(panel, title);
  const isListed = (_: number, i: number) => (first.values.bySlot.data[i] ?? -1) >= 0;
  const { bySlot, listShare, lift } = first.values;
  expectColumn(lists, 'id', [...bySlot.data].filter(isListed));
  expectColumn(lists, 'share', [...listShare.data].filter(isListed));
  expectColumn(lists, 'lift', [...lift.data].filter(isListed));
  const [, row] = await tableOf(panel, title);
  expect(row?.[4]).toBe(visibleToken(inputs.texts?.[Number(lists[0]?.id)]));
});

it('takes ids of targets, and lists of another length', async () => {
  const { lab, panel, inputs } = await openLook('vocabulary');
  await within(panel).findByText('Vocabulary specialisation by layer');
  fireEvent.change(within(panel).getByLabelText('Ids of'), { target: { value: 'target' } });
  const set = (label: string, value: string) => {
    const field = within(panel).getByLabelText(label);
    fireEvent.change(field, { target: { value } });
    fireEvent.keyDown(field, { key: 'Enter' });
  };
  set('Tokens of each slot', '2');
  set('Fewest occurrences', '3');
  expect(lab.view.getState().own.vocabulary).toMatchObject({ by: 'target', least: 3, top: 2 });
  const { layers } = vocabulary.compute(inputs, { by: 'target', minCount: 3, top: 2 });
  const [first] = layers;
  const wanted = [...(first?.values.bySlot.data ?? [])].filter((id) => id >= 0);
  await waitFor(async () => {
    const rows = await csvOf(panel, `Tokens of each slot, layer ${first?.layer}`);
    expectColumn(rows, 'id', wanted);
  });
  set('Fewest occurrences', '10000');
  expect(await within(panel).findByText(/No token id occurs 10,?000 times or more/)).toBeTruthy();
});

it('makes visible what cannot be seen', () => {
  expect(visibleText(' a\n\tb\r')).toBe('␣a↵⇥b␍');
  expect(visibleText('\u202ex\u00a0\u0000')).toBe('‹U+202E›x‹U+00A0›␀');
  expect(visibleToken(bytes(0xe2, 0x80))).toBe('‹e2 80›');
  expect(visibleToken(bytes())).toBe('(empty)');
  expect(visibleToken(new TextEncoder().encode(' the'))).toBe('␣the');
});
