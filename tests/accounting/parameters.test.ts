import { describe, expect, test } from 'vitest';
import { FULL_SIZE_MODELS } from '../../src/accounting/fullSize.ts';
import {
  countParameters,
  countsWithVocabulary,
  measuredActive,
  paperCounts,
  zeroComputationComplexity,
} from '../../src/accounting/parameters.ts';
import {
  chanceOfAny,
  expertShareFromLoads,
  expertShareFromRouting,
  nominalExpertShare,
} from '../../src/accounting/slotUse.ts';
import type { EngineConfig, Slot } from '../../src/config/experiment.ts';
import { elementCount, parameterShapes } from '../../src/config/parameterShapes.ts';
import { goldenParameters, smallConfig } from './support.ts';

/** Class of a parameter by its name: the naive count to compare with. */
function classOf(name: string): string {
  if (name === 'embed.weight') return 'embedding';
  if (name === 'head.weight') return 'head';
  if (name.includes('norm')) return 'norms';
  if (name.includes('.attn.')) return 'attention';
  if (name.includes('.router.')) return 'router';
  if (name.includes('.moe.experts.')) return 'experts';
  if (name.includes('.moe.constants.')) return 'constants';
  if (name.includes('.moe.shared.')) return 'shared';
  if (name.includes('.ffn.')) return 'dense';
  throw new Error(`unknown parameter ${name}`);
}

function naiveCounts(sizes: Iterable<readonly [string, number]>): Record<string, number> {
  const counts: Record<string, number> = { total: 0 };
  for (const name of Object.keys(countParameters(smallConfig({})))) counts[name] = 0;
  for (const [name, size] of sizes) {
    counts[classOf(name)]! += size;
    counts.total! += size;
  }
  return counts;
}

/** All sets of `size` of the indices 0 … R−1. */
function subsets(R: number, size: number): number[][] {
  if (size === 0) return [[]];
  const sets: number[][] = [];
  for (let first = 0; first <= R - size; first++) {
    for (const rest of subsets(R - first - 1, size - 1)) {
      sets.push([first, ...rest.map((index) => index + first + 1)]);
    }
  }
  return sets;
}

describe('exact counts', () => {
  test('equal the tensors of every golden model, class by class', () => {
    const goldens = goldenParameters();
    expect(goldens.length).toBeGreaterThan(20);
    for (const { name, config, sizes } of goldens) {
      expect(countParameters(config), name).toEqual(naiveCounts(sizes));
    }
  });

  test('equal the parameter table of the full-size models', () => {
    const rest: Pick<EngineConfig, 'losses' | 'optimizer' | 'seed'> = {
      losses: {},
      optimizer: {
        lr: 1,
        minLr: 0,
        warmup: 1,
        totalSteps: 1,
        beta1: 0,
        beta2: 0,
        eps: 1,
        weightDecay: 0,
        clip: null,
      },
      seed: 0,
    };
    for (const { id, config } of FULL_SIZE_MODELS) {
      const table = parameterShapes({ ...config, ...rest });
      const sizes = table.map(({ name, shape }) => [name, elementCount(shape)] as const);
      expect(countParameters(config), id).toEqual(naiveCounts(sizes));
    }
  });
});

describe('nominal Na', () => {
  const spaces: [string, Slot[]][] = [
    ['plain', [10, 20, 30].map((hidden): Slot => ({ kind: 'ffn', hidden }))],
    [
      'twins and nulls',
      [
        { kind: 'ffn', hidden: 12 },
        { kind: 'ffn', hidden: 5 },
        { kind: 'negated', of: 1 },
        { kind: 'zero' },
        { kind: 'negated', of: 0 },
        { kind: 'zero' },
      ],
    ],
    [
      'zero-computation and one twin',
      [
        { kind: 'constant' },
        { kind: 'ffn', hidden: 7 },
        { kind: 'copy' },
        { kind: 'ffn', hidden: 40 },
        { kind: 'negated', of: 1 },
      ],
    ],
  ];

  test.each(spaces)('%s: equals the mean over all sets of K slots', (_, slots) => {
    for (let K = 1; K <= slots.length + 1; K++) {
      const sets = subsets(slots.length, Math.min(K, slots.length));
      const widths = slots.flatMap((slot) => (slot.kind === 'ffn' ? [slot.hidden] : []));
      const ffnSlots = slots.flatMap((slot, r) => (slot.kind === 'ffn' ? [r] : []));
      let used = 0;
      for (const set of sets) {
        widths.forEach((width, i) => {
          const isUsed = set.some((r) => {
            const slot = slots[r]!;
            return r === ffnSlots[i] || (slot.kind === 'negated' && slot.of === i);
          });
          if (isUsed) used += width;
        });
      }
      const { D, L } = smallConfig({}).model;
      const attention = L * (2 * D * D + 2 * D * 16);
      const expected = attention + L * 3 * D * (used / sets.length);
      const config = smallConfig({ router: { K }, experts: { slots } });
      expect(paperCounts(config).Na, `K=${K}`).toBeCloseTo(expected, 6);
    }
  });

  test('counts one slot fewer with probability q under randomDrop', () => {
    const config = smallConfig({ router: { selection: 'randomDrop', q: 0.25 } });
    const plain = paperCounts(smallConfig({}));
    const fixed = plain.Na - 3 * 3 * 32 * 48 * 2;
    expect(paperCounts(config).Na).toBeCloseTo(fixed + 3 * 3 * 32 * 48 * 1.75, 6);
  });

  test.each([
    [null, 2],
    [1.25, 2.5],
    [9, 4],
  ])('counts what expert choice of capacity factor %s gives a token', (capacity, size) => {
    const config = smallConfig({ router: { selection: 'expertChoice', capacity } });
    const plain = paperCounts(smallConfig({}));
    const fixed = plain.Na - 3 * 3 * 32 * 48 * 2;
    expect(paperCounts(config).Na).toBeCloseTo(fixed + 3 * 3 * 32 * 48 * size, 6);
  });

  test('follows the policies of the layers under adaptive', () => {
    const policy = [{ kind: 'top-1' }, { kind: 'top-3' }, { kind: 'top-2' }] as const;
    const config = smallConfig({ router: { selection: 'adaptive', policy } });
    expect(paperCounts(config).Na).toBeCloseTo(paperCounts(smallConfig({})).Na, 6);
  });

  test('a full choice uses every expert, an impossible one none', () => {
    expect(chanceOfAny(1, 5, [{ size: 5, probability: 1 }])).toBe(1);
    expect(chanceOfAny(0, 5, [{ size: 3, probability: 1 }])).toBe(0);
  });
});

describe('measured Na', () => {
  const slots: Slot[] = [
    { kind: 'ffn', hidden: 10 },
    { kind: 'ffn', hidden: 30 },
    { kind: 'negated', of: 0 },
    { kind: 'zero' },
  ];
  const routing = {
    W: 2,
    selected: [0, 2, /**/ 1, 3, /**/ 1, 0, /**/ 3, -1],
    dropped: [0, 0, /**/ 0, 0, /**/ 1, 0, /**/ 0, 0],
  };

  test('counts a token once per expert and no dropped assignment', () => {
    expect(expertShareFromRouting(slots, routing)).toEqual([2 / 4, 1 / 4]);
  });

  test('agrees between routing and counts with co-selection', () => {
    const loads = { tokens: 4, counts: [2, 2, 1, 2], drops: [0, 1, 0, 0], coSelected: [1, 0] };
    expect(expertShareFromLoads(slots, loads)).toEqual(expertShareFromRouting(slots, routing));
  });

  test('replaces the nominal value in measured layers only', () => {
    const config = smallConfig({ experts: { slots }, model: { L: 2 } });
    const [own, other] = nominalExpertShare(slots, [{ size: 2, probability: 1 }]);
    const attention = 2 * (2 * 32 * 32 + 2 * 32 * 16);
    const measured = measuredActive(config, new Map([[1, [0.5, 0.25]]]));
    const nominalWidth = own! * 10 + other! * 30;
    expect(measured).toBeCloseTo(attention + 96 * (nominalWidth + 0.5 * 10 + 0.25 * 30), 6);
  });
});

describe('the papers’ figures', () => {
  test('full-size models meet what their tables print', () => {
    let checked = 0;
    for (const { id, config, printed } of FULL_SIZE_MODELS) {
      if (!printed) continue;
      const { N, Na } = paperCounts(config);
      const { total, active } = printed.withVocabulary
        ? countsWithVocabulary(config)
        : { total: N, active: Na };
      const tolerance = printed.withVocabulary ? 0.01 : 0.02;
      expect(Math.abs(total / printed.total - 1), `${id} N ${total}`).toBeLessThan(tolerance);
      if (printed.active !== null) {
        expect(Math.abs(active / printed.active - 1), `${id} Na ${active}`).toBeLessThan(tolerance);
      }
      checked++;
    }
    expect(checked).toBe(35);
  });

  test('sign-flipped and null slots add no weight to N', () => {
    const byId = new Map(FULL_SIZE_MODELS.map((model) => [model.id, paperCounts(model.config)]));
    for (const size of ['tiny', 'base', 'fine-grained']) {
      expect(byId.get(`tcmoe-${size}`)!.N).toBe(byId.get(`tcmoe-${size}-topk`)!.N);
      expect(byId.get(`tcmoe-${size}`)!.Na).toBeLessThan(byId.get(`tcmoe-${size}-topk`)!.Na);
    }
  });

  test('MoDSE keeps the parameters of its uniform baseline', () => {
    const byId = new Map(FULL_SIZE_MODELS.map((model) => [model.id, paperCounts(model.config)]));
    for (const size of ['300M', '700M']) {
      expect(byId.get(`modse-${size}`)!.N).toBe(byId.get(`modse-${size}-uniform`)!.N);
    }
  });

  test('MoE++ 8+4 at τ 0.75 does 0.6 of the FFN work', () => {
    const model = FULL_SIZE_MODELS.find(({ id }) => id === 'moepp-0.6B')!;
    expect(model.config.experts.slots).toHaveLength(12);
    expect(zeroComputationComplexity(model.config.experts.slots, 0.75)).toBeCloseTo(0.6, 12);
    expect(zeroComputationComplexity(smallConfig({}).experts.slots, 0.75)).toBe(1);
  });
});
