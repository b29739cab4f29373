import { expect, it } from 'vitest';
import * as routerLogits from '../../src/reference/routerLogits.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

it('routerLogits: gradients of bias, noise and gating residual together', () => {
  const dims = { T: 3, D: 4, R: 5, eps: 1e-5 };
  const bias_R = random('bias', 5);
  const noise = { w_RD: random('noise', 20), norm_R: random('norm', 5) };
  const residual = { zPrev_TQ: random('previous', 6), w_RQ: random('residual', 10), Q: 2 };
  const inputs = { m_TD: random('m', 12), w_RD: random('w', 20), bias_R, noise, residual };
  const dz = random('dz', 15);
  const { saved } = routerLogits.forward(inputs, dims);
  const grads = routerLogits.backward(dz, saved, dims);
  checkGradients(() => weightedSum(dz, routerLogits.forward(inputs, dims).out), {
    m: [inputs.m_TD, grads.dm_TD],
    w: [inputs.w_RD, grads.dw_RD],
    bias: [bias_R, grads.dbias_R],
    noise: [noise.w_RD, grads.noise!.dw_RD],
    noiseNorm: [noise.norm_R, grads.noise!.dnorm_R],
    previous: [residual.zPrev_TQ, grads.residual!.dzPrev_TQ],
    residual: [residual.w_RQ, grads.residual!.dw_RQ],
  });
});

it('routerLogits: softplus neither overflows nor loses small scores', () => {
  const plain = { m_TD: Float64Array.of(1), w_RD: Float64Array.of(0, 0), bias_R: null };
  const noise = { w_RD: Float64Array.of(1000, -1000), norm_R: Float64Array.of(1, 1) };
  const { out } = routerLogits.forward(
    { ...plain, noise, residual: null },
    { T: 1, D: 1, R: 2, eps: 1e-5 },
  );
  expect(out[0]).toBeCloseTo(Math.SQRT2, 6);
  expect(out[1]).toBe(0);
});
