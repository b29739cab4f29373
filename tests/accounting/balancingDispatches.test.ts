/** What the balancing lab adds to a step's kernels, per MoE layer (tests/train/memory.gpu.test.ts counts the same of plans). */
import { describe, expect, it } from 'vitest';
import { stepDispatches } from '../../src/accounting/dispatches.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { Change, Slot } from '../../src/config/experiment.ts';

const slots: Slot[] = [...DEFAULTS_V1.experts.slots, { kind: 'zero' }, { kind: 'copy' }];

/** Kernels that a change adds to each layer; all of them are MoE layers. */
function added(change: Change): number {
  const plain = applyChange(DEFAULTS_V1, { 'experts.slots': slots });
  const count = (of: Change) => stepDispatches(engineConfig(applyChange(plain, of), 256));
  return (count(change) - count({})) / plain.model.L;
}

describe('kernels per layer', () => {
  it.each([
    [{ kind: 'none' }, 1],
    [{ kind: 'sign', rate: 0.01, centre: false }, 1],
    [{ kind: 'sign', rate: 0.01, centre: true }, 1],
    [{ kind: 'quantile', smoothing: 0.5 }, 2],
    [{ kind: 'budget', rate: 0.01, computing: 1 }, 1],
  ])('of the rule %o: two at most', (rule, count) => {
    expect(added({ 'router.biasRule': rule })).toBe(count);
  });

  it('of z-loss and balance loss: what reads scores and loads, and what adds to the gradient', () => {
    expect(added({ 'losses.zloss.coefficient': 0.01 })).toBe(3);
    const balance = (rest: Record<string, string | number>) =>
      added({ 'losses.balance': { coefficient: 0.01, ...rest } });
    expect(balance({ scope: 'batch' })).toBe(2);
    expect(balance({ scope: 'sequence' })).toBe(3);
    expect(balance({ scope: 'global', window: 16 })).toBe(3);
  });
});
