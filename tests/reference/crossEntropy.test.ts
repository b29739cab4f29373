import { expect, it } from 'vitest';
import * as crossEntropy from '../../src/reference/crossEntropy.ts';
import { checkGradients, random } from './finiteDifferences.ts';

it('crossEntropy: ln V for equal logits, however large', () => {
  const logits_TV = new Float64Array(10).fill(1e4);
  const { out } = crossEntropy.forward({ logits_TV, targets_T: [0, 4] }, { T: 2, V: 5 });
  expect(out.ce).toBeCloseTo(Math.log(5), 12);
});

it('crossEntropy: gradients', () => {
  const dims = { T: 3, V: 5 };
  const inputs = { logits_TV: random('logits', 15, 3), targets_T: [0, 4, 2] };
  const { saved } = crossEntropy.forward(inputs, dims);
  const { dlogits_TV } = crossEntropy.backward(saved, dims);
  checkGradients(() => crossEntropy.forward(inputs, dims).out.ce, {
    logits: [inputs.logits_TV, dlogits_TV],
  });
});
