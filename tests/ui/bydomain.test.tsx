import { fireEvent, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { domains, informationBound } from '../../src/analysis/figures/domains.ts';
import { entropy, margins } from '../../src/analysis/figures/numbers.ts';
import { formatPercent, formatRatio } from '../../src/ui/kit/format.ts';
import { csvOf, expectColumn, openLook, tableOf } from './figureFiles.ts';
import { renderView } from './renderView.tsx';

const TITLE = 'Experts by domain';

it('says what to do before a run is open, and shows nothing of a model that is not there', async () => {
  const { panel } = await renderView('bydomain');
  expect(panel.getAttribute('aria-label')).toBe(TITLE);
  expect(within(panel).getByText('No run is open: press Start.')).toBeTruthy();
  expect(within(panel).queryByRole('figure')).toBeNull();
});

it('shows the numbers that the figure has of the same pass', async () => {
  const { panel, inputs } = await openLook('bydomain');
  const { values, layers } = domains.compute(inputs, {});
  const loss = await csvOf(panel, 'Loss by domain');
  expect(loss.map(({ domain }) => domain)).toEqual(inputs.inspection.domainNames);
  expectColumn(loss, 'tokens', values.tokens);
  expectColumn(loss, 'loss, nats', values.ce);

  const [first] = layers;
  if (first === undefined) throw new Error('there is no layer');
  const title = `Lift by domain, layer ${first.layer}`;
  const matrix = await csvOf(panel, title);
  expectColumn(matrix, 'assignments', first.values.counts);
  expectColumn(matrix, 'specialisation', first.values.specialisation);
  expectColumn(matrix, 'lift', first.values.lift);
  const [, ...shown] = await tableOf(panel, title);
  expect(shown.map((row) => row[6])).toEqual([...first.values.lift.data].map(formatRatio));
  expect(shown.map((row) => row[4])).toEqual(
    [...first.values.counts.data].map((n) => n.toLocaleString('en')),
  );

  const information = await csvOf(panel, 'Information on the domain by layer');
  const of = (name: 'mutualInformation' | 'normalised') => layers.map((one) => one.values[name]);
  expectColumn(information, 'information, nats', of('mutualInformation'));
  expectColumn(information, 'normalised', of('normalised'));
  const bounds = layers.map((one) => {
    const [M = 0, R = 0] = one.values.counts.shape;
    const { byRow, byColumn } = margins(one.values.counts.data, M, R);
    return Math.min(entropy(byRow), entropy(byColumn));
  });
  expectColumn(information, 'bound, nats', bounds);
  expect(informationBound(first.values.counts)).toBeGreaterThan(first.values.mutualInformation);
});

it('counts kinds by domain in every layer, per token and as parts', async () => {
  const { panel, inputs } = await openLook('bydomain');
  const { layers } = domains.compute(inputs, {});
  const rows = await csvOf(panel, 'Slots of kind FFN expert by layer and domain');
  const ffn = rows.filter(({ kind }) => kind === 'FFN expert');
  const every = (name: 'kindPerToken' | 'kindRatio') =>
    layers.flatMap(({ values }) => [0, 1, 2].map((d) => values[name].data[5 * d] ?? Number.NaN));
  expectColumn(ffn, 'slots per token', every('kindPerToken'));
  expectColumn(ffn, 'share of assignments', every('kindRatio'));
  const last = layers.at(-1);
  if (last === undefined) throw new Error('there is no layer');
  fireEvent.change(within(panel).getByLabelText('Layer'), {
    target: { value: String(last.layer) },
  });
  const [, ...shown] = await tableOf(panel, `Kinds of slots by domain, layer ${last.layer}`);
  expect(shown[0]?.slice(1)).toEqual([
    'prose',
    'FFN expert',
    (last.values.kindPerToken.data[0] ?? 0).toFixed(3),
    formatPercent(last.values.kindRatio.data[0] ?? 0),
  ]);
});
