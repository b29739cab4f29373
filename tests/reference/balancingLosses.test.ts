import { describe, expect, it } from 'vitest';
import type { LossesConfig } from '../../src/config/auxTerms.ts';
import * as losses from '../../src/reference/balancingLosses.ts';
import { checkGradients, random } from './finiteDifferences.ts';

const [T, R] = [4, 5];

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
