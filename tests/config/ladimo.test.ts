import { expect, it } from 'vitest';
import {
  adaptivePolicy,
  layerPolicy,
  policyEditor,
  policyWidth,
  previewPolicy,
  quantile,
} from '../../src/config/ladimo.ts';

it('quantiles interpolate linearly at q·(n − 1)', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4], 0)).toBe(1);
  expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  expect(quantile([10, 20], 0.25)).toBe(12.5);
  expect(() => quantile([], 0.5)).toThrow('no values');
  const unsorted = (pu: number) => adaptivePolicy([[4, 1, 3, 2]], { pu, pe: 0.5 }).alpha;
  expect([unsorted(0.5), unsorted(1), unsorted(0)]).toEqual([2.5, 1, 4]);
});

it('a layer alone is its own measure: top-2, whatever its weights', () => {
  const { alpha, beta, layers } = adaptivePolicy([[0.2, 0.4, 0.6, 0.8, 1]], { pu: 0.25, pe: 0.25 });
  expect([alpha, beta]).toEqual([0.8, 0.4]);
  expect(layers).toEqual([{ kind: 'top-2', alpha: 0.8, beta: 0.4 }]);
});

it('a sure layer takes one slot, an unsure one three, one that is both decides by token', () => {
  const sure = [0.6, 0.7, 0.8, 0.9];
  const unsure = [0.1, 0.2, 0.3, 0.4];
  const both = [0.05, 0.1, 0.95, 1];
  const neither = [0.4, 0.45, 0.5, 0.55];
  const { layers } = adaptivePolicy([sure, unsure, both, neither], { pu: 0.25, pe: 0.25 });
  expect(layers.map(({ kind }) => kind)).toEqual(['top-1', 'top-3', 'dynamic', 'top-2']);
  expect(layers.map(layerPolicy)).toEqual([
    { kind: 'top-1' },
    { kind: 'top-3' },
    { kind: 'dynamic', alpha: layers[2]?.alpha, beta: layers[2]?.beta },
    { kind: 'top-2' },
  ]);
});

it('an editor says for any shares what the policy is, and how many experts compute', () => {
  const layers = [
    { layer: 1, weights: Float32Array.of(0.05, 0.1, 0.95, 1) },
    { layer: 3, weights: Float32Array.of(0.4, 0.5, 0.6, 0.7) },
  ];
  const edit = policyEditor(layers, 8);
  for (const shares of [
    { pu: 0.25, pe: 0.25 },
    { pu: 0.6, pe: 0.1 },
  ]) {
    const { layers: rows, ...rest } = edit(shares);
    const table = adaptivePolicy(
      layers.map(({ weights }) => weights),
      shares,
    );
    expect({ ...rest, layers: rows.map(({ layer: _, computing: __, ...own }) => own) }).toEqual({
      ...table,
      computing: (rows[0]!.computing + rows[1]!.computing) / 2,
    });
    rows.forEach((row, i) => {
      const widths = [...layers[i]!.weights].map((w) => policyWidth(layerPolicy(row), w));
      expect(row.computing).toBe(widths.reduce((a, b) => a + b) / widths.length);
    });
  }
  expect(edit({ pu: 0.25, pe: 0.25 }).layers.map(({ kind }) => kind)).toEqual(['dynamic', 'top-2']);
  expect(previewPolicy(layers, 2, { pu: 0.25, pe: 0.25 }).layers[0]?.computing).toBe(1.75);
});
