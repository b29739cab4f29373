import { describe, expect, it } from 'vitest';
import type { SlotKind } from '../../src/config/experiment.ts';
import { policyWidth } from '../../src/config/ladimo.ts';
import * as routerTopk from '../../src/reference/routerTopk.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

const KINDS: SlotKind[] = ['ffn', 'zero', 'ffn', 'negated', 'copy', 'zero'];
const GATES = [
  'softmax',
  'renormalized',
  'renormalizedWithNull',
  'renormalizedWithoutZero',
] as const;

function route(rows: number[][], rest: Partial<routerTopk.RouterTopkDims>) {
  const R = rows[0]!.length;
  const dims: routerTopk.RouterTopkDims = {
    T: rows.length,
    R,
    kinds: new Array<SlotKind>(R).fill('ffn'),
    gate: 'softmax',
    selection: { kind: 'topk', K: 2 },
    ...rest,
  };
  return routerTopk.forward({ z_TR: Float64Array.from(rows.flat()) }, dims).out;
}

describe('routerTopk: selection', () => {
  it('gives equal values to the lower slot and ranks what is not a number last', () => {
    expect(routerTopk.rankSlots(Float64Array.of(1, 2, 1, 2, Number.NaN, 1))).toEqual([
      1, 3, 0, 2, 5, 4,
    ]);
    const allNaN = Float64Array.of(Number.NaN, Number.NaN);
    expect(routerTopk.rankSlots(allNaN)).toEqual([0, 1]);
  });

  it('ranks by z where p underflows', () => {
    expect([...route([[0, -1000, -900]], {}).selected_TW]).toEqual([0, 2]);
  });

  it('topk selects min(K, R)', () => {
    const { W, selected_TW } = route([[1, 3]], { selection: { kind: 'topk', K: 5 } });
    expect([W, ...selected_TW]).toEqual([2, 1, 0]);
  });

  it('topp selects the shortest prefix, at least one and at most all', () => {
    const logits = [0.5, 0.3, 0.2].map(Math.log);
    const count = (P: number) => route([logits], { selection: { kind: 'topp', P } }).W;
    expect([0, 0.4, 0.6, 0.9, 1.1].map(count)).toEqual([1, 1, 2, 3, 3]);
  });

  it('randomDrop follows the hash of the goldens and keeps its two ranks', () => {
    const place = { seed: 1, step: 1, layer: 0, T: 1000 };
    const dropped = routerTopk.randomDrops(0.4, place).reduce((a, b) => a + b, 0);
    expect(dropped / 1000).toBeCloseTo(0.4, 1);
    expect(routerTopk.randomDrops(1, place).every((d) => d === 1)).toBe(true);
    expect(routerTopk.randomDrops(0, place).every((d) => d === 0)).toBe(true);
    const selection = { kind: 'randomDrop', dropped_T: Uint8Array.of(1, 1) } as const;
    expect([
      ...route(
        [
          [1, 2],
          [2, 1],
        ],
        { selection },
      ).selected_TW,
    ]).toEqual([1, -1, 0, -1]);
  });

  it('a dynamic policy tests w_m against α first', () => {
    const both = { kind: 'dynamic', alpha: 0.3, beta: 0.6 } as const;
    expect([0.2, 0.3, 0.6].map((wm) => policyWidth(both, wm))).toEqual([3, 1, 1]);
    const apart = { kind: 'dynamic', alpha: 0.6, beta: 0.3 } as const;
    expect([0.3, 0.5, 0.6].map((wm) => policyWidth(apart, wm))).toEqual([3, 2, 1]);
  });
});

describe('routerTopk: gates', () => {
  const z = [2, 3, 1, 0, -1, -2];
  const e = z.map(Math.exp);
  const gatesOf = (gate: (typeof GATES)[number]) => [
    ...route([z], { kinds: KINDS, gate }).gates_TR,
  ];
  const all = e.reduce((a, b) => a + b, 0);

  it.each([
    ['softmax', [e[0]! / all, e[1]! / all, 0, 0, 0, 0]],
    ['renormalized', [e[0]! / (e[0]! + e[1]!), e[1]! / (e[0]! + e[1]!), 0, 0, 0, 0]],
    [
      'renormalizedWithNull',
      [e[0]!, e[1]!, 0, 0, 0, e[5]!].map((x) => x / (e[0]! + e[1]! + e[5]!)),
    ],
    ['renormalizedWithoutZero', [1, 0, 0, 0, 0, 0]],
  ] as const)('%s, slots 1 and 5 are zero experts', (gate, want) => {
    gatesOf(gate).forEach((g, i) => {
      expect(g).toBeCloseTo(want[i]!, 12);
    });
  });

  it('renormalizedWithoutZero gives 0 when only zero experts are chosen', () => {
    const kinds: SlotKind[] = ['zero', 'zero', 'ffn'];
    const { gates_TR } = route([[5, 4, 0]], { kinds, gate: 'renormalizedWithoutZero' });
    expect([...gates_TR]).toEqual([0, 0, 0]);
  });

  it('renormalized gates survive where p underflows', () => {
    const { gates_TR } = route([[-900, 0, -901]], {
      kinds: ['ffn', 'zero', 'ffn'],
      gate: 'renormalizedWithoutZero',
    });
    expect(gates_TR[0]).toBe(1);
  });

  const selections: routerTopk.SelectionRule[] = [
    { kind: 'topk', K: 1 },
    { kind: 'topk', K: 2 },
    { kind: 'topk', K: 6 },
    { kind: 'topp', P: 0.6 },
    { kind: 'randomDrop', dropped_T: Uint8Array.of(0, 1, 0, 1) },
    { kind: 'adaptive', policy: { kind: 'dynamic', alpha: 0.6, beta: 0.3 } },
  ];
  const cases = GATES.flatMap((gate) => selections.map((selection) => ({ gate, selection })));

  it.each(cases)('gradients: $gate, $selection', ({ gate, selection }) => {
    const dims = { T: 4, R: 6, kinds: KINDS, gate, selection };
    const z_TR = random('z', 24);
    const dgates = random('dgates', 24);
    const dp = random('dp', 24);
    const { saved } = routerTopk.forward({ z_TR }, dims);
    const { dz_TR } = routerTopk.backward({ dp_TR: dp, dgates_TR: dgates }, saved, dims);
    const loss = () => {
      const { out } = routerTopk.forward({ z_TR }, dims);
      return weightedSum(dgates, out.gates_TR) + weightedSum(dp, out.p_TR);
    };
    checkGradients(loss, { z: [z_TR, dz_TR] });
  });

  it('K = 1 with renormalized gates gives the router no gradient', () => {
    const dims = {
      T: 4,
      R: 6,
      kinds: KINDS,
      gate: 'renormalized',
      selection: selections[0]!,
    } as const;
    const { saved } = routerTopk.forward({ z_TR: random('z', 24) }, dims);
    const upstream = { dp_TR: new Float64Array(24), dgates_TR: random('dgates', 24) };
    expect(routerTopk.backward(upstream, saved, dims).dz_TR.every((dz) => dz === 0)).toBe(true);
  });
});
