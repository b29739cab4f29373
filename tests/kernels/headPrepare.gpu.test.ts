import { describe, expect, it } from 'vitest';
import {
  headPrepareBackward,
  headPrepareForward,
  ropeTables,
} from '../../src/kernels/headPrepare.ts';
import { pad4 } from '../../src/layout/sizes.ts';
import * as reference from '../../src/reference/headPrepare.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
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
  B: number;
  S: number;
  H: number;
  G: number;
  C: number;
  rope: boolean;
  keyNorm: boolean;
}

describe.each(ADAPTER_CLASSES)('headPrepare on a %s adapter', (adapterClass) => {
  const cases: Case[] = [
    { B: 1, S: 1, H: 1, G: 1, C: 2, rope: true, keyNorm: false },
    { B: 2, S: 7, H: 3, G: 1, C: 10, rope: true, keyNorm: true },
    { B: 1, S: 65, H: 4, G: 2, C: 16, rope: true, keyNorm: false },
    { B: 3, S: 11, H: 4, G: 4, C: 32, rope: true, keyNorm: true },
    { B: 2, S: 13, H: 4, G: 2, C: 5, rope: false, keyNorm: true },
    { B: 2, S: 5, H: 2, G: 1, C: 7, rope: false, keyNorm: false },
    { B: 1, S: 512, H: 1, G: 1, C: 64, rope: true, keyNorm: true },
  ];
  it.each(cases)('equals the reference: %o', async ({ B, S, H, G, C, rope, keyNorm }) => {
    const T = B * S;
    const width = pad4(C);
    const widths = [H * width, G * width, G * width];
    const [q, k, v] = [H, G, G].map((heads, i) => randomFloats(T * heads * C, 10 + i));
    const [dq, dk, dv] = [H, G, G].map((heads, i) => randomFloats(T * heads * C, 20 + i));
    const w = randomFloats(C, 30);
    const join = (parts: Float32Array[]) =>
      joinColumns(
        parts.map((part) => padRows(part, C)),
        widths,
      );
    await withBench(
      device(),
      async (bench) => {
        const tables = ropeTables(S, rope ? C : 2, 10000);
        const slices = {
          cos_SP: bench.input('cos_SP', tables.cos),
          sin_SP: bench.input('sin_SP', tables.sin),
        };
        const w_C = bench.input('w_C', padRows(w, C));
        const io = {
          qkv_TX: bench.input('qkv_TX', join([q!, k!, v!])),
          rope: rope ? slices : null,
          w_C: keyNorm ? w_C : null,
          q_TX: bench.output('q_TX', T * H * width),
          k_TX: bench.output('k_TX', T * G * width),
          rstd_TG: bench.output('rstd_TG', T * G),
        };
        const dqkv_TX = bench.input('dqkv_TX', join([dq!, dk!, dv!]));
        const dw_C = bench.output('dw_C', width);
        const dims = { T, S, H, G, C };
        await bench.run((plan) => {
          headPrepareForward(plan, io, { ...dims, eps: EPS });
          const norm = keyNorm ? { w_C, dw_C, rstd_TG: io.rstd_TG } : null;
          headPrepareBackward(plan, { qkv_TX: io.qkv_TX, rope: io.rope, norm, dqkv_TX }, dims);
        });

        const sizes = { ...dims, ropeBase: rope ? 10000 : null, eps: EPS };
        const inputs = {
          q_THC: toReal(q!),
          k_TGC: toReal(k!),
          kNorm_C: keyNorm ? toReal(w) : null,
        };
        const { out, saved } = reference.forward(inputs, sizes);
        const gradients = { dq_THC: toReal(dq!), dk_TGC: toReal(dk!) };
        const want = reference.backward(gradients, saved, sizes);
        const gotQ = unpadRows(await bench.read(io.q_TX), C, 'q');
        const gotK = unpadRows(await bench.read(io.k_TX), C, 'k');
        expectClose(gotQ, out.q_THC, OUTPUT, 'q', [T, H, C]);
        expectClose(gotK, out.k_TGC, OUTPUT, 'k', [T, G, C]);
        const [gotDq, gotDk, gotDv] = splitColumns(await bench.read(dqkv_TX), widths);
        expectClose(unpadRows(gotDq!, C, 'dq'), want.dq_THC, GRADIENT, 'dq', [T, H, C]);
        expectClose(unpadRows(gotDk!, C, 'dk'), want.dk_TGC, GRADIENT, 'dk', [T, G, C]);
        expect(unpadRows(gotDv!, C, 'dv')).toEqual(dv);
        if (want.dkNorm_C) {
          expectClose(unpadRows(await bench.read(dw_C), C, 'dw'), want.dkNorm_C, GRADIENT, 'dw');
        }
      },
      { adapterClass },
    );
  });
});

describe('ropeTables', () => {
  it('hold the angles s·base^(−2i/C)', () => {
    const { cos, sin } = ropeTables(3, 4, 10000);
    expect([...cos]).toEqual([0, 0, 1, 0.01, 2, 0.02].map((x) => Math.fround(Math.cos(x))));
    expect([...sin]).toEqual([0, 0, 1, 0.01, 2, 0.02].map((x) => Math.fround(Math.sin(x))));
  });

  it('refuse an odd head width', () => {
    expect(() => ropeTables(4, 5, 10000)).toThrow('not 5');
  });
});
