import { describe, expect, it } from 'vitest';
import type { LossesConfig } from '../../src/config/auxTerms.ts';
import type { Slot } from '../../src/config/experiment.ts';
import { plainRouter } from '../../src/config/plainRouter.ts';
import * as losses from '../../src/reference/balancingLosses.ts';
import { expertChoices } from '../../src/reference/expertChoice.ts';
import { initialParameters } from '../../src/reference/init.ts';
import { startState, trainStep } from '../../src/reference/train.ts';
import { trainingConfig } from './config.ts';
import { checkGradients, random } from './finiteDifferences.ts';

const T = 4;
const R = 5;

describe('selection', () => {
  it('expert choice by log softmax is not the order of z', () => {
    const z_TR = Float64Array.of(5, 9, 4, 0, 3, 3);
    const dims = { T: 3, R: 2, score: 'softmax', places: 1 } as const;
    expect(expertChoices(z_TR, dims, () => true)).toEqual([[1], [0], []]);
  });
});

describe('losses', () => {
  const z_TR = random('z', T * R);
  const p_TR = random('p', T * R).map((p) => 0.1 + Math.abs(p));
  const selected_TW = Int32Array.of(0, 1, 0, 3, 0, 4, 2, 3);
  const pool_TR = Uint8Array.from({ length: T * R }, (_, i) => (i % R === 1 && i > R ? 0 : 1));
  const history = [[1, 2, 0, 5, 0]];
  const run = (given: LossesConfig) =>
    losses.forward(
      { z_TR, p_TR, selected_TW, pool_TR, history },
      { T, R, W: 2, S: 2, K: 2, losses: given },
    );

  it.each<LossesConfig>([
    { zloss: { coefficient: 0.3 } },
    { balance: { coefficient: 0.3, scope: 'batch' } },
    { balance: { coefficient: 0.3, scope: 'sequence', counts: 'unbiased' } },
    { balance: { coefficient: 0.3, scope: 'global', window: 2 }, zloss: { coefficient: 0.1 } },
  ])('gradients of %j', (given) => {
    const { saved } = run(given);
    const loss = () => Object.values(run(given).out).reduce((a, b) => a + b, 0);
    checkGradients(loss, { z: [z_TR, saved.dz_TR], p: [p_TR, saved.dp_TR] });
  });

  it('balance is its coefficient at an even load, R/K times that at a collapse', () => {
    const even = {
      z_TR: new Float64Array(16),
      p_TR: new Float64Array(16).fill(0.25),
      selected_TW: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3),
      pool_TR: null,
      history: [],
    };
    const dims = { T: 4, R: 4, W: 2, S: 2, K: 2 };
    for (const scope of ['batch', 'sequence'] as const) {
      const given = { ...dims, losses: { balance: { coefficient: 0.7, scope } } };
      expect(losses.forward(even, given).out.balance).toBeCloseTo(0.7, 14);
      const collapsed = {
        ...even,
        p_TR: Float64Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 0.5 : 0)),
        selected_TW: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1),
      };
      expect(losses.forward(collapsed, given).out.balance).toBeCloseTo(1.4, 14);
    }
  });
});

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
