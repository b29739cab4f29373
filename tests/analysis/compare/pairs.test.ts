import { describe, expect, it } from 'vitest';
import {
  INTERVAL_PAIRS,
  pairDifferences,
  pairInterval,
  unlikeBatches,
} from '../../../src/analysis/compare/pairs.ts';
import { tQuantile } from '../../../src/analysis/compare/studentT.ts';
import { DEFAULTS_V1 } from '../../../src/config/defaults.ts';
import type { Experiment } from '../../../src/config/experiment.ts';
import { SETTINGS } from '../../../src/config/schema.ts';

describe('Student’s t', () => {
  /** df, quantiles of 0.975 and 0.9, as @stdlib/stats-base-dists-t-quantile 0.2.3 gives them. */
  const KNOWN = [
    [1, 12.706204736174694, 3.077683537175254],
    [2, 4.302652729749462, 1.8856180831641272],
    [3, 3.182446305283708, 1.6377443536962097],
    [4, 2.776445105197794, 1.5332062740589445],
    [9, 2.262157162798205, 1.3830287383966329],
    [30, 2.0422724563012378, 1.310415025391396],
    [49, 2.0095752371292392, 1.29906878474775],
    [98, 1.9844674545084815, 1.2902499038902862],
    [99, 1.9842169515864172, 1.2901614420344851],
  ] as const;

  it.each(KNOWN)('has its quantiles for %i degrees of freedom', (df, at975, at9) => {
    expect(Math.abs(tQuantile(0.975, df) / at975 - 1)).toBeLessThan(1e-12);
    expect(Math.abs(tQuantile(0.9, df) / at9 - 1)).toBeLessThan(1e-12);
  });

  it('is 0 in the middle, and refuses what has no quantile by its value', () => {
    expect(tQuantile(0.5, 7)).toBeCloseTo(0, 12);
    for (const p of [0.4, 1, Number.NaN]) expect(() => tQuantile(p, 3)).toThrow(String(p));
    for (const df of [0, 1.5]) expect(() => tQuantile(0.9, df)).toThrow(String(df));
  });
});

describe('pairs', () => {
  it('are of the steps that both have, the last ones', () => {
    const a = { firstStep: 3, values: [1, 2, 3, 4] };
    const b = { firstStep: 1, values: [9, 9, 2, 2.5, 5] };
    expect(pairDifferences(a, b, INTERVAL_PAIRS)).toEqual({
      firstStep: 3,
      values: Float64Array.of(1, 0.5, 2),
    });
    expect(pairDifferences(a, b, 2)).toEqual({ firstStep: 4, values: Float64Array.of(0.5, 2) });
    expect(pairDifferences(a, { firstStep: 7, values: [1] }, 9).values).toHaveLength(0);
  });

  it('have the interval of the textbook: mean ± t · s / √n', () => {
    // d̄ = 0.3, s² = 0.025, n = 5, t(0.975; 4) = 2.7764451
    const interval = pairInterval([0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(interval?.n).toBe(5);
    expect(interval?.mean).toBeCloseTo(0.3, 12);
    expect(interval?.half).toBeCloseTo((2.776445105197794 * Math.sqrt(0.025)) / Math.sqrt(5), 12);
    expect(pairInterval([0.5, 0.5, 0.5])?.half).toBe(0);
  });

  it('have no interval for a single one, and nothing for none', () => {
    expect(pairInterval([])).toBeNull();
    expect(pairInterval([0.25])).toEqual({ n: 1, mean: 0.25, half: Number.NaN });
  });
});

describe('batches', () => {
  const A = DEFAULTS_V1;
  const data = (part: Partial<Experiment['data']>): Experiment => ({
    ...A,
    data: { ...A.data, ...part },
  });

  it('are alike whatever the model, its training and its other seeds are', () => {
    const other: Experiment = {
      ...A,
      model: { ...A.model, D: 32 },
      optimizer: { ...A.optimizer, lr: 0.5 },
      seeds: { ...A.seeds, init: 9, drop: 9 },
      data: { ...A.data, mix: { ...A.data.mix, own: 0 } },
    };
    expect(unlikeBatches(A, other)).toEqual([]);
  });

  it('part by every setting of data, tokenizer, batch and data seed, by name and values', () => {
    const cases: readonly (readonly [path: string, experiment: Experiment, says: RegExp])[] = [
      ['data.mix', data({ mix: { prose: 1, code: 2 } }), /code/],
      ['data.uniqueTokens', data({ uniqueTokens: 5000 }), /none in A and 5000 in B/],
      ['data.epochs', data({ epochs: 2 }), /none in A and 2 in B/],
      ['data.validationShare', data({ validationShare: 0.2 }), /and 0\.2 in B/],
      [
        'tokenizer.kind',
        { ...A, tokenizer: { ...A.tokenizer, kind: 'chars' } },
        /bytes in A and chars/,
      ],
      ['batch.B', { ...A, batch: { ...A.batch, B: 3 } }, /and 3 in B/],
      ['batch.S', { ...A, batch: { ...A.batch, S: 48 } }, /and 48 in B/],
      ['seeds.data', { ...A, seeds: { ...A.seeds, data: 77 } }, /and 77 in B/],
    ];
    for (const [path, experiment, says] of cases) {
      const [reason, ...others] = unlikeBatches(A, experiment);
      expect(others, path).toEqual([]);
      expect(reason).toContain(`(${path})`);
      expect(reason).toMatch(says);
    }
    const tried = [...cases.map(([path]) => path), 'data.hash', 'tokenizer.size'];
    const all = SETTINGS.map(({ path }) => path).filter((path) =>
      /^(data|tokenizer|batch)\./.test(path),
    );
    expect(tried).toEqual(expect.arrayContaining(all));
  });

  it('part by the size of a tokenizer that has one, and by texts that are both known', () => {
    const sized = (kind: 'bpe' | 'chars', size: number): Experiment => ({
      ...A,
      tokenizer: { kind, size },
    });
    expect(unlikeBatches(sized('bpe', 512), sized('bpe', 1024))).toHaveLength(1);
    expect(unlikeBatches(sized('chars', 512), sized('chars', 1024))).toEqual([]);
    const [one, two] = ['a'.repeat(64), `${'a'.repeat(63)}b`];
    expect(unlikeBatches(data({ hash: one }), data({ hash: two }))[0]).toContain(two);
    expect(unlikeBatches(data({ hash: one }), data({ hash: null }))).toEqual([]);
  });
});
