import { describe, expect, it } from 'vitest';
import type { Slot } from '../../src/config/experiment.ts';
import { subslice } from '../../src/gpu/slice.ts';
import { linearBackwardW, linearBackwardX, linearForward } from '../../src/kernels/bodies.ts';
import { combineBackward, combineBackwardX, combineForward } from '../../src/kernels/combine.ts';
import { alignBind, pad4 } from '../../src/layout/sizes.ts';
import * as reference from '../../src/reference/combine.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  type BenchOptions,
  expectClose,
  GRADIENT,
  OUTPUT,
  padMatrix,
  padRows,
  randomFloats,
  toReal,
  unpadMatrix,
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

function tensors(routing: Routing, seed: number) {
  const { T, D, slots } = routing;
  const C = slots.filter(({ kind }) => kind === 'constant').length;
  const rows = rowCount(referenceDispatch(routing));
  return {
    C,
    m: randomFloats(T * D, seed, 2),
    y: randomFloats(rows * D, seed + 1),
    dout: randomFloats(T * D, seed + 2),
    shared: randomFloats(T * D, seed + 3),
    /** dm of the experts' rows, of the router and of the shared expert. */
    dmRows: randomFloats(rows * D, seed + 4),
    dm: randomFloats(T * D, seed + 5),
    dshared: randomFloats(T * D, seed + 6),
    vectors: randomFloats(C * D, seed + 7),
    mixes: Array.from({ length: C }, (_, c) => randomFloats(2 * D, seed + 8 + c)),
  };
}

function runReference(routing: Routing, seed: number) {
  const { T, D, W, slots, selected_TW, gates_TR } = routing;
  const given = tensors(routing, seed);
  const { dropped_TW, row_TW, token_J } = referenceDispatch(routing);
  const inputs = {
    m_TD: toReal(given.m),
    y_JD: toReal(given.y),
    gates_TR: toReal(gates_TR),
    selected_TW,
    dropped_TW,
    row_TW,
    constants: given.mixes.map((mix, c) => ({
      vector_D: toReal(given.vectors.subarray(c * D, (c + 1) * D)),
      mix_2D: toReal(mix),
    })),
  };
  const R = slots.length;
  const dims = { T, D, R, W, slots };
  const { out, saved } = reference.forward(inputs, dims);
  const grads = reference.backward(toReal(given.dout), saved, dims);
  const out_TD = out.map((value, i) => value + given.shared[i]!);
  const dm_TD = grads.dm_TD.map((value, i) => value + given.dm[i]! + given.dshared[i]!);
  token_J.forEach((t, j) => {
    for (let d = 0; d < D; d++) dm_TD[t * D + d]! += given.dmRows[j * D + d]!;
  });
  const dg_TW = Float32Array.from(selected_TW, (r, i) =>
    r < 0 || dropped_TW[i] === 1 ? 0 : grads.dgates_TR[Math.floor(i / W) * R + r]!,
  );
  return { out_TD, dm_TD, dg_WT: ranksFirst(dg_TW, W), constants: grads.constants };
}

/** The combination as the model plans it: mixing logits, sum, and all gradients. */
function runKernels(routing: Routing, seed: number, options: BenchOptions = {}) {
  const { T, D, W } = routing;
  const given = tensors(routing, seed);
  const { C } = given;
  const mixBytes = alignBind(T * 4 * C * 4);
  const vBytes = alignBind(T * pad4(C) * 4);
  const rows = (data: Float32Array) => {
    const all = new Float32Array(W * T * pad4(D)).fill(Number.NaN);
    all.set(padRows(data, D));
    return all;
  };
  return withBench(
    device(),
    async (bench) => {
      const dispatch = routingBuffers(bench, routing);
      const mixWeights = new Float32Array(C * 4 * pad4(D));
      given.mixes.forEach((mix, c) => {
        mixWeights.set(padMatrix(mix, D), c * 4 * pad4(D));
      });
      const w_NK = bench.input('mixes', mixWeights);
      const constants = {
        mix_TC: bench.output('mix_TC', T * 4 * C),
        v_CD: bench.input('v_CD', padMatrix(given.vectors, D)),
      };
      const dmix = bench.output('dmix', (mixBytes + vBytes) / 4);
      const io = {
        route_WT: dispatch.route_WT,
        m_TD: bench.input('m_TD', padRows(given.m, D)),
        y_JD: bench.input('y_JD', rows(given.y)),
        shared_TD: bench.input('shared_TD', padRows(given.shared, D)),
        out_TD: bench.output('out_TD', T * pad4(D)),
        dout_TD: bench.input('dout_TD', padRows(given.dout, D)),
        dm_JD: bench.input('dm_JD', rows(given.dmRows)),
        dshared_TD: bench.input('dshared_TD', padRows(given.dshared, D)),
        dm_TD: bench.input('dm_TD', padRows(given.dm, D)),
        dg_WT: bench.output('dg_WT', W * T),
        dmix,
        constants: C > 0 ? constants : null,
      };
      const dw_NK = bench.output('dmixes', mixWeights.length);
      const dv = bench.output('dvectors', pad4(C) * pad4(D));
      const hasCopy = routing.slots.some(({ kind }) => kind === 'copy');
      const dims = { T, D, W, C, hasCopy };
      bench.setStep(TRAINING);
      await bench.run((plan) => {
        addDispatch(plan, dispatch, routing);
        const linear = { T, N: 4 * C, K: D };
        if (C > 0) linearForward(plan, { x_TK: io.m_TD, w_NK, y_TN: constants.mix_TC }, linear);
        combineForward(plan, io, dims);
        combineBackward(plan, io, { ...dims, vOffset: mixBytes / 4 });
        if (C > 0) {
          const dy_TN = subslice(dmix, 'dlogits', 0, mixBytes);
          const accumulated = { ...linear, accumulate: true };
          linearBackwardX(plan, { dy_TN, w_NK, dx_TK: io.dm_TD }, accumulated);
          linearBackwardW(plan, { dy_TN, x_TK: io.m_TD, dw_NK }, linear);
          const vCoef = subslice(dmix, 'vcoef', mixBytes, vBytes);
          const forVectors = { dy_TN: vCoef, x_TK: io.dout_TD, dw_NK: dv };
          linearBackwardW(plan, forVectors, { T, N: C, K: D });
        }
        combineBackwardX(plan, io, dims);
      });
      const dmixes = await bench.read(dw_NK);
      return {
        out_TD: unpadRows(await bench.read(io.out_TD), D, 'out'),
        dm_TD: unpadRows(await bench.read(io.dm_TD), D, 'dm'),
        dg_WT: await bench.read(io.dg_WT),
        dvectors: C > 0 ? unpadMatrix(await bench.read(dv), C, D, 'dv') : new Float32Array(),
        dmixes: given.mixes.map((_, c) =>
          unpadMatrix(dmixes.slice(c * 4 * pad4(D), (c + 1) * 4 * pad4(D)), 2, D, 'dmix'),
        ),
      };
    },
    options,
  );
}

const ALL: Slot[] = [COPY, ffn(7), negated(1), CONSTANT, ffn(5), ZERO, CONSTANT, negated(0), ZERO];
const plain = (R: number) => Array.from({ length: R }, () => ffn(2));

const CASES: [string, Routing][] = [
  ['T = 1, R = 1', makeRouting({ T: 1, D: 1, slots: plain(1), W: 1 }, () => [0])],
  ['FFN experts', makeRouting({ T: 67, D: 30, slots: plain(6), W: 3 }, randomChoice(6, 3, 1))],
  ['R = 64', makeRouting({ T: 70, D: 5, slots: plain(64), W: 4 }, randomChoice(64, 4, 2))],
  ['all kinds', makeRouting({ T: 61, D: 18, slots: ALL, W: 5 }, randomChoice(9, 5, 3, 0.4))],
  ['K = R', makeRouting({ T: 20, D: 68, slots: ALL, W: 9 }, randomChoice(9, 9, 4))],
  ['zero slots alone', makeRouting({ T: 5, D: 6, slots: [ZERO, ZERO], W: 1 }, () => [1])],
  [
    'five constants',
    makeRouting(
      { T: 33, D: 7, slots: Array.from({ length: 5 }, () => CONSTANT), W: 2 },
      randomChoice(5, 2, 5),
    ),
  ],
  [
    'dropped assignments',
    makeRouting({ T: 300, D: 12, slots: ALL, W: 4 }, randomChoice(9, 4, 6, 0.2), {
      gamma: 0.5,
      tau: 0.75,
    }),
  ],
];

describe.each(ADAPTER_CLASSES)('combine on a %s adapter', (adapterClass) => {
  it.each(CASES)('equals the reference: %s', async (_, routing) => {
    const want = runReference(routing, 11);
    const got = await runKernels(routing, 11, { adapterClass });
    expectClose(got.out_TD, want.out_TD, OUTPUT, 'out');
    expectClose(got.dg_WT, want.dg_WT, GRADIENT, 'dg');
    expectClose(got.dm_TD, want.dm_TD, GRADIENT, 'dm');
    want.constants.forEach(({ dvector_D, dmix_2D }, c) => {
      const D = dvector_D.length;
      expectClose(got.dvectors.slice(c * D, (c + 1) * D), dvector_D, GRADIENT, `dv ${c}`);
      expectClose(got.dmixes[c]!, dmix_2D, GRADIENT, `dmix ${c}`);
    });
  });

  it('writes zeros as the gradients of constants that no token chose', async () => {
    const slots = [ffn(3), CONSTANT, CONSTANT];
    const routing = makeRouting({ T: 10, D: 6, slots, W: 1 }, (t) => [t % 2 === 0 ? 0 : 2]);
    const { dvectors, dmixes } = await runKernels(routing, 12, { adapterClass });
    expect(dvectors.slice(0, 6)).toEqual(new Float32Array(6));
    expect(dvectors.slice(6).every((x) => x !== 0)).toBe(true);
    expect(dmixes[0]).toEqual(new Float32Array(12));
    expect(dmixes[1]!.every((x) => x !== 0)).toBe(true);
  });

  it('gives the same bits from a grid that is folded over two dimensions', async () => {
    const [, routing] = CASES[7]!;
    const whole = await runKernels(routing, 13, { adapterClass });
    expect(await runKernels(routing, 13, { adapterClass, maxGrid: 3 })).toEqual(whole);
  });
});
