import { describe, expect, it } from 'vitest';
import * as headPrepare from '../../src/reference/headPrepare.ts';
import { expectClose } from '../support/expectClose.ts';
import { TOLERANCES } from '../support/tolerances.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

const dims = { T: 6, S: 3, H: 2, G: 1, C: 4, ropeBase: 10000, eps: 1e-5 };

function draw(keyNorm: boolean) {
  return {
    q_THC: random('q', 6 * 2 * 4),
    k_TGC: random('k', 6 * 1 * 4),
    kNorm_C: keyNorm ? random('k_norm', 4) : null,
  };
}

describe('headPrepare', () => {
  it('turns pairs (i, i + C/2) by s·base^(−2i/C)', () => {
    const q_THC = Float64Array.of(9, 9, 9, 9, 1, 0, 0, 2);
    const small = { T: 2, S: 2, H: 1, G: 1, C: 4, ropeBase: 100, eps: 1e-5 };
    const { out } = headPrepare.forward({ q_THC, k_TGC: q_THC, kNorm_C: null }, small);
    const angles = [1, 100 ** (-2 / 4)] as const;
    const turned = [
      Math.cos(angles[0]),
      -2 * Math.sin(angles[1]),
      Math.sin(angles[0]),
      2 * Math.cos(angles[1]),
    ];
    expectClose(out.q_THC, [9, 9, 9, 9, ...turned], TOLERANCES.float64, 'q');
  });

  it('starts again at position 0 in every sequence', () => {
    const inputs = draw(false);
    const { out } = headPrepare.forward(inputs, dims);
    const first = (x: ArrayLike<number>) => Array.from(x).slice(3 * 8, 4 * 8);
    expect(first(out.q_THC)).toEqual(first(inputs.q_THC));
  });

  it.each([
    ['rope', 10000, false],
    ['rope and key norm', 10000, true],
    ['key norm alone', null, true],
  ] as const)('gradients: %s', (_, ropeBase, keyNorm) => {
    const inputs = draw(keyNorm);
    const own = { ...dims, ropeBase };
    const dq = random('dq', inputs.q_THC.length);
    const dk = random('dk', inputs.k_TGC.length);
    const { saved } = headPrepare.forward(inputs, own);
    const grads = headPrepare.backward({ dq_THC: dq, dk_TGC: dk }, saved, own);
    const loss = () => {
      const { q_THC, k_TGC } = headPrepare.forward(inputs, own).out;
      return weightedSum(dq, q_THC) + weightedSum(dk, k_TGC);
    };
    checkGradients(loss, {
      q: [inputs.q_THC, grads.dq_THC],
      k: [inputs.k_TGC, grads.dk_TGC],
      ...(inputs.kNorm_C !== null && grads.dkNorm_C !== null
        ? { kNorm: [inputs.kNorm_C, grads.dkNorm_C] }
        : {}),
    });
    expect(grads.dkNorm_C === null).toBe(!keyNorm);
  });
});
