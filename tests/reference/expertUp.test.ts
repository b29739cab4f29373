import { expect, it } from 'vitest';
import * as expertUp from '../../src/reference/expertUp.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

/** Widths differ, expert 1 has no token, token 2 goes to two experts. */
const dims = { T: 3, D: 4, F_E: [3, 2, 5], start_E: [0, 2, 2, 4], token_J: [0, 2, 1, 2] };

it('expertUp: gradients, and zeros for an expert without tokens', () => {
  const weights = (name: string) => dims.F_E.map((F, e) => random(`${name}${e}`, F * 4));
  const inputs = { m_TD: random('m', 12), gate_EFD: weights('gate'), up_EFD: weights('up') };
  const { out, saved } = expertUp.forward(inputs, dims);
  const dh = out.map((h, e) => random(`dh${e}`, h.length));
  const grads = expertUp.backward(dh, saved, dims);
  const loss = () => {
    const { out } = expertUp.forward(inputs, dims);
    return out.reduce((total, h, e) => total + weightedSum(dh[e]!, h), 0);
  };
  checkGradients(loss, {
    m: [inputs.m_TD, grads.dm_TD],
    gate0: [inputs.gate_EFD[0]!, grads.dgate_EFD[0]!],
    gate1: [inputs.gate_EFD[1]!, grads.dgate_EFD[1]!],
    gate2: [inputs.gate_EFD[2]!, grads.dgate_EFD[2]!],
    up0: [inputs.up_EFD[0]!, grads.dup_EFD[0]!],
    up2: [inputs.up_EFD[2]!, grads.dup_EFD[2]!],
  });
  expect([...grads.dup_EFD[1]!]).toEqual(new Array(8).fill(0));
});
