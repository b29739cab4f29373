import { describe, expect, it } from 'vitest';
import type { BiasRule, Slot } from '../../src/config/experiment.ts';
import { moveBias } from '../../src/reference/biasRule.ts';

describe('rules', () => {
  const slots: Slot[] = [{ kind: 'ffn', hidden: 2 }, { kind: 'copy' }, { kind: 'ffn', hidden: 2 }];
  const s_TR = Float64Array.of(0.9, 0.5, 0.1, 0.8, 0.6, 0.2, 0.7, 0.1, 0.3, 0.6, 0.4, 0.5);
  const moved = (rule: BiasRule, counts_R: number[], K = 1) => {
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
