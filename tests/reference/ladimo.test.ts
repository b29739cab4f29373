import { expect, it } from 'vitest';
import * as ladimo from '../../src/reference/ladimo.ts';
import * as swiglu from '../../src/reference/swiglu.ts';
import { expectClose } from '../support/expectClose.ts';
import { TOLERANCES } from '../support/tolerances.ts';
import { random } from './finiteDifferences.ts';

it('the experts of a split add up to the dense FFN', () => {
  const [T, D, h, N] = [5, 4, 6, 3];
  const dense = {
    gate: random('gate', h * D),
    up: random('up', h * D),
    down: random('down', D * h),
  };
  const m_TD = random('m', T * D);
  const run = (ffn: ladimo.DenseFfn, F: number) => {
    const params = new Map([
      ['f.gate.weight', { shape: [F, D], data: ffn.gate }],
      ['f.up.weight', { shape: [F, D], data: ffn.up }],
      ['f.down.weight', { shape: [D, F], data: ffn.down }],
    ]);
    return swiglu.forward({ m_TD, params, prefix: 'f' }, { T, D, F }).out;
  };
  const parts = ladimo.splitDense(dense, { D, h, N }).map((expert) => run(expert, h / N));
  const total = run(dense, h).map((_, i) => parts.reduce((a, part) => a + part[i]!, 0));
  expectClose(total, run(dense, h), TOLERANCES.float64, 'split');
});

it('refuses a number of experts that does not divide the hidden width', () => {
  const empty = { gate: new Float64Array(), up: new Float64Array(), down: new Float64Array() };
  expect(() => ladimo.splitDense(empty, { D: 4, h: 6, N: 4 })).toThrow('4 experts do not divide 6');
});
