import { describe, expect, it } from 'vitest';
import { AUX_TERMS } from '../../src/config/auxTerms.ts';
import { distillLoss } from '../../src/kernels/distillLoss.ts';
import * as reference from '../../src/reference/distillLoss.ts';
import { useDevice } from '../support/gpu.ts';
import {
  expectClose,
  GRADIENT,
  OUTPUT,
  padRows,
  randomFloats,
  randomIndices,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();

describe('distillLoss', () => {
  it.each([
    { T: 1, D: 1, R: 1, alpha: 0.5 },
    { T: 32, D: 16, R: 4, alpha: 0 },
    { T: 67, D: 70, R: 9, alpha: 2 },
    { T: 130, D: 257, R: 65, alpha: 0.01 },
  ])('equals the reference: T=$T D=$D R=$R α=$alpha', async ({ T, D, R, alpha }) => {
    const dims = { T, D, R, alpha };
    const y_TD = randomFloats(T * D, 1);
    const target_TD = randomFloats(T * D, 2);
    const p_TR = randomFloats(T * R, 3).map(Math.abs);
    const count_R = randomIndices(R, T + 1, 4).fill(1, 0, 1);
    const { out, saved } = reference.forward(
      { y_TD: toReal(y_TD), target_TD: toReal(target_TD), p_TR: toReal(p_TR), count_R },
      dims,
    );
    const { dy_TD, dp_R } = reference.backward(saved, dims);
    const load_R8 = new Float32Array(R * 8);
    p_TR.forEach((p, i) => {
      load_R8[(i % R) * 8]! += p;
    });
    count_R.forEach((count, r) => {
      load_R8[r * 8 + 4] = count;
    });

    await withBench(device(), async (bench) => {
      const rows = Math.ceil(D / 4) * 4;
      const io = {
        y_TD: bench.input('y_TD', padRows(y_TD, D)),
        target_TD: bench.input('target_TD', padRows(target_TD, D)),
        load_R8: bench.input('load_R8', load_R8),
        dout_TD: bench.output('dout_TD', T * rows),
        loss_T: bench.output('loss_T', T),
        aux_A: bench.output('aux_A', AUX_TERMS.length),
        aux_dp_R: bench.output('aux_dp_R', R),
      };
      await bench.run((plan) => distillLoss(plan, io, dims));
      const loss_T = await bench.read(io.loss_T);
      expectClose([loss_T.reduce((sum, loss) => sum + loss, 0) / T], [out.mse], OUTPUT, 'mse');
      const [balance, ...rest] = await bench.read(io.aux_A);
      expectClose([balance!], [out.balance], OUTPUT, 'balance');
      expect(rest).toEqual(AUX_TERMS.slice(1).map(() => 0));
      const dout = unpadRows(await bench.read(io.dout_TD), D, 'dout');
      expectClose(dout, dy_TD, GRADIENT, 'dout', [T, D]);
      expectClose(await bench.read(io.aux_dp_R), dp_R, GRADIENT, 'aux_dp');
    });
  });

  it('is not finite where an output or p is not', async () => {
    await withBench(device(), async (bench) => {
      const io = {
        y_TD: bench.input('y_TD', new Float32Array(4).fill(1)),
        target_TD: bench.input('target_TD', new Float32Array(4)),
        load_R8: bench.input('load_R8', Float32Array.of(Number.NaN, 0, 0, 0, 1, 0, 0, 0)),
        dout_TD: bench.output('dout_TD', 4),
        loss_T: bench.output('loss_T', 1),
        aux_A: bench.output('aux_A', AUX_TERMS.length),
        aux_dp_R: bench.output('aux_dp_R', 1),
      };
      await bench.run((plan) => distillLoss(plan, io, { T: 1, D: 4, R: 1, alpha: 1 }));
      expect((await bench.read(io.aux_A))[0]).toBeNaN();
    });
  });
});
