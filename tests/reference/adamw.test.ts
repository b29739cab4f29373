import { describe, expect, it } from 'vitest';
import type { OptimizerConfig } from '../../src/config/experiment.ts';
import * as adamw from '../../src/reference/adamw.ts';
import { applyGradients, startState } from '../../src/reference/train.ts';

const optimizer: OptimizerConfig = {
  lr: 1,
  minLr: 0.1,
  warmup: 4,
  totalSteps: 8,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-8,
  weightDecay: 0.1,
  clip: 1,
};

describe('adamw', () => {
  it('moves by lr against the sign in the first step, and decays matrices', () => {
    const inputs = () => ({
      w: Float64Array.of(2),
      grad: Float64Array.of(0.5),
      m: new Float64Array(1),
      v: new Float64Array(1),
    });
    const dims = { step: 1, lr: 0.1, scale: 1, decays: true, optimizer };
    const [decayed, plain] = [inputs(), inputs()];
    adamw.update(decayed, dims);
    adamw.update(plain, { ...dims, decays: false });
    expect(decayed.w[0]).toBeCloseTo(2 - 0.1 * 0.1 * 2 - 0.1, 7);
    expect(plain.w[0]).toBeCloseTo(1.9, 7);
  });

  it('changes nothing in a step that is not finite', () => {
    const state = startState(new Map([['w', { shape: [1, 2], data: Float64Array.of(1, 2) }]]));
    const grads = new Map([['w', { shape: [1, 2], data: Float64Array.of(1, Number.NaN) }]]);
    expect(applyGradients(state, grads, 1, optimizer).isApplied).toBe(false);
    expect(applyGradients(state, new Map(grads), Number.NaN, optimizer).isApplied).toBe(false);
    expect([...state.params.get('w')!.data]).toEqual([1, 2]);
    expect(state.step).toBe(0);
    expect([...state.firstMoments.get('w')!.data]).toEqual([0, 0]);
  });
});
