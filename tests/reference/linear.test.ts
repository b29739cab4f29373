import { expect, it } from 'vitest';
import * as linear from '../../src/reference/linear.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

it('linear: y = x·wᵀ with weights [out, in]', () => {
  const x_TI = Float64Array.of(1, 2);
  const w_OI = Float64Array.of(3, 4, 5, 6, 7, 8);
  expect([...linear.forward({ x_TI, w_OI }, { T: 1, I: 2, O: 3 }).out]).toEqual([11, 17, 23]);
});

it('linear: gradients', () => {
  const dims = { T: 3, I: 4, O: 5 };
  const inputs = { x_TI: random('x', 12), w_OI: random('w', 20) };
  const dy = random('dy', 15);
  const { saved } = linear.forward(inputs, dims);
  const { dx_TI, dw_OI } = linear.backward(dy, saved, dims);
  checkGradients(() => weightedSum(dy, linear.forward(inputs, dims).out), {
    x: [inputs.x_TI, dx_TI],
    w: [inputs.w_OI, dw_OI],
  });
});
