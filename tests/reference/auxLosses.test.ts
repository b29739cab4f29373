import { describe, expect, it } from 'vitest';
import type { LossesConfig } from '../../src/config/auxTerms.ts';
import type { Slot } from '../../src/config/experiment.ts';
import * as auxLosses from '../../src/reference/auxLosses.ts';
import { checkGradients, random } from './finiteDifferences.ts';

const slots: Slot[] = [
  { kind: 'ffn', hidden: 3 },
  { kind: 'ffn', hidden: 3 },
  { kind: 'negated', of: 0 },
  { kind: 'zero' },
];
const selected_TW = Int32Array.of(0, 2, 1, 3, 3, -1);
/** Rows 3, tokens selecting slots {0, 2}, {1, 3}, {3}. */
const base = { T: 3, R: 4, W: 2, slots, tau: 0.5 };
const p_TR = Float64Array.of(0.4, 0.1, 0.3, 0.2, 0.1, 0.6, 0.1, 0.2, 0.1, 0.1, 0.1, 0.7);
const gates_TR = Float64Array.of(0.4, 0, 0.3, 0.2, 0, 0.6, 0, 0.2, 0, 0, 0, 0.7);
const P = [0.6, 0.8, 0.5, 1.1].map((total) => total / 3);

function value(losses: LossesConfig) {
  return auxLosses.forward({ p_TR, gates_TR, selected_TW }, { ...base, losses }).out;
}

describe('auxLosses', () => {
  it('switch: α·R·Σ f_i·P_i with f of rank 0 (MoDSE 9–12)', () => {
    const want = (0.1 * 4 * (P[0]! + P[1]! + P[3]!)) / 3;
    expect(value({ switch: { alpha: 0.1 } }).switch).toBeCloseTo(want, 14);
  });

  it('heterogeneous: η = τ for zero-computation slots (MoE++ 7)', () => {
    const want = (0.1 * (P[0]! + P[1]! + P[2]! + 0.5 * 2 * P[3]!)) / 3;
    expect(value({ heterogeneous: { beta: 0.1 } }).heterogeneous).toBeCloseTo(want, 14);
  });

  it('ternary: a token that selects both signs counts once (TC-MoE 6–9)', () => {
    // f = [1/5, 1/5]: equal, so the term is 0; without token 1 it is not
    expect(value({ ternary: { alpha1: 0.1 } }).ternary).toBeCloseTo(0, 14);
    const dims = { ...base, losses: { ternary: { alpha1: 0.1 } } };
    const other = Int32Array.of(0, 2, 3, -1, 3, -1);
    const { out } = auxLosses.forward({ p_TR, gates_TR, selected_TW: other }, dims);
    // f = [1/4, 0], mean 1/8
    expect(out.ternary).toBeCloseTo(0.1 * (0.125 * (P[0]! + P[2]!) - 0.125 * P[1]!), 14);
  });

  it('reward: the mean gate of null slots, negative (TC-MoE 12)', () => {
    expect(value({ reward: { alpha2: 0.3 } }).reward).toBeCloseTo((-0.3 * 1.1) / 3, 14);
  });

  it('dynamic: mean entropy, with 0·log 0 = 0', () => {
    const losses = { dynamic: { w: 2 } };
    const own = { ...base, T: 2, losses };
    const p = Float64Array.of(0.25, 0.25, 0.25, 0.25, 1, 0, 0, 0);
    const inputs = { p_TR: p, gates_TR: p, selected_TW: Int32Array.of(0, 1, 0, 1) };
    expect(auxLosses.forward(inputs, own).out.dynamic).toBeCloseTo(Math.log(4), 14);
    const { saved } = auxLosses.forward(inputs, own);
    expect(auxLosses.backward(saved, own).dp_TR.every(Number.isFinite)).toBe(true);
  });

  it('is α for switch at uniform probabilities and loads of one slot each', () => {
    const uniform = new Float64Array(12).fill(0.25);
    const dims = { ...base, losses: { switch: { alpha: 0.7 } } };
    const inputs = { p_TR: uniform, gates_TR: uniform, selected_TW };
    expect(auxLosses.forward(inputs, dims).out.switch).toBeCloseTo(0.7, 14);
  });

  it('gradients of all terms together', () => {
    const losses = {
      switch: { alpha: 0.3 },
      heterogeneous: { beta: 0.2 },
      ternary: { alpha1: 0.4 },
      reward: { alpha2: 0.5 },
      dynamic: { w: 0.6 },
    };
    const dims = { ...base, losses };
    const p = random('p', 12).map((x) => 0.1 + Math.abs(x));
    const g = random('g', 12);
    const run = () => auxLosses.forward({ p_TR: p, gates_TR: g, selected_TW }, dims);
    const { dp_TR, dgates_TR } = auxLosses.backward(run().saved, dims);
    const loss = () => Object.values(run().out).reduce((a, b) => a + b, 0);
    checkGradients(loss, { p: [p, dp_TR], gates: [g, dgates_TR] });
  });
});
