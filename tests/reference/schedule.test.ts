import { describe, expect, it } from 'vitest';
import type { OptimizerConfig } from '../../src/config/experiment.ts';
import { learningRate } from '../../src/config/schedule.ts';

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

describe('schedule', () => {
  it('warms up, falls along half a cosine and keeps minLr', () => {
    const rates = [1, 4, 6, 8, 9, 100].map((s) => learningRate(s, optimizer));
    const want = [0.25, 1, 0.55, 0.1, 0.1, 0.1];
    rates.forEach((rate, i) => {
      expect(rate).toBeCloseTo(want[i]!, 14);
    });
  });

  it('is warm-up only where W = n', () => {
    const only = { ...optimizer, warmup: 8 };
    expect([4, 8, 9].map((s) => learningRate(s, only))).toEqual([0.5, 1, 0.1]);
  });

  it('has no warm-up where W = 0', () => {
    expect(learningRate(8, { ...optimizer, warmup: 0 })).toBeCloseTo(0.1, 14);
  });
});
