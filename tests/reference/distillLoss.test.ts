import { expect, it } from 'vitest';
import * as distillLoss from '../../src/reference/distillLoss.ts';
import { checkGradients, random } from './finiteDifferences.ts';

const dims = { T: 3, D: 4, R: 5, alpha: 0.7 };
const inputs = {
  y_TD: random('y', 12),
  target_TD: random('target', 12),
  p_TR: random('p', 15),
  count_R: [3, 0, 1, 2, 0],
};

it('distillLoss: gradients, with the mse that scales the balance held still', () => {
  const { out, saved } = distillLoss.forward(inputs, dims);
  const { dy_TD, dp_R } = distillLoss.backward(saved, dims);
  const loss = () => {
    const now = distillLoss.forward(inputs, dims).out;
    return now.mse + (now.balance / now.mse) * out.mse;
  };
  const dp_TR = inputs.p_TR.map((_, i) => dp_R[i % dims.R]!);
  checkGradients(loss, { y: [inputs.y_TD, dy_TD], p: [inputs.p_TR, dp_TR] });
});

it('distillLoss: α·mse/R for an even load and even p', () => {
  const p_TR = new Float64Array(15).fill(1 / 5);
  const { out } = distillLoss.forward({ ...inputs, p_TR, count_R: [2, 2, 2, 2, 2] }, dims);
  expect(out.balance).toBeCloseTo((0.7 * out.mse) / 5, 12);
});
