import { describe, it } from 'vitest';
import { columnSum } from '../../src/kernels/columnSum.ts';
import { routerLogitsForward, routerNoiseBackward } from '../../src/kernels/router.ts';
import * as reference from '../../src/reference/routerLogits.ts';
import { useDevice } from '../support/gpu.ts';
import {
  expectClose,
  GRADIENT,
  joinColumns,
  OUTPUT,
  padRows,
  randomFloats,
  splitColumns,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();
const EPS = 1e-5;

interface Case {
  T: number;
  R: number;
  /** Largest pre-activation of the noise branch. */
  scale: number;
}

function tensors({ T, R, scale }: Case) {
  return {
    z0: randomFloats(T * R, 1, 3),
    n: randomFloats(T * R, 2, scale),
    bias: randomFloats(R, 3, 2),
    norm: randomFloats(R, 4, 2),
    dz: randomFloats(T * R, 5),
  };
}

/**
 * The reference with m = [z₀ | n] and weights that pick one half each, so that its linear maps give
 * exactly what the kernels start from.
 */
function runReference({ T, R, scale }: Case, branches: { bias: boolean; noise: boolean }) {
  const { z0, n, bias, norm, dz } = tensors({ T, R, scale });
  const pick = (offset: number) =>
    Float64Array.from({ length: R * 2 * R }, (_, i) =>
      i % (2 * R) === Math.floor(i / (2 * R)) + offset ? 1 : 0,
    );
  const dims = { T, D: 2 * R, R, eps: EPS };
  const inputs = {
    m_TD: toReal(joinColumns([z0, n], [R, R])),
    w_RD: pick(0),
    bias_R: branches.bias ? toReal(bias) : null,
    noise: branches.noise ? { w_RD: pick(R), norm_R: toReal(norm) } : null,
    residual: null,
  };
  const { out, saved } = reference.forward(inputs, dims);
  const grads = reference.backward(toReal(dz), saved, dims);
  const [, dn] = splitColumns(Float32Array.from(grads.dm_TD), [R, R]);
  return { z: out, dn: dn!, dnorm: grads.noise?.dnorm_R };
}

describe('routerLogits', () => {
  const cases: Case[] = [
    { T: 1, R: 1, scale: 1 },
    { T: 7, R: 5, scale: 3 },
    { T: 130, R: 8, scale: 20 },
    { T: 65, R: 64, scale: 1 },
    { T: 9, R: 200, scale: 2 },
    { T: 33, R: 6, scale: 1e4 },
  ];

  it.each(cases)('adds bias and noise branch as the reference: %o', async (sizes) => {
    const { T, R } = sizes;
    const { z0, n, bias, norm } = tensors(sizes);
    await withBench(device(), async (bench) => {
      const bias_R = bench.input('bias_R', padRows(bias, R));
      const noise = {
        n_TR: bench.input('n_TR', padRows(n, R)),
        w_R: bench.input('w_R', padRows(norm, R)),
      };
      for (const branches of [
        { bias: true, noise: true },
        { bias: true, noise: false },
        { bias: false, noise: true },
        { bias: false, noise: false },
      ]) {
        const z_TR = bench.input('z_TR', padRows(z0, R));
        const io = {
          z_TR,
          bias_R: branches.bias ? bias_R : null,
          noise: branches.noise ? noise : null,
        };
        await bench.run((plan) => routerLogitsForward(plan, io, { T, R, eps: EPS }));
        const got = unpadRows(await bench.read(z_TR), R, 'z');
        expectClose(got, runReference(sizes, branches).z, OUTPUT, 'z', [T, R]);
      }
    });
  });

  it.each(cases)('has the gradients of the noise branch: %o', async (sizes) => {
    const { T, R } = sizes;
    const { n, norm, dz } = tensors(sizes);
    const want = runReference(sizes, { bias: true, noise: true });
    await withBench(
      device(),
      async (bench) => {
        const io = {
          dz_TR: bench.input('dz_TR', padRows(dz, R)),
          w_R: bench.input('w_R', padRows(norm, R)),
          n_TR: bench.input('n_TR', padRows(n, R)),
          dw_term_TR: bench.output('dw_term_TR', padRows(n, R).length),
        };
        const out_C = bench.output('dnorm_R', padRows(norm, R).length);
        await bench.run((plan) => {
          routerNoiseBackward(plan, io, { T, R, eps: EPS });
          columnSum(plan, { x_TC: io.dw_term_TR, out_C }, { T, C: R });
        });
        const dn = unpadRows(await bench.read(io.n_TR), R, 'dn');
        expectClose(dn, want.dn, GRADIENT, 'dn', [T, R]);
        const dnorm = unpadRows(await bench.read(out_C), R, 'dnorm');
        expectClose(dnorm, want.dnorm!, GRADIENT, 'd noise_norm');
      },
      { maxGrid: 1 },
    );
  });
});
