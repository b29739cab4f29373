import { describe, expect, it } from 'vitest';
import type { GateMode, ScoreFunction } from '../../src/config/experiment.ts';
import * as topk from '../../src/reference/routerTopk.ts';
import { logScore, logScoreSlope } from '../../src/reference/scores.ts';
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
