import { expect, it } from 'vitest';
import { adaptivePolicy, layerPolicy, quantile } from '../../src/config/ladimo.ts';

it('quantiles interpolate linearly at q·(n − 1)', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([4, 1, 3, 2], 0)).toBe(1);
  expect(quantile([4, 1, 3, 2], 1)).toBe(4);
  expect(quantile([10, 20], 0.25)).toBe(12.5);
  expect(() => quantile([], 0.5)).toThrow('no values');
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
