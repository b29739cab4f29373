import { describe, expect, it } from 'vitest';
import { expertsForward, giveFewRows, linearForward } from '../../src/kernels/bodies.ts';
import { FEW_ROWS } from '../../src/kernels/fewRows.ts';
import { pad4 } from '../../src/layout/sizes.ts';
import * as linear from '../../src/reference/linear.ts';
import { expertTensors, packWeights, referenceExperts } from '../support/expertCase.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  type BenchOptions,
  expectClose,
  OUTPUT,
  padMatrix,
  padRows,
  randomFloats,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';
import {
  addDispatch,
  COPY,
  ffn,
  makeRouting,
  negated,
  type Routing,
  randomChoice,
  referenceDispatch,
  routingBuffers,
  TRAINING,
  tableShape,
  ZERO,
} from '../support/routing.ts';

/** Products of a few rows, in the bodies that plans which decode bring along. */

const device = useDevice();

const SIZES = [
  { T: 1, N: 1, K: 1 },
  { T: 1, N: 384, K: 128 },
  { T: 2, N: 5, K: 300 },
  { T: 3, N: 67, K: 34 },
  { T: 4, N: 64, K: 2 },
  { T: 5, N: 31, K: 65 },
  { T: 8, N: 130, K: 129 },
];

function product(sizes: (typeof SIZES)[0], options: BenchOptions, before: Float32Array | null) {
  const { T, N, K } = sizes;
  const [x, w] = [randomFloats(T * K, 1), randomFloats(N * K, 2)];
  const { out } = linear.forward({ x_TI: toReal(x), w_OI: toReal(w) }, { T, I: K, O: N });
  return withBench(
    device(),
    async (bench) => {
      const io = {
        x_TK: bench.input('x_TK', padRows(x, K)),
        w_NK: bench.input('w_NK', padMatrix(w, K)),
        y_TN: before ? bench.input('y_TN', padRows(before, N)) : bench.output('y_TN', T * pad4(N)),
      };
      await bench.run((plan) => {
        giveFewRows(plan, FEW_ROWS);
        linearForward(plan, io, { ...sizes, accumulate: before !== null });
      });
      const got = unpadRows(await bench.read(io.y_TN), N, 'y');
      return { got, want: Array.from(out, (value, i) => value + (before?.[i] ?? 0)) };
    },
    options,
  );
}

/** Twins, kinds that compute nothing and experts in no order of their slots. */
const MIXED = [ZERO, negated(1), ffn(20), COPY, ffn(65), negated(0), negated(1), ffn(3)];
const EIGHT = [300, 1, 33, 64, 7, 130, 32, 4].map(ffn);

const ROUTINGS: [string, Routing][] = [
  ['T = 1, R = 1', makeRouting({ T: 1, D: 1, slots: [ffn(1)], W: 1 }, () => [0])],
  ['K = R', makeRouting({ T: 3, D: 10, slots: [9, 40, 5].map(ffn), W: 3 }, randomChoice(3, 3, 1))],
  ['all to one', makeRouting({ T: 8, D: 36, slots: EIGHT, W: 1 }, () => [2])],
  ['unequal widths', makeRouting({ T: 4, D: 67, slots: EIGHT, W: 2 }, randomChoice(8, 2, 3))],
  [
    'twins, dropped and empty ranks',
    makeRouting({ T: 8, D: 14, slots: MIXED, W: 4 }, randomChoice(8, 4, 5, 0.4), {
      gamma: 0.7,
      tau: 1,
    }),
  ],
  ['no rows at all', makeRouting({ T: 4, D: 6, slots: MIXED, W: 1 }, () => [0])],
];

function experts(routing: Routing, options: BenchOptions) {
  const { T, D, W } = routing;
  const shape = tableShape(routing);
  const Fmax = pad4(Math.max(...shape.hidden));
  const tensors = expertTensors(routing, 5);
  const packed = packWeights(tensors, D);
  const J = referenceDispatch(routing).token_J.length;
  return withBench(
    device(),
    async (bench) => {
      const dispatch = routingBuffers(bench, routing);
      const io = {
        ...dispatch,
        m_TD: bench.input('m_TD', padRows(tensors.m_TD, D)),
        w: bench.input('w', packed),
        dw: bench.output('dw', packed.length),
        gate_up_JF: bench.output('gate_up_JF', 2 * W * T * Fmax),
        hidden_JF: bench.output('hidden_JF', W * T * Fmax),
        y_JD: bench.output('y_JD', W * T * pad4(D)),
      };
      bench.setStep(TRAINING);
      await bench.run((plan) => {
        giveFewRows(plan, FEW_ROWS);
        addDispatch(plan, dispatch, routing);
        expertsForward(plan, io, shape);
      });
      const all = await bench.read(io.y_JD);
      expect(all.subarray(J * pad4(D)).every(Number.isNaN)).toBe(true);
      const got = unpadRows(all.slice(0, J * pad4(D)), D, 'y_JD');
      return { got, want: referenceExperts(routing, tensors).y_JD };
    },
    options,
  );
}

describe.each(ADAPTER_CLASSES)('a few rows on a %s adapter', (adapterClass) => {
  it.each(SIZES)('have the product of the reference: %o', async (sizes) => {
    for (const before of [null, randomFloats(sizes.T * sizes.N, 4)]) {
      const { got, want } = await product(sizes, { adapterClass }, before);
      expectClose(got, want, OUTPUT, 'y', [sizes.T, sizes.N]);
    }
  });

  it.each(ROUTINGS)('have the experts of the reference: %s', async (_, routing) => {
    const { got, want } = await experts(routing, { adapterClass });
    expectClose(got, want, OUTPUT, 'y_JD');
  });

  it('give the same bits from a grid that is folded over two dimensions', async () => {
    const folded = { adapterClass, maxGrid: 3 };
    const sizes = SIZES[6]!;
    const whole = await product(sizes, { adapterClass }, null);
    expect(await product(sizes, folded, null)).toEqual(whole);
    const [, routing] = ROUTINGS[3]!;
    expect(await experts(routing, folded)).toEqual(await experts(routing, { adapterClass }));
  });
});
