import { describe, expect, it } from 'vitest';
import { parseLadimoSettings } from '../../src/config/ladimoSettings.ts';
import { learningRate } from '../../src/config/schedule.ts';
import { distillOptimizer } from '../../src/train/ladimo/distill.ts';
import { tiny } from '../model/support.ts';

const teacher = {
  ...tiny().optimizer,
  ...{ lr: 3e-3, minLr: 3e-4, warmup: 20, totalSteps: 500 },
};

function optimizer(own: object, steps = 100) {
  return distillOptimizer(teacher, parseLadimoSettings({ layers: [0], steps, optimizer: own }));
}

describe('the optimiser of a distillation', () => {
  it('is the teacher’s over its own steps', () => {
    expect(optimizer({})).toEqual({ ...teacher, totalSteps: 100 });
  });

  it('never rises after warm-up where only its peak was set', () => {
    const of = optimizer({ lr: 1e-4 });
    const rates = Array.from({ length: 100 }, (_, i) => learningRate(i + 1, of));
    expect(Math.max(...rates)).toBe(1e-4);
    expect(rates.at(-1)).toBe(1e-4);
  });

  it('takes what was set as it is', () => {
    expect(optimizer({ lr: 1e-3, minLr: 1e-5, clip: null })).toMatchObject({
      ...{ lr: 1e-3, minLr: 1e-5, clip: null, warmup: 20 },
    });
  });

  it('warms up within its steps', () => {
    expect(optimizer({}, 5).warmup).toBe(5);
  });
});
