import { expect, it } from 'vitest';
import type { RealTensors } from '../../src/reference/arrays.ts';
import * as swiglu from '../../src/reference/swiglu.ts';
import { zeroTensors } from '../../src/reference/tensors.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

const [T, D, F] = [3, 4, 5];
const PREFIX = 'layers.0.ffn';

/** σ(x)·x */
const silu = (x: number) => x / (1 + Math.exp(-x));

function tensors(): RealTensors {
  const matrix = (name: string, rows: number, cols: number) =>
    [`${PREFIX}.${name}.weight`, { shape: [rows, cols], data: random(name, rows * cols) }] as const;
  return new Map([matrix('gate', F, D), matrix('up', F, D), matrix('down', D, F)]);
}

it('swiglu: one token by hand', () => {
  const params: RealTensors = new Map([
    [`${PREFIX}.gate.weight`, { shape: [1, 1], data: Float64Array.of(2) }],
    [`${PREFIX}.up.weight`, { shape: [1, 1], data: Float64Array.of(-3) }],
    [`${PREFIX}.down.weight`, { shape: [1, 1], data: Float64Array.of(0.5) }],
  ]);
  const m_TD = Float64Array.of(0.7);
  const { out } = swiglu.forward({ m_TD, params, prefix: PREFIX }, { T: 1, D: 1, F: 1 });
  expect(out[0]).toBeCloseTo(0.5 * silu(1.4) * -2.1, 14);
});

it('swiglu: gradients of input and weights', () => {
  const params = tensors();
  const m_TD = random('m', T * D);
  const dy = random('dy', T * D);
  const run = () => swiglu.forward({ m_TD, params, prefix: PREFIX }, { T, D, F });
  const grads = zeroTensors(params);
  const { dm_TD } = swiglu.backward(dy, run().saved, grads);
  const of = (name: string) => {
    const key = `${PREFIX}.${name}.weight`;
    return [params.get(key)!.data, grads.get(key)!.data] as const;
  };
  checkGradients(() => weightedSum(dy, run().out), {
    m: [m_TD, dm_TD],
    gate: of('gate'),
    up: of('up'),
    down: of('down'),
  });
});
