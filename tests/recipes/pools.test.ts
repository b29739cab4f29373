import { expect, it } from 'vitest';
import type { DomainLoss, PoolsSeed } from '../../src/recipes/pools.ts';
import {
  domainLosses,
  meansOf,
  POOLS_K,
  POOLS_R,
  poolsSentence,
  poolsSweep,
} from '../../src/recipes/pools.ts';
import { parseSweep, sweepPoints, sweepProblems } from '../../src/recipes/sweeps.ts';

const tensor = (data: number[]) => ({ shape: [data.length], data: Float64Array.from(data) });

it('trains two models that differ in pools alone, by the rules', () => {
  const sweep = parseSweep(poolsSweep(3));
  const points = sweepPoints(sweep);
  expect(sweepProblems(points)).toEqual([]);
  const [without, pools] = points.map(({ experiment }) => experiment);
  expect(pools!.router.pool).toEqual({ min: POOLS_K, max: POOLS_R, evaluation: null });
  expect({ ...pools!, router: { ...pools!.router, pool: null } }).toEqual(without);
  expect(without!.optimizer).toMatchObject({ totalSteps: 400, warmup: 50 });
});

it('reads of a pruning what each domain loses with its own experts, and with those of others', () => {
  const change = [0.1, 0.9, 0.5, NaN, NaN, NaN, 0.7, 0.8, 0.2];
  const pruned = { values: { ce: tensor([2, NaN, 3]), change: tensor(change) }, layers: [] };
  expect(domainLosses(pruned as never)).toEqual([
    { ce: 2, own: 0.1, others: 0.7 },
    { ce: NaN, own: NaN, others: expect.closeTo(0.85, 12) },
    { ce: 3, own: 0.2, others: 0.5 },
  ]);
});

const loss = (own: number, ce = 2): DomainLoss => ({ ce, own, others: 1 });
const seedOf = (without: number[], pools: number[], seed = 1): PoolsSeed => ({
  seed,
  losses: { without: without.map((own) => loss(own)), with: pools.map((own) => loss(own, 2.1)) },
});

it('compares the domains that both models know', () => {
  const { mean, difference, better, domains } = meansOf(seedOf([0.4, NaN, 0.2], [0.1, 0, 0.3]));
  expect([mean.without.own, mean.with.own]).toEqual([
    expect.closeTo(0.3, 12),
    expect.closeTo(0.2, 12),
  ]);
  expect(difference).toBeCloseTo(-0.1, 12);
  expect([better, domains]).toEqual([1, 2]);
});

it('says what came out whichever way it went, and how far it can be trusted', () => {
  const better = poolsSentence([seedOf([0.4, 0.2], [0.1, 0.1])], 4);
  expect(better).toContain('With the 4 of 16 experts');
  expect(better).toContain(
    'changes by +0.300 nats on average after training without pools, and by +0.100',
  );
  expect(better).toContain('0.200 less with pools');
  expect(better).toContain('in 2 of 2 domains');
  expect(better).toContain('the losses are 2.000 and 2.100.');
  expect(better).toContain('One seed');
  const worse = poolsSentence([seedOf([0.1], [0.3]), seedOf([0.2], [0.1], 2)], 4);
  expect(worse).toContain('0.050 more with pools');
  expect(poolsSentence([seedOf([0.1], [-0.02])], 4)).toContain('and by −0.020 after');
  expect(worse).toContain('does not show');
  expect(worse).toContain('in 1 of 2 seeds');
  expect(worse).not.toContain('One seed');
  const alike = poolsSentence([seedOf([0.1], [0.095])], 4);
  expect(alike).toContain('0.005 less with pools, below the 0.02 nats that would tell something');
  expect(alike).not.toContain('EMO says');
});
