import { describe, expect, it } from 'vitest';
import type { GateMode, RouterConfig, ScoreFunction, Slot } from '../../src/config/experiment.ts';
import { plainRouter } from '../../src/config/plainRouter.ts';
import { moveBias } from '../../src/reference/biasRule.ts';
import { initialParameters } from '../../src/reference/init.ts';
import * as topk from '../../src/reference/routerTopk.ts';
import { logScore, logScoreSlope } from '../../src/reference/scores.ts';
import { startState, trainStep } from '../../src/reference/train.ts';
import { trainingConfig } from './config.ts';
import { checkGradients, random } from './finiteDifferences.ts';

const SCORES: readonly ScoreFunction[] = ['softmax', 'sigmoid', 'sqrtSoftplus'];
const GATES: readonly GateMode[] = [
  'softmax',
  'renormalized',
  'renormalizedWithNull',
  'renormalizedWithoutZero',
  'uniform',
];
const kinds = ['ffn', 'zero', 'copy', 'ffn', 'zero'] as const;
const T = 4;
const R = kinds.length;

describe('scores', () => {
  it.each(SCORES)('%s: the slope is that of log s, far out as well', (score) => {
    for (const z of [-40, -15.5, -14.5, -3, 0, 2.5, 30]) {
      const numeric = (logScore(score, z + 1e-5) - logScore(score, z - 1e-5)) / 2e-5;
      expect(logScoreSlope(score, z)).toBeCloseTo(numeric, 6);
    }
  });

  it.each(SCORES.flatMap((score) => GATES.map((gate) => [score, gate] as const)))(
    '%s with gate %s: gradients of p and g',
    (score, gate) => {
      const z_TR = random('z', T * R).map((z) => 3 * z);
      const pool_TR = Uint8Array.from({ length: T * R }, (_, i) => (i % R === 2 ? 0 : 1));
      const bias_R = Float64Array.of(0.3, -0.2, 0.5, 0, 0.1);
      const selection = { kind: 'topk', K: 3 } as const;
      const dims = { T, R, kinds, gate, selection, score, routeScale: 1.7 };
      const [dp_TR, dgates_TR] = [random('dp', T * R), random('dg', T * R)];
      const run = () => topk.forward({ z_TR, bias_R, pool_TR }, dims);
      const { dz_TR } = topk.backward({ dp_TR, dgates_TR }, run().saved, dims);
      const loss = () => {
        const { p_TR, gates_TR } = run().out;
        return [...p_TR].reduce(
          (sum, p, i) => sum + p * dp_TR[i]! + gates_TR[i]! * dgates_TR[i]!,
          0,
        );
      };
      checkGradients(loss, { z: [z_TR, dz_TR] });
    },
  );

  it('a bias takes part in the ranks only, ties to the lower slot', () => {
    const z_TR = Float64Array.of(0, 0, 0, 0, 0);
    const dims = { T: 1, R, kinds, gate: 'softmax', selection: { kind: 'topk', K: 2 } } as const;
    const bias_R = Float64Array.of(0, 0.1, 0.1, 0, 0.1);
    const { out } = topk.forward({ z_TR, bias_R }, { ...dims, score: 'sigmoid', routeScale: 2 });
    expect([...out.selected_TW]).toEqual([1, 2]);
    expect([...out.gates_TR]).toEqual([0, 1, 1, 0, 0]);
    expect([...out.p_TR]).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
  });
});

describe('rules', () => {
  const slots: Slot[] = [{ kind: 'ffn', hidden: 2 }, { kind: 'copy' }, { kind: 'ffn', hidden: 2 }];
  const s_TR = Float64Array.of(0.9, 0.5, 0.1, 0.8, 0.6, 0.2, 0.7, 0.1, 0.3, 0.6, 0.4, 0.5);
  const moved = (rule: NonNullable<RouterConfig['biasRule']>, counts_R: number[], K = 1) => {
    const bias_R = Float64Array.of(0.1, 0, -0.1);
    moveBias({ bias_R, counts_R, s_TR }, rule, { T: 4, K, slots });
    return [...bias_R];
  };

  it('none moves nothing, sign by the sign of what is missing, centred by its mean as well', () => {
    expect(moved({ kind: 'none' }, [4, 0, 0])).toEqual([0.1, 0, -0.1]);
    const sign = { kind: 'sign', rate: 0.5 } as const;
    expect(moved({ ...sign, centre: false }, [4, 2, 0])).toEqual([-0.4, 0, 0.4]);
    const centred = moved({ ...sign, centre: true }, [4, 0, 0]);
    [-0.9 + 1 / 6 + 0.1 + 1 / 6, 1 / 3, 1 / 3 - 0.1].forEach((want, r) => {
      if (r > 0) expect(centred[r]).toBeCloseTo(want, 14);
    });
    expect(centred.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 14);
  });

  it('quantile by what every slot would need, interpolated at K/R', () => {
    // v by token: (1, 0.5, 0), (0.9, 0.6, 0.1), (0.8, 0.1, 0.2), (0.7, 0.4, 0.4); second largest each
    const alpha = [0.5, 0.6, 0.2, 0.4];
    const q = [0, 1, 2].map((r) => {
      const needed = alpha.map((a, t) => a - s_TR[3 * t + r]!).sort((a, b) => a - b);
      return needed[1]!;
    });
    const mean = q.reduce((a, b) => a + b, 0) / 3;
    moved({ kind: 'quantile', smoothing: 0 }, [4, 0, 0]).forEach((b, r) => {
      expect(b).toBeCloseTo(q[r]! - mean, 14);
    });
    expect(moved({ kind: 'quantile', smoothing: 0 }, [4, 4, 4], 3)).toEqual([0.1, 0, -0.1]);
  });

  it('budget keeps zero-computation slots', () => {
    const rule = { kind: 'budget', rate: 1, computing: 1.5 } as const;
    const [first, copy, last] = moved(rule, [4, 4, 0], 2);
    expect(copy).toBe(0);
    expect(first).toBeCloseTo(0.1 + 1.5 / 4 - 4 / 8, 14);
    expect(last).toBeCloseTo(-0.1 + 1.5 / 4, 14);
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
