import { describe, expect, it } from 'vitest';
import * as attention from '../../src/reference/attention.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

const dims = { B: 2, S: 4, H: 4, G: 2, C: 3 };

function draw(slopes_H: readonly number[] | null) {
  return {
    q_THC: random('q', 8 * 4 * 3),
    k_TGC: random('k', 8 * 2 * 3),
    v_TGC: random('v', 8 * 2 * 3),
    slopes_H,
  };
}

describe('attention', () => {
  it('gives the slopes of 8 heads, and of 6 heads from 4 and 8', () => {
    const of8 = [1, 2, 3, 4, 5, 6, 7, 8].map((h) => 2 ** -h);
    expect(attention.alibiSlopes(8)).toEqual(of8);
    expect(attention.alibiSlopes(6)).toEqual([2 ** -2, 2 ** -4, 2 ** -6, 2 ** -8, of8[0], of8[2]]);
    expect(attention.alibiSlopes(1)).toEqual([2 ** -8]);
  });

  it('is causal: the last token changes nothing before it', () => {
    const inputs = draw(null);
    const before = attention.forward(inputs, dims).out;
    for (const x of [inputs.q_THC, inputs.k_TGC, inputs.v_TGC]) x.fill(3, x.length - 3);
    const after = attention.forward(inputs, dims).out;
    const width = dims.H * dims.C;
    expect([...after.subarray(0, 7 * width)]).toEqual([...before.subarray(0, 7 * width)]);
    expect([...after]).not.toEqual([...before]);
  });

  it.each([
    ['rope', null],
    ['alibi', attention.alibiSlopes(4)],
  ] as const)('gradients with grouped heads: %s', (_, slopes) => {
    const inputs = draw(slopes);
    const dout = random('do', inputs.q_THC.length);
    const { saved } = attention.forward(inputs, dims);
    const { dq_THC, dk_TGC, dv_TGC } = attention.backward(dout, saved, dims);
    checkGradients(() => weightedSum(dout, attention.forward(inputs, dims).out), {
      q: [inputs.q_THC, dq_THC],
      k: [inputs.k_TGC, dk_TGC],
      v: [inputs.v_TGC, dv_TGC],
    });
  });
});
