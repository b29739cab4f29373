import { describe, expect, it } from 'vitest';
import { rmsNormBackward, rmsNormForward } from '../../src/kernels/rmsNorm.ts';
import * as reference from '../../src/reference/rmsNorm.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  expectClose,
  GRADIENT,
  OUTPUT,
  padRows,
  randomFloats,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();
const EPS = 1e-5;

describe.each(ADAPTER_CLASSES)('rmsNorm on a %s adapter', (adapterClass) => {
  it.each([
    { T: 1, D: 1, scale: 1 },
    { T: 3, D: 2, scale: 1 },
    { T: 7, D: 10, scale: 1e-3 },
    { T: 65, D: 37, scale: 1 },
    { T: 130, D: 256, scale: 1 },
    { T: 5, D: 259, scale: 1e4 },
  ])('equals the reference: T=$T D=$D scale=$scale', async ({ T, D, scale }) => {
    await withBench(
      device(),
      async (bench) => {
        const [x, y] = [randomFloats(T * D, 1, scale), randomFloats(T * D, 2, scale)];
        const [w, dnormed] = [randomFloats(D, 3), randomFloats(T * D, 4)];
        const stream = randomFloats(T * D, 5, 1 / scale);
        const padded = padRows(x, D).length;
        const io = {
          x_TD: bench.input('x_TD', padRows(x, D)),
          y_TD: bench.input('y_TD', padRows(y, D)),
          w_D: bench.input('w_D', padRows(w, D)),
          x_sum_TD: bench.output('x_sum_TD', padded),
          normed_TD: bench.output('normed_TD', padded),
          rstd_T: bench.output('rstd_T', T),
        };
        const grads = {
          dnormed_TD: bench.input('dnormed_TD', padRows(dnormed, D)),
          dx_TD: bench.output('dx_TD', padded),
          dw_D: bench.output('dw_D', padded / T),
        };
        const added = bench.input('dx_TD:stream', padRows(stream, D));
        await bench.run((plan) => {
          rmsNormForward(plan, io, { T, D, eps: EPS });
          const saved = { x_TD: io.x_sum_TD, rstd_T: io.rstd_T, w_D: io.w_D };
          rmsNormBackward(plan, { ...saved, ...grads }, { T, D, accumulate: false });
          const again = { ...saved, ...grads, dx_TD: added };
          rmsNormBackward(plan, again, { T, D, accumulate: true });
        });

        const sum = x.map((value, i) => value + y[i]!);
        expectClose(unpadRows(await bench.read(io.x_sum_TD), D, 'x_sum'), sum, OUTPUT, 'x_sum');
        const dims = { T, D, eps: EPS };
        const { out, saved } = reference.forward({ x_TD: toReal(sum), w_D: toReal(w) }, dims);
        const want = reference.backward(toReal(dnormed), saved, dims);
        const normed = unpadRows(await bench.read(io.normed_TD), D, 'normed');
        expectClose(normed, out, OUTPUT, 'normed', [T, D]);
        const dx = unpadRows(await bench.read(grads.dx_TD), D, 'dx');
        expectClose(dx, want.dx_TD, { abs: 1e-7 / scale, rel: 5e-5 }, 'dx', [T, D]);
        expectClose(
          unpadRows(await bench.read(added), D, 'dx'),
          want.dx_TD.map((value, i) => value + stream[i]!),
          { abs: 1e-7 / scale, rel: 5e-5 },
          'stream + dx',
          [T, D],
        );
        expectClose(unpadRows(await bench.read(grads.dw_D), D, 'dw'), want.dw_D, GRADIENT, 'dw');
      },
      { adapterClass },
    );
  });

  it('copies the stream where nothing is added, and stands a row of zeros', async () => {
    const [T, D] = [3, 8];
    await withBench(
      device(),
      async (bench) => {
        const x = randomFloats(T * D, 6);
        x.fill(0, D, 2 * D);
        const io = {
          x_TD: bench.input('x_TD', x),
          y_TD: null,
          w_D: bench.input('w_D', new Float32Array(D).fill(1)),
          x_sum_TD: bench.output('x_sum_TD', T * D),
          normed_TD: bench.output('normed_TD', T * D),
          rstd_T: bench.output('rstd_T', T),
        };
        await bench.run((plan) => rmsNormForward(plan, io, { T, D, eps: EPS }));
        expect(await bench.read(io.x_sum_TD)).toEqual(x);
        const normed = await bench.read(io.normed_TD);
        expect(normed.subarray(D, 2 * D)).toEqual(new Float32Array(D));
        expect(normed.every(Number.isFinite)).toBe(true);
      },
      { adapterClass },
    );
  });
});
