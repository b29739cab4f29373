import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK, blockQuotas, createSequenceOrder } from '../../src/data/order.ts';

const plan = [
  { name: 'prose', quota: 700, windows: 37 },
  { name: 'code', quota: 300, windows: 5 },
  { name: 'own', quota: 24, windows: 1 },
];
const places = (seed: number, first: number, count: number, of = plan) => {
  const order = createSequenceOrder(seed, of);
  return Array.from({ length: count }, (_, i) => order.at(first + i));
};

describe('blockQuotas', () => {
  it('shares out a block by weight, with at least one sequence each', () => {
    const weight = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 6 }), (weights) => {
        const quotas = blockQuotas(weights);
        const sum = weights.reduce((a, b) => a + b, 0);
        expect(quotas.reduce((a, b) => a + b, 0)).toBe(BLOCK);
        quotas.forEach((quota, i) => {
          expect(quota).toBeGreaterThanOrEqual(1);
          expect(Math.abs(quota - (BLOCK * weights[i]!) / sum)).toBeLessThan(6);
        });
      }),
    );
    expect(blockQuotas([1, 1, 1, 1, 1])).toEqual([205, 205, 205, 205, 204]);
    expect(blockQuotas([3, 1])).toEqual([768, 256]);
  });
});

describe('createSequenceOrder', () => {
  it('has the exact mix in every block, in an order of its own', () => {
    const blocks = [0, 1, 2].map((i) => places(7, i * BLOCK, BLOCK).map(({ domain }) => domain));
    for (const block of blocks) {
      plan.forEach(({ quota }, d) => {
        expect(block.filter((domain) => domain === d)).toHaveLength(quota);
      });
    }
    expect(blocks[0]).not.toEqual(blocks[1]);
    expect(places(8, 0, BLOCK)).not.toEqual(places(7, 0, BLOCK));
  });

  it('comes close to the mix in every stretch of a block', () => {
    const all = places(7, 0, 2 * BLOCK);
    plan.forEach(({ quota }, d) => {
      let count = 0;
      all.forEach(({ domain }, i) => {
        if (domain === d) count += 1;
        expect(Math.abs(count - ((i + 1) * quota) / BLOCK)).toBeLessThan(plan.length + 1);
      });
    });
  });

  it('shows every window of a domain once before any of them again', () => {
    const all = places(7, 0, 5 * BLOCK);
    plan.forEach(({ windows }, d) => {
      const seen = all.filter(({ domain }) => domain === d).map(({ window }) => window);
      const epochs = Math.floor(seen.length / windows);
      expect(epochs).toBeGreaterThan(20);
      const orders = Array.from({ length: epochs }, (_, e) =>
        seen.slice(e * windows, (e + 1) * windows),
      );
      const every = Array.from({ length: windows }, (_, w) => w);
      for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual(every);
      if (windows > 1) expect(new Set(orders.map(String)).size).toBeGreaterThan(1);
    });
  });

  it('gives the same at random access as in sequence', () => {
    const inSequence = places(7, 0, 3 * BLOCK);
    const order = createSequenceOrder(7, plan);
    const anywhere = fc.array(fc.integer({ min: 0, max: inSequence.length - 1 }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(anywhere, (visits) => {
        for (const q of visits) expect(order.at(q)).toEqual(inSequence[q]);
      }),
    );
  });

  it('counts what has been drawn', () => {
    const all = places(7, 0, 2500);
    const order = createSequenceOrder(7, plan);
    for (const count of [0, 1, 1000, BLOCK, 2048, 2499]) {
      const counts = plan.map(
        (_, d) => all.slice(0, count).filter(({ domain }) => domain === d).length,
      );
      expect(order.drawn(count)).toEqual(counts);
    }
  });

  it("keeps the order of a domain's windows when another is added", () => {
    const alone = places(3, 0, 37, [{ name: 'prose', quota: BLOCK, windows: 37 }]);
    const mixed = places(3, 0, BLOCK).filter(({ domain }) => domain === 0);
    expect(mixed.slice(0, 37).map(({ window }) => window)).toEqual(
      alone.map(({ window }) => window),
    );
  });
});
