import { describe, expect, it } from 'vitest';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { alibiSlopes } from '../../src/kernels/attention.ts';
import { attentionBackward, attentionForward } from '../../src/kernels/bodies.ts';
import { pad4 } from '../../src/layout/sizes.ts';
import * as reference from '../../src/reference/attention.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  expectClose,
  GRADIENT,
  joinColumns,
  type KernelBench,
  OUTPUT,
  padRows,
  randomFloats,
  splitColumns,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();
const plainDevice = useDevice(() => []);

interface Case extends reference.AttentionDims {
  alibi?: boolean;
}

interface Heads {
  q: Float32Array;
  k: Float32Array;
  v: Float32Array;
  dout: Float32Array;
}

function randomHeads({ B, S, H, G, C }: Case, seed: number, scale = 1): Heads {
  const T = B * S;
  return {
    q: randomFloats(T * H * C, seed, scale),
    k: randomFloats(T * G * C, seed + 1, scale),
    v: randomFloats(T * G * C, seed + 2),
    dout: randomFloats(T * H * C, seed + 3),
  };
}

/** Forward and backward of the kernels on unpadded heads. */
async function runKernels(bench: KernelBench, sizes: Case, { q, k, v, dout }: Heads) {
  const { B, S, H, G, C, alibi } = sizes;
  const T = B * S;
  const width = pad4(C);
  const widths = [H * width, G * width, G * width];
  // The q and k parts of qkv_TX are the raw heads, which attention must not read.
  const raw = [new Float32Array(T * H * width).fill(9), new Float32Array(T * G * width).fill(9)];
  const io = {
    q_TX: bench.input('q_TX', padRows(q, C)),
    k_TX: bench.input('k_TX', padRows(k, C)),
    qkv_TX: bench.input('qkv_TX', joinColumns([...raw, padRows(v, C)], widths)),
    slopes_H: bench.input('slopes_H', alibi ? alibiSlopes(H) : new Float32Array(H)),
    attn_TX: bench.output('attn_TX', T * H * width),
    softmax_TH: bench.output('softmax_TH', T * H * 2),
    dattn_TX: bench.input('dattn_TX', padRows(dout, C)),
    delta_TH: bench.output('delta_TH', T * H),
    dqkv_TX: bench.output('dqkv_TX', T * (H + 2 * G) * width),
  };
  await bench.run((plan) => {
    attentionForward(plan, io, { T, S, H, G, C });
    attentionBackward(plan, io, { T, S, H, G, C });
  });
  const [dq, dk, dv] = splitColumns(await bench.read(io.dqkv_TX), widths);
  return {
    out: unpadRows(await bench.read(io.attn_TX), C, 'attn_TX'),
    dq: unpadRows(dq!, C, 'dq'),
    dk: unpadRows(dk!, C, 'dk'),
    dv: unpadRows(dv!, C, 'dv'),
  };
}

function runReference(sizes: Case, { q, k, v, dout }: Heads) {
  const inputs = {
    q_THC: toReal(q),
    k_TGC: toReal(k),
    v_TGC: toReal(v),
    slopes_H: sizes.alibi ? reference.alibiSlopes(sizes.H) : null,
  };
  const { out, saved } = reference.forward(inputs, sizes);
  return { out, ...reference.backward(toReal(dout), saved, sizes) };
}

describe.each(ADAPTER_CLASSES)('attention on a %s adapter', (adapterClass) => {
  const onBench = <T>(test: (bench: KernelBench) => Promise<T>) =>
    withBench(device(), test, { adapterClass });

  const cases: Case[] = [
    { B: 1, S: 1, H: 1, G: 1, C: 1 },
    { B: 3, S: 1, H: 2, G: 1, C: 4 },
    { B: 2, S: 17, H: 3, G: 1, C: 10 },
    { B: 1, S: 63, H: 4, G: 2, C: 8, alibi: true },
    { B: 2, S: 65, H: 6, G: 3, C: 16, alibi: true },
    { B: 1, S: 129, H: 2, G: 2, C: 32 },
    { B: 1, S: 64, H: 2, G: 1, C: 36 },
    { B: 1, S: 33, H: 1, G: 1, C: 128 },
    { B: 2, S: 100, H: 4, G: 2, C: 40, alibi: true },
    { B: 1, S: 96, H: 2, G: 1, C: 64 },
  ];
  it.each(cases)('equals the reference: %o', async (sizes) => {
    await onBench(async (bench) => {
      const heads = randomHeads(sizes, 11, 2);
      const got = await runKernels(bench, sizes, heads);
      const want = runReference(sizes, heads);
      const { B, S, H, G, C } = sizes;
      expectClose(got.out, want.out, OUTPUT, 'attn', [B * S, H, C]);
      expectClose(got.dq, want.dq_THC, GRADIENT, 'dq', [B * S, H, C]);
      expectClose(got.dk, want.dk_TGC, GRADIENT, 'dk', [B * S, G, C]);
      expectClose(got.dv, want.dv_TGC, GRADIENT, 'dv', [B * S, G, C]);
    });
  });

  it.each([
    { S: 1, at: 0 },
    { S: 21, at: 0 },
  ])('gives a query that sees only itself no gradient at all: %o', async ({ S, at }) => {
    await onBench(async (bench) => {
      const sizes: Case = { B: 2, S, H: 4, G: 1, C: 6 };
      const { dq, dk } = await runKernels(bench, sizes, randomHeads(sizes, 31, 2));
      const width = sizes.H * sizes.C;
      expect(Math.max(...dq.slice(at * width, (at + 1) * width).map(Math.abs))).toBe(0);
      if (S === 1) expect(Math.max(...dk.map(Math.abs))).toBe(0);
    });
  });

  it('stands scores of 1e4', async () => {
    await onBench(async (bench) => {
      const sizes: Case = { B: 1, S: 21, H: 2, G: 1, C: 4 };
      const heads = randomHeads(sizes, 5);
      // Whole numbers, so that float32 scores are exact and ties are ties.
      heads.q = heads.q.map((x) => Math.round(x * 3) * 50);
      heads.k = heads.k.map((x) => Math.round(x * 3) * 50);
      const got = await runKernels(bench, sizes, heads);
      const want = runReference(sizes, heads);
      expectClose(got.out, want.out, OUTPUT, 'attn');
      expectClose(got.dv, want.dv_TGC, GRADIENT, 'dv');
      expectClose(got.dq, want.dq_THC, GRADIENT, 'dq');
      expectClose(got.dk, want.dk_TGC, GRADIENT, 'dk');
    });
  });

  it.each([
    { scale: 1e3 },
    { scale: 1e3, alibi: true },
    { scale: 1e5 },
    { scale: 1e5, alibi: true },
  ])('gives each query one key, back as forth, where heads are large: %o', async (large) => {
    await onBench(async (bench) => {
      const sizes: Case = { B: 2, S: 37, H: 4, G: 2, C: 12, alibi: large.alibi ?? false };
      const heads = randomHeads(sizes, 51, large.scale);
      const got = await runKernels(bench, sizes, heads);
      const want = runReference(sizes, heads);
      // Scores are 1e6 and more: outputs are values, and no score has a gradient.
      expect(Math.max(...want.dq_THC.map(Math.abs))).toBeLessThan(1e-10);
      expectClose(got.out, want.out, OUTPUT, 'attn');
      expectClose(got.dv, want.dv_TGC, GRADIENT, 'dv');
      expectClose(got.dq, want.dq_THC, GRADIENT, 'dq');
      expectClose(got.dk, want.dk_TGC, GRADIENT, 'dk');
    });
  });

  it('is causal: a later token changes no earlier output and gets no earlier gradient', async () => {
    const sizes: Case = { B: 2, S: 19, H: 2, G: 1, C: 8, alibi: true };
    const { S, H, G, C } = sizes;
    const changed = 12;
    const heads = randomHeads(sizes, 23);
    const other = randomHeads(sizes, 23);
    other.k.fill(1e3, changed * G * C, (changed + 1) * G * C);
    other.v.fill(-1e3, changed * G * C, (changed + 1) * G * C);
    other.q.fill(7, changed * H * C, (changed + 1) * H * C);
    // Only outputs before `changed` of sequence 0 have a gradient.
    for (const { dout } of [heads, other]) dout.fill(0, changed * H * C);
    await onBench(async (bench) => {
      const first = await runKernels(bench, sizes, heads);
      const second = await runKernels(bench, sizes, other);
      const earlier = (x: Float32Array, heads: number) => x.slice(0, changed * heads * C);
      expect(earlier(second.out, H)).toEqual(earlier(first.out, H));
      expect(second.out.slice(S * H * C)).toEqual(first.out.slice(S * H * C));
      expect(second.out).not.toEqual(first.out);
      expect(earlier(second.dk, G)).toEqual(earlier(first.dk, G));
      for (const gradient of [second.dk, second.dv]) {
        expect(gradient.slice(changed * G * C).every((x) => x === 0)).toBe(true);
      }
    });
  });

  it('gives the same bits twice', async () => {
    const sizes: Case = { B: 2, S: 37, H: 4, G: 2, C: 12 };
    const heads = randomHeads(sizes, 31);
    await onBench(async (bench) => {
      expect(await runKernels(bench, sizes, heads)).toEqual(await runKernels(bench, sizes, heads));
    });
  });

  it('refuses sizes that do not divide each other', async () => {
    await onBench(async (bench) => {
      const slice = bench.output('x', 4);
      const io = {
        q_TX: slice,
        k_TX: slice,
        qkv_TX: slice,
        slopes_H: slice,
        attn_TX: slice,
        softmax_TH: slice,
      };
      const forward = (T: number, S: number, H: number, G: number) =>
        bench.run((plan) => attentionForward(plan, io, { T, S, H, G, C: 4 }));
      await expect(forward(10, 4, 2, 1)).rejects.toThrow('S=4 does not divide T=10');
      await expect(forward(8, 4, 3, 2)).rejects.toThrow('G=2 does not divide H=3');
    });
  });
});

describe('alibiSlopes', () => {
  it('are powers of two down to 2⁻⁸ where H is one', () => {
    expect([...alibiSlopes(8)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => 2 ** -i));
  });

  it('continue with the odd heads of twice the next lower power', () => {
    // n = 4: 2⁻², 2⁻⁴, 2⁻⁶, 2⁻⁸; then heads 1 and 3 of 8.
    expect([...alibiSlopes(6)]).toEqual([2, 4, 6, 8, 1, 3].map((i) => 2 ** -i));
  });
});

it('has the default bodies on a software adapter without subgroups', async () => {
  const sizes: Case = { B: 2, S: 37, H: 4, G: 2, C: 8, alibi: true };
  const heads = randomHeads(sizes, 41);
  const run = (gpu: GPUDevice, adapterClass: AdapterClass) =>
    withBench(gpu, (bench) => runKernels(bench, sizes, heads), { adapterClass });
  expect(await run(plainDevice(), 'software')).toEqual(await run(device(), 'gpu'));
});
