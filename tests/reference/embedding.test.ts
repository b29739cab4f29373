import { expect, it } from 'vitest';
import * as embedding from '../../src/reference/embedding.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

const dims = { T: 4, D: 3, V: 5 };

it('embedding: gradients add up over repeated tokens', () => {
  const embed_VD = random('embed', 15);
  const tokens_T = [4, 0, 4, 2];
  const dx = random('dx', 12);
  const { saved } = embedding.forward({ embed_VD, tokens_T }, dims);
  const { dembed_VD } = embedding.backward(dx, saved, dims);
  checkGradients(() => weightedSum(dx, embedding.forward({ embed_VD, tokens_T }, dims).out), {
    embed: [embed_VD, dembed_VD],
  });
});

it('embedding: refuses a token outside the vocabulary', () => {
  const inputs = { embed_VD: random('embed', 15), tokens_T: [0, 5, 0, 0] };
  expect(() => embedding.forward(inputs, dims)).toThrow('token 5 is not in 0 … 4');
});
