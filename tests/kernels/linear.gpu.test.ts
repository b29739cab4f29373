import { describe, expect, it } from 'vitest';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { linearBackwardW, linearBackwardX, linearForward } from '../../src/kernels/bodies.ts';
import { weightSliceFloats } from '../../src/layout/weightSlices.ts';
import * as reference from '../../src/reference/linear.ts';
import { useDevice } from '../support/gpu.ts';
import {
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

const device = useDevice();
const plainDevice = useDevice(() => []);

interface Case {
  T: number;
  N: number;
  K: number;
}

/** No side is a multiple of a tile; each is below, at and above 32 and 64 somewhere. */
const CASES: Case[] = [
  { T: 1, N: 1, K: 1 },
  { T: 1, N: 5, K: 300 },
  { T: 3, N: 64, K: 2 },
  { T: 33, N: 31, K: 34 },
  { T: 64, N: 32, K: 64 },
  { T: 65, N: 97, K: 6 },
  { T: 131, N: 7, K: 67 },
  { T: 40, N: 130, K: 129 },
];

function inputs({ T, N, K }: Case) {
  return {
    x: randomFloats(T * K, 1),
    w: randomFloats(N * K, 2),
    dy: randomFloats(T * N, 3),
  };
}

/** y, dx and dw of the kernels, without padding. */
async function runKernels(sizes: Case, options: BenchOptions, gpu = device()) {
  const { N, K } = sizes;
  const { x, w, dy } = inputs(sizes);
  return withBench(
    gpu,
    async (bench) => {
      const io = {
        x_TK: bench.input('x_TK', padRows(x, K)),
        w_NK: bench.input('w_NK', padMatrix(w, K)),
        dy_TN: bench.input('dy_TN', padRows(dy, N)),
        y_TN: bench.output('y_TN', padRows(dy, N).length),
        dx_TK: bench.output('dx_TK', padRows(x, K).length),
        dw_NK: bench.output('dw_NK', padMatrix(w, K).length),
      };
      await bench.run((plan) => {
        linearForward(plan, io, sizes);
        linearBackwardX(plan, io, sizes);
        linearBackwardW(plan, io, sizes);
      });
      return {
        y: unpadRows(await bench.read(io.y_TN), N, 'y'),
        dx: unpadRows(await bench.read(io.dx_TK), K, 'dx'),
        dw: unpadMatrix(await bench.read(io.dw_NK), N, K, 'dw'),
      };
    },
    options,
  );
}

describe('linear', () => {
  const classes: AdapterClass[] = ['gpu', 'software'];
  describe.each(classes)('on a %s adapter', (adapterClass) => {
    it.each(CASES)('equals the reference: %o', async (sizes) => {
      const { T, N, K } = sizes;
      const { x, w, dy } = inputs(sizes);
      const dims = { T, I: K, O: N };
      const { out, saved } = reference.forward({ x_TI: toReal(x), w_OI: toReal(w) }, dims);
      const want = reference.backward(toReal(dy), saved, dims);
      const got = await runKernels(sizes, { adapterClass });
      expectClose(got.y, out, OUTPUT, 'y', [T, N]);
      expectClose(got.dx, want.dx_TI, GRADIENT, 'dx', [T, K]);
      expectClose(got.dw, want.dw_OI, GRADIENT, 'dw', [N, K]);
    });

    it('gives the same bits from a grid that is folded over two dimensions', async () => {
      for (const sizes of [CASES[4]!, CASES[7]!]) {
        const whole = await runKernels(sizes, { adapterClass });
        expect(await runKernels(sizes, { adapterClass, maxGrid: 3 })).toEqual(whole);
      }
    });

    it('adds to what an output holds where it is told to', async () => {
      const [T, N, K] = [37, 6, 45];
      const { x, w, dy } = inputs({ T, N, K });
      const before = { y: randomFloats(T * N, 4), dx: randomFloats(T * K, 5) };
      const dw = randomFloats(N * K, 6);
      const dims = { T, N, K, accumulate: true };
      await withBench(
        device(),
        async (bench) => {
          const io = {
            x_TK: bench.input('x_TK', padRows(x, K)),
            w_NK: bench.input('w_NK', padMatrix(w, K)),
            dy_TN: bench.input('dy_TN', padRows(dy, N)),
            y_TN: bench.input('y_TN', padRows(before.y, N)),
            dx_TK: bench.input('dx_TK', padRows(before.dx, K)),
            dw_NK: bench.input('dw_NK', padMatrix(dw, K)),
          };
          await bench.run((plan) => {
            linearForward(plan, io, dims);
            linearBackwardX(plan, io, dims);
            linearBackwardW(plan, io, dims);
          });
          const sizes = { T, I: K, O: N };
          const { out, saved } = reference.forward({ x_TI: toReal(x), w_OI: toReal(w) }, sizes);
          const want = reference.backward(toReal(dy), saved, sizes);
          const added = (sum: ArrayLike<number>, old: Float32Array) =>
            Array.from(old, (value, i) => value + sum[i]!);
          const y = unpadRows(await bench.read(io.y_TN), N, 'y');
          expectClose(y, added(out, before.y), OUTPUT, 'y');
          const dx = unpadRows(await bench.read(io.dx_TK), K, 'dx');
          expectClose(dx, added(want.dx_TI, before.dx), GRADIENT, 'dx');
          const dwSum = unpadMatrix(await bench.read(io.dw_NK), N, K, 'dw');
          expectClose(dwSum, added(want.dw_OI, dw), GRADIENT, 'dw');
        },
        { adapterClass },
      );
    });
  });

  it.each([false, true])(
    'adds up slices of a long sum; to what is there: %s',
    async (accumulate) => {
      const sizes = { T: 2051, N: 10, K: 37, accumulate };
      const { T, N, K } = sizes;
      const { x, w, dy } = inputs(sizes);
      const before = randomFloats(N * K, 6);
      const dims = { T, I: K, O: N };
      const { saved } = reference.forward({ x_TI: toReal(x), w_OI: toReal(w) }, dims);
      const { dw_OI } = reference.backward(toReal(dy), saved, dims);
      await withBench(device(), async (bench) => {
        const scratch = bench.output('weightSlices', weightSliceFloats(sizes));
        const io = {
          x_TK: bench.input('x_TK', padRows(x, K)),
          dy_TN: bench.input('dy_TN', padRows(dy, N)),
          dw_NK: bench.input('dw_NK', padMatrix(before, K)),
        };
        await bench.run((plan) => linearBackwardW(plan, io, sizes, () => scratch));
        const want = Array.from(dw_OI, (sum, i) => sum + (accumulate ? before[i]! : 0));
        expectClose(unpadMatrix(await bench.read(io.dw_NK), N, K, 'dw'), want, GRADIENT, 'dw');
      });
    },
  );

  it('has the default body on a software adapter without subgroups', async () => {
    const sizes = CASES[5]!;
    const plain = await runKernels(sizes, { adapterClass: 'software' }, plainDevice());
    expect(plain).toEqual(await runKernels(sizes, { adapterClass: 'gpu' }));
  });

  it.each(CASES)('has the same results from both bodies: %o', async (sizes) => {
    const [gpu, software] = [
      await runKernels(sizes, { adapterClass: 'gpu' }),
      await runKernels(sizes, { adapterClass: 'software' }),
    ];
    for (const name of ['y', 'dx', 'dw'] as const) {
      expectClose(gpu[name], software[name], { abs: 0, rel: 1e-6 }, name);
    }
  });
});
