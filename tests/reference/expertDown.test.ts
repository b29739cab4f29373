import { expect, it } from 'vitest';
import * as expertDown from '../../src/reference/expertDown.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

const dims = { T: 3, D: 4, F_E: [3, 2, 5], start_E: [0, 2, 2, 4], token_J: [0, 2, 1, 2] };

it('expertDown: gradients, and zeros for an expert without tokens', () => {
  const inputs = {
    h_EJF: [random('h0', 6), new Float64Array(), random('h2', 10)],
    down_EDF: dims.F_E.map((F, e) => random(`down${e}`, 4 * F)),
  };
  const dy = random('dy', 16);
  const { saved } = expertDown.forward(inputs, dims);
  const { dh_EJF, ddown_EDF } = expertDown.backward(dy, saved, dims);
  checkGradients(() => weightedSum(dy, expertDown.forward(inputs, dims).out), {
    h0: [inputs.h_EJF[0]!, dh_EJF[0]!],
    h2: [inputs.h_EJF[2]!, dh_EJF[2]!],
    down0: [inputs.down_EDF[0]!, ddown_EDF[0]!],
    down2: [inputs.down_EDF[2]!, ddown_EDF[2]!],
  });
  expect([...ddown_EDF[1]!]).toEqual(new Array(8).fill(0));
});
