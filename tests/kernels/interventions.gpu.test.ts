import { describe, expect, it } from 'vitest';
import type { Intervention } from '../../src/analysis/inspection.ts';
import type { GateMode, Slot } from '../../src/config/experiment.ts';
import { linearForward } from '../../src/kernels/bodies.ts';
import {
  encodeRequests,
  forceSlots,
  type LayerRequest,
  maskLogits,
  REPORT_WORDS,
  reportAssignments,
  requestWords,
  scaleRoutes,
} from '../../src/kernels/interventions.ts';
import { routerTopkForward } from '../../src/kernels/router.ts';
import { slotRecords } from '../../src/kernels/slots.ts';
import * as combine from '../../src/reference/combine.ts';
import { layerChanges } from '../../src/reference/interventions.ts';
import * as routerTopk from '../../src/reference/routerTopk.ts';
import { useDevice } from '../support/gpu.ts';
import {
  expectClose,
  OUTPUT,
  padMatrix,
  padRows,
  randomFloats,
  randomIndices,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';
import {
  addDispatch,
  CONSTANT,
  COPY,
  ffn,
  makeRouting,
  negated,
  type Routing,
  randomChoice,
  ranksFirst,
  referenceDispatch,
  routingBuffers,
  rowCount,
  TRAINING,
  ZERO,
} from '../support/routing.ts';

const device = useDevice();

const LAYER = 3;
const MIXED: Slot[] = [ffn(2), ZERO, negated(0), COPY, ffn(3), CONSTANT, ZERO, negated(1), ffn(1)];
const plain = (R: number): Slot[] => Array.from({ length: R }, () => ffn(4));
const GATES: GateMode[] = [
  'softmax',
  'renormalized',
  'renormalizedWithNull',
  'renormalizedWithoutZero',
];

interface Case {
  T: number;
  slots: readonly Slot[];
  gate: GateMode;
  /** `topk` of so many, or `topp`. */
  K?: number;
  P?: number;
  left: (r: number) => boolean;
  /** Tries to force: rank and slot are taken modulo what there is. */
  forces: number;
}

/** Requests as the engine orders them, of a layer that is not the first of the buffer. */
function encoded(layer: LayerRequest) {
  const before: LayerRequest = {
    left: [true, false, true],
    forced: [{ token: 0, rank: 0, slot: 1 }],
  };
  const words = encodeRequests([before, layer]);
  return {
    words,
    request: requestWords(3),
    forced: requestWords(3) + requestWords(layer.left.length),
  };
}

function runKernels(given: Case, z: Float32Array, layer: LayerRequest) {
  const { T, slots, gate, K = 1, P } = given;
  const R = slots.length;
  const W = P === undefined ? Math.min(K, R) : R;
  const { words, ...places } = encoded(layer);
  return withBench(
    device(),
    async (bench) => {
      const size = padRows(z, R).length;
      const io = {
        z_TR: bench.input('z_TR', padRows(z, R)),
        slots_R: bench.input('slots_R', slotRecords(slots)),
        requests: bench.input('requests', words),
        left_TR: bench.output('left_TR', size),
        p_TR: bench.output('p_TR', size),
        g_TR: bench.output('g_TR', size),
        selected_WT: bench.output('selected_WT', W * T),
        refused: bench.output('refused', layer.forced.length + 1),
      };
      bench.setStep({ top_p: P ?? 1 });
      const selection = P === undefined ? 'topk' : 'topp';
      const dims = { T, R, W, ...places };
      await bench.run((plan) => {
        maskLogits(plan, io, dims);
        const router = { T, R, W, K, selection, gate, layer: LAYER, policy: null } as const;
        routerTopkForward(plan, { ...io, z_TR: io.left_TR }, router);
        forceSlots(plan, { ...io, z_TR: io.left_TR }, { ...dims, gate });
      });
      return {
        W,
        z: unpadRows(await bench.read(io.z_TR), R, 'z'),
        p: unpadRows(await bench.read(io.p_TR), R, 'p'),
        g: unpadRows(await bench.read(io.g_TR), R, 'g'),
        selected_WT: new Int32Array((await bench.readWords(io.selected_WT)).buffer),
        refused: (await bench.readWords(io.refused)).subarray(1),
      };
    },
    { maxGrid: 2 },
  );
}

function runReference({ T, slots, gate, K = 1, P }: Case, z: Float32Array, items: Intervention[]) {
  const kinds = slots.map(({ kind }) => kind);
  const selection =
    P === undefined ? ({ kind: 'topk', K } as const) : ({ kind: 'topp', P } as const);
  const changes = layerChanges(items, { layer: LAYER, kinds }, 0);
  const dims = { T, R: slots.length, kinds, gate, selection, changes };
  return routerTopk.forward({ z_TR: toReal(z) }, dims).out;
}

/** The slots that are left as an item, and forced ones at ranks that the tokens have. */
function itemsOf(given: Case, z: Float32Array): Intervention[] {
  const { T, slots, forces } = given;
  const left = slots.flatMap((_, r) => (given.left(r) ? [r] : []));
  const keep: Intervention = { type: 'keepOnly', layer: LAYER, slots: left };
  const { selected_TW, W } = runReference(given, z, [keep]);
  const draws = randomIndices(3 * forces, 1 << 20, 5);
  const forced = Array.from({ length: left.length > 0 ? forces : 0 }, (_, i): Intervention[] => {
    const [token, rank, slot] = draws.subarray(3 * i, 3 * i + 3) as unknown as number[];
    const t = token! % T;
    const k = selected_TW.subarray(t * W, (t + 1) * W).filter((r) => r >= 0).length;
    if (k === 0) return [];
    const place = { layer: LAYER, token: t, rank: rank! % k, slot: left[slot! % left.length]! };
    return [{ type: 'force', ...place }];
  });
  return [keep, ...forced.flat()];
}

function requestOf({ slots, left }: Case, items: readonly Intervention[]): LayerRequest {
  const forced = items.filter((item) => item.type === 'force');
  return {
    left: slots.map((_, r) => left(r)),
    forced: forced.sort((one, other) => one.token - other.token),
  };
}

const SETS: [string, Case['left']][] = [
  ['all slots', () => true],
  ['every other slot', (r) => r % 2 === 0],
  ['no null slot', (r) => MIXED[r]!.kind !== 'zero'],
  ['one slot', (r) => r === 4],
  ['no slot', () => false],
];
const CASES: [string, Case][] = GATES.flatMap((gate) =>
  SETS.flatMap(([name, left]): [string, Case][] => [
    [`${gate}, top-3 of ${name}`, { T: 70, slots: MIXED, gate, K: 3, left, forces: 100 }],
    [`${gate}, top-p of ${name}`, { T: 65, slots: MIXED, gate, P: 0.7, left, forces: 40 }],
  ]),
);
const ODD: [string, Case][] = [
  ['T = 1, R = 1', { T: 1, slots: plain(1), gate: 'softmax', K: 1, left: () => true, forces: 3 }],
  [
    'R = 67',
    { T: 129, slots: plain(67), gate: 'renormalized', K: 4, left: (r) => r % 3 > 0, forces: 300 },
  ],
];

/** Slots by rank of the reference, as wide as the kernels' and ranks slowest. */
function wide({ selected_TW, W }: routerTopk.RouterTopkOut, T: number, width: number): Int32Array {
  const all = new Int32Array(T * width).fill(-1);
  for (let t = 0; t < T; t++) all.set(selected_TW.subarray(t * W, (t + 1) * W), t * width);
  return ranksFirst(all, width);
}

describe('masked and forced slots', () => {
  it.each([...CASES, ...ODD])('equal the reference: %s', async (_, given) => {
    const { T, slots } = given;
    const z = randomFloats(T * slots.length, 21, 3);
    const items = itemsOf(given, z);
    const want = runReference(given, z, items);
    const got = await runKernels(given, z, requestOf(given, items));
    expect([...got.selected_WT]).toEqual([...wide(want, T, got.W)]);
    expectClose(got.p, want.p_TR, OUTPUT, 'p', [T, slots.length]);
    expectClose(got.g, want.gates_TR, OUTPUT, 'g', [T, slots.length]);
    expect(got.z).toEqual(z);
    const gone = (_: number, i: number) => !given.left(i % slots.length);
    expect(new Set([...got.p.filter(gone), ...got.g.filter(gone), 0])).toEqual(new Set([0]));
    expect(got.refused.every((code) => code === 0)).toBe(true);
  });

  it('names the ranks that tokens do not have, and changes nothing for them', async () => {
    const given: Case = {
      T: 5,
      slots: MIXED,
      gate: 'renormalized',
      K: 4,
      left: (r) => r < 2,
      forces: 0,
    };
    const z = randomFloats(5 * MIXED.length, 4, 3);
    const layer = { left: MIXED.map((_, r) => r < 2), forced: [] };
    const forced = [1, 2, 3].map((rank) => ({ token: 3, rank, slot: 0 }));
    const plain = await runKernels(given, z, layer);
    const got = await runKernels(given, z, { ...layer, forced });
    expect([...got.refused]).toEqual([0, 3, 3]);
    const first = await runKernels(given, z, { ...layer, forced: forced.slice(0, 1) });
    expect(got.selected_WT).toEqual(first.selected_WT);
    expect(plain.refused).toHaveLength(0);
  });

  it('leave every bit of a token whose slots stay', async () => {
    for (const gate of GATES) {
      const given: Case = { T: 70, slots: MIXED, gate, K: 3, left: () => true, forces: 0 };
      const z = randomFloats(70 * MIXED.length, 9, 3);
      const layer = { left: MIXED.map(() => true), forced: [] };
      const plain = await runKernels(given, z, layer);
      const forced = Array.from({ length: 70 * 3 }, (_, i) => {
        const [token, rank] = [Math.floor(i / 3), i % 3];
        return { token, rank, slot: plain.selected_WT[rank * 70 + token]! };
      });
      expect(await runKernels(given, z, { ...layer, forced })).toMatchObject({
        p: plain.p,
        g: plain.g,
        selected_WT: plain.selected_WT,
      });
    }
  });
});

/** Outputs, factors and what becomes of them. */
async function runReport(routing: Routing, factors: Float32Array) {
  const { T, D, W, slots, selected_TW, gates_TR } = routing;
  const R = slots.length;
  const C = slots.filter(({ kind }) => kind === 'constant').length;
  const order = referenceDispatch(routing);
  const m = randomFloats(T * D, 31, 2);
  const y = randomFloats(rowCount(order) * D, 32);
  const vectors = randomFloats(C * D, 33);
  const mixes = Array.from({ length: C }, (_, c) => randomFloats(2 * D, 34 + c));
  const inputs = {
    m_TD: toReal(m),
    y_JD: toReal(y),
    gates_TR: toReal(gates_TR),
    selected_TW,
    ...order,
    constants: mixes.map((mix, c) => ({
      vector_D: toReal(vectors.subarray(c * D, (c + 1) * D)),
      mix_2D: toReal(mix),
    })),
  };
  const factor = (t: number, r: number) => factors[t * R + r]!;
  const want = combine.norms(inputs, { T, D, R, W, slots, factor });
  const words = await withBench(device(), async (bench) => {
    const io = routingBuffers(bench, routing);
    const mixWeights = new Float32Array(C * 4 * padMatrix(new Float32Array(D), D).length);
    mixes.forEach((mix, c) => {
      mixWeights.set(padMatrix(mix, D), (c * mixWeights.length) / C);
    });
    const w_NK = bench.input('mixes', mixWeights);
    const m_TD = bench.input('m_TD', padRows(m, D));
    const mix_TC = bench.output('mix_TC', T * 4 * C);
    const constants = C > 0 ? { mix_TC, v_CD: bench.input('v_CD', padMatrix(vectors, D)) } : null;
    const factor_TR = bench.input('factor_TR', padRows(factors, R));
    const report_WT = bench.output('report_WT', W * T * REPORT_WORDS);
    const y_JD = bench.input('y_JD', padRows(y, D));
    bench.setStep(TRAINING);
    await bench.run((plan) => {
      addDispatch(plan, io, routing);
      scaleRoutes(plan, { ...io, factor_TR }, { T, R, W });
      if (C > 0) linearForward(plan, { x_TK: m_TD, w_NK, y_TN: mix_TC }, { T, N: 4 * C, K: D });
      reportAssignments(plan, { ...io, y_JD, m_TD, constants, report_WT }, { T, D, R, W, C });
    });
    return bench.readWords(report_WT);
  });
  const column = (i: number) => words.filter((_, word) => word % REPORT_WORDS === i);
  return { order, want, column };
}

describe('factors and the report', () => {
  const D = 13;
  it.each<[string, Routing]>([
    ['all kinds', makeRouting({ T: 67, D, slots: MIXED, W: 4 }, randomChoice(9, 4, 3, 0.3))],
    ['one token', makeRouting({ T: 1, D: 1, slots: plain(1), W: 1 }, () => [0])],
    [
      'dropped assignments',
      makeRouting({ T: 200, D, slots: MIXED, W: 3 }, randomChoice(9, 3, 8), {
        gamma: 0.5,
        tau: 0.7,
      }),
    ],
  ])('equal the reference: %s', async (_, routing) => {
    const { T, W, slots, selected_TW, gates_TR } = routing;
    const R = slots.length;
    const factors = randomFloats(T * R, 41, 2).map((x) => (Math.abs(x) < 0.7 ? 0 : x));
    const { order, want, column } = await runReport(routing, factors);
    expect([...new Int32Array(column(0).buffer)]).toEqual([...ranksFirst(selected_TW, W)]);
    const gates = Float32Array.from(selected_TW, (slot, i) =>
      slot < 0 ? 0 : gates_TR[Math.floor(i / W) * R + slot]!,
    );
    expect(new Float32Array(column(1).buffer)).toEqual(ranksFirst(gates, W));
    expect([...column(2)]).toEqual([...ranksFirst(Int32Array.from(order.dropped_TW), W)]);
    const norms = ranksFirst(Float32Array.from(want), W);
    expectClose(new Float32Array(column(3).buffer), norms, OUTPUT, 'norms');
  });
});
