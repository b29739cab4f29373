import { act, fireEvent, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { previewPolicy } from '../../src/config/ladimo.ts';
import { settingsFor } from '../../src/runs/conversions/record.ts';
import { chosen } from '../../src/ui/views/adaptive/fields.ts';
import { binEdges, binned } from '../../src/ui/views/adaptive/shown.ts';
import { convertedView } from './converting.ts';
import { csvOf } from './figureFiles.ts';

const TITLE = 'Adaptive policy';

async function recorded() {
  const test = await convertedView('adaptive');
  fireEvent.click(within(test.panel).getByRole('button', { name: 'Record routing weights' }));
  await within(test.panel).findByText('Policy by layer');
  const own = () => test.lab.view.getState().own.adaptive as { pu: number; pe: number };
  return { ...test, own, weights: test.state().weights! };
}

it('lets the table follow the lines, by keys and by numbers', async () => {
  const test = await recorded();
  const { panel, own, weights } = test;
  expect(panel.getAttribute('aria-label')).toBe(TITLE);
  // Those of the conversion, as long as a person moves nothing.
  const before = test.state().settings.policy;
  expect(own()).toMatchObject({ pu: null, pe: null });
  fireEvent.keyDown(within(panel).getByRole('slider', { name: 'α' }), { key: 'PageUp' });
  expect(own().pu).toBeLessThan(before.pu);
  fireEvent.keyDown(within(panel).getByRole('slider', { name: 'β_i' }), { key: 'PageDown' });
  expect(own().pe).toBeLessThan(before.pe);
  const preview = previewPolicy(weights.layers, weights.N, own());
  const rows = await csvOf(panel, 'Policy by layer');
  for (const [i, layer] of preview.layers.entries()) {
    expect(rows[i]!.policy).toBe(layer.kind);
    expect(Number(rows[i]!.α_i)).toBe(layer.alpha);
    expect(Number(rows[i]!.β_i)).toBe(layer.beta);
    expect(Number(rows[i]!['experts per token'])).toBe(layer.computing);
  }
  expect(Number(rows.at(-1)!['experts per token'])).toBe(preview.computing);
  const moved = within(panel).getByRole('slider', { name: 'α' }).getAttribute('aria-valuenow');
  expect(Number(moved)).toBe(preview.alpha);
});

it('counts every weight in the bins of layers and domains', async () => {
  const { lab, panel, weights } = await recorded();
  const sum = (rows: Record<string, string>[], title: string) =>
    rows.reduce((all, row) => all + Number(row[title]), 0);
  const all = await csvOf(panel, 'All converted layers');
  expect(sum(all, 'all converted layers')).toBe(3 * 400);
  const { domain, layers } = weights.domains[1]!;
  act(() => lab.view.getState().setOwn('adaptive', { domain, layer: 2 }));
  const heading = within(panel).getByText(/^Layer 2: /, { selector: 'h3' });
  const bins = await csvOf(panel, heading.textContent ?? '');
  expect(sum(bins, 'all tokens')).toBe(400);
  expect(sum(bins, domain)).toBe(layers[2]!.weights.length);
  expect((await csvOf(panel, 'By domain, layer 2')).map((row) => Number(row.tokens))).toEqual(
    weights.domains.map((one) => one.layers[2]!.weights.length),
  );
});

it('measures the policy against static routers, and takes it over', async () => {
  const { trainer, panel, state } = await recorded();
  fireEvent.click(within(panel).getByRole('button', { name: 'Measure against top-1, 2, 3' }));
  const rows = await csvOf(panel, 'Adaptive against static routers');
  const [result] = state().policies;
  expect(rows.map((row) => Number(row['validation loss']))).toEqual([
    result!.adaptive.ce,
    ...result!.statics.map(({ ce }) => ce),
  ]);
  expect(rows.map((row) => Number(row['experts per token']))).toEqual([1.7, 1, 2, 3]);
  fireEvent.click(within(panel).getByRole('button', { name: 'Use this policy' }));
  await waitFor(() =>
    expect(trainer.calls).toContainEqual([
      'assemble',
      {
        id: 'c1',
        student: { layers: [0, 1, 2], policy: { pu: 0.25, pe: 0.25 } },
        name: undefined,
      },
    ]),
  );
});

it('has the parts of the conversion’s settings until others are chosen', () => {
  const value = { pu: null, pe: 0.4, layer: -1, domain: '' };
  expect(chosen(value, { pu: 0.1, pe: 0.2 })).toEqual({ ...value, pu: 0.1, pe: 0.4 });
});

it('has bins for one expert, whose weights are all 1', () => {
  const counts = binned([1, 1, 1], binEdges(1));
  expect(counts.at(-1)).toBe(3);
});

it('plans a conversion of a width that only one expert divides', () => {
  expect(settingsFor({ L: 2, denseHidden: 257 }, {})).toMatchObject({ N: 1, K: 1 });
  expect(settingsFor({ L: 2, denseHidden: 256 }, {})).toMatchObject({ K: 2 });
});
