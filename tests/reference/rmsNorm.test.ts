import { it } from 'vitest';
import * as rmsNorm from '../../src/reference/rmsNorm.ts';
import { expectClose } from '../support/expectClose.ts';
import { TOLERANCES } from '../support/tolerances.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

it('rmsNorm: a row of root mean square 5 under weight 10', () => {
  const inputs = { x_TD: Float64Array.of(1, 7), w_D: Float64Array.of(10, 10) };
  const { out } = rmsNorm.forward(inputs, { T: 1, D: 2, eps: 0 });
  expectClose(out, [2, 14], TOLERANCES.float64, 'rmsNorm');
});

it('rmsNorm: gradients, with an eps that matters', () => {
  const dims = { T: 3, D: 5, eps: 0.1 };
  const inputs = { x_TD: random('x', 15, 0.5), w_D: random('w', 5) };
  const dy = random('dy', 15);
  const { saved } = rmsNorm.forward(inputs, dims);
  const { dx_TD, dw_D } = rmsNorm.backward(dy, saved, dims);
  checkGradients(() => weightedSum(dy, rmsNorm.forward(inputs, dims).out), {
    x: [inputs.x_TD, dx_TD],
    w: [inputs.w_D, dw_D],
  });
});
