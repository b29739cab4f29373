import { describe, expect, it } from 'vitest';
import type { Slot } from '../../src/config/experiment.ts';
import { plainRouter } from '../../src/config/plainRouter.ts';
import { initialParameters } from '../../src/reference/init.ts';
import { startState, trainStep } from '../../src/reference/train.ts';
import { trainingConfig } from './config.ts';

describe('a step', () => {
  const slots: Slot[] = Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 3 }));
  const batch = { tokens: [1, 2, 3, 4, 5, 6, 0, 1], targets: [2, 3, 4, 5, 6, 0, 1, 2] };

  it('moves no parameter of a frozen router, but its bias', () => {
    const base = trainingConfig(slots);
    const biasRule = { kind: 'sign', rate: 0.01, centre: false } as const;
    const config = { ...base, router: plainRouter({ bias: true, frozen: true, biasRule }) };
    const state = startState(initialParameters(config, { initStd: 0.3, seed: 4 }));
    const before = new Map([...state.params].map(([name, { data }]) => [name, [...data]]));
    const { grads } = trainStep(state, batch, config);
    for (const [name, { data }] of state.params) {
      const isRouter = name.includes('.moe.router.') && !name.endsWith('selection_bias');
      if (isRouter) expect([name, ...grads.get(name)!.data]).toEqual([name, ...data.map(() => 0)]);
      expect([name, String(data) === String(before.get(name))]).toEqual([name, isRouter]);
    }
  });

  it('keeps the counts of the last G − 1 steps, and nothing of a step that is refused', () => {
    const base = trainingConfig(slots);
    const balance = { coefficient: 0.1, scope: 'global', window: 3 } as const;
    const config = { ...base, losses: { balance } };
    const state = startState(initialParameters(config, { initStd: 0.3, seed: 4 }));
    const lengths = [1, 2, 3].map(() => {
      trainStep(state, batch, config);
      return state.histories.get(0)!.length;
    });
    expect(lengths).toEqual([1, 2, 2]);
    const [name] = state.params.keys();
    state.params.get(name!)!.data.fill(Number.NaN);
    const kept = structuredClone(state.histories);
    expect(trainStep(state, batch, config).isApplied).toBe(false);
    expect(state.histories).toEqual(kept);
  });
});
