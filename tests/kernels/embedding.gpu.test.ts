import { describe, expect, it } from 'vitest';
import { embeddingBackward, embeddingForward, tokenCsr } from '../../src/kernels/embedding.ts';
import { pad4 } from '../../src/layout/sizes.ts';
import * as reference from '../../src/reference/embedding.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  expectClose,
  GRADIENT,
  padRows,
  randomFloats,
  randomIndices,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();

describe.each(ADAPTER_CLASSES)('embedding on a %s adapter', (adapterClass) => {
  it.each([
    { T: 1, D: 1, V: 2 },
    { T: 13, D: 10, V: 65 },
    { T: 300, D: 36, V: 3 },
    { T: 129, D: 64, V: 257 },
    { T: 1000, D: 24, V: 2 },
    // So many outputs that each has one invocation on GPUs, too.
    { T: 50, D: 68, V: 16_384 },
  ])('equals the reference: T=$T D=$D V=$V', async ({ T, D, V }) => {
    await withBench(
      device(),
      async (bench) => {
        const tokens = randomIndices(T, V, 1);
        tokens[T - 1] = V - 1;
        const [table, dx, head] = [V * D, T * D, V * D].map((n, i) => randomFloats(n, 2 + i));
        const csr = tokenCsr(tokens, V);
        const width = pad4(D);
        const forward = {
          tokens_T: bench.input('tokens_T', tokens),
          embed_VD: bench.input('embed_VD', padRows(table!, D)),
          x_TD: bench.output('x_TD', T * width),
        };
        const backward = {
          starts_V1: bench.input('starts_V1', csr.starts),
          positions_T: bench.input('positions_T', csr.positions),
          dx_TD: bench.input('dx_TD', padRows(dx!, D)),
          dembed_VD: bench.output('dembed_VD', V * width),
        };
        const tied = bench.input('dembed_VD:tied', padRows(head!, D));
        await bench.run((plan) => {
          embeddingForward(plan, forward, { T, D, V });
          embeddingBackward(plan, backward, { D, V, accumulate: false });
          embeddingBackward(plan, { ...backward, dembed_VD: tied }, { D, V, accumulate: true });
        });

        const inputs = { embed_VD: toReal(table!), tokens_T: tokens };
        const { out, saved } = reference.forward(inputs, { T, D, V });
        const { dembed_VD } = reference.backward(toReal(dx!), saved, { T, D, V });
        const x = unpadRows(await bench.read(forward.x_TD), D, 'x');
        expect([...x]).toEqual([...out]);
        const got = unpadRows(await bench.read(backward.dembed_VD), D, 'dembed');
        expectClose(got, dembed_VD, GRADIENT, 'dembed', [V, D]);
        const both = dembed_VD.map((value, i) => value + head![i]!);
        const gotTied = unpadRows(await bench.read(tied), D, 'dembed');
        expectClose(gotTied, both, GRADIENT, 'dembed, tied', [V, D]);
      },
      { adapterClass },
    );
  });
});

describe('tokenCsr', () => {
  it('lists the positions of every token in order', () => {
    const { starts, positions } = tokenCsr([3, 0, 3, 1, 0, 3], 5);
    expect([...starts]).toEqual([0, 2, 3, 3, 6, 6]);
    expect([...positions]).toEqual([1, 4, 3, 0, 2, 5]);
  });

  it('refuses a token that the vocabulary does not have', () => {
    expect(() => tokenCsr([0, 5], 5)).toThrow('token 5 is not in 0 … 4');
  });
});
