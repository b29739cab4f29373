import { describe, expect, it } from 'vitest';
import { columnSum } from '../../src/kernels/columnSum.ts';
import { useDevice } from '../support/gpu.ts';
import {
  expectClose,
  GRADIENT,
  padRows,
  randomFloats,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();

describe('columnSum', () => {
  it.each([
    { T: 1, C: 1 },
    { T: 1, C: 64 },
    { T: 63, C: 3 },
    { T: 64, C: 8 },
    { T: 1000, C: 37 },
  ])('adds up the rows: T=$T C=$C', async ({ T, C }) => {
    const x = randomFloats(T * C, 1);
    const want = new Float64Array(C);
    x.forEach((value, i) => {
      want[i % C]! += value;
    });
    const run = (maxGrid: number) =>
      withBench(
        device(),
        async (bench) => {
          const io = {
            x_TC: bench.input('x_TC', padRows(x, C)),
            out_C: bench.output('out_C', padRows(want, C).length),
          };
          await bench.run((plan) => columnSum(plan, io, { T, C }));
          return unpadRows(await bench.read(io.out_C), C, 'out_C');
        },
        { maxGrid },
      );
    const sum = await run(65535);
    expectClose(sum, want, GRADIENT, 'out_C');
    expect(await run(2)).toEqual(sum);
  });
});
