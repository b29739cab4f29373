import { describe, expect, it } from 'vitest';
import { cachedAttention } from '../../src/kernels/bodies.ts';
import {
  attentionCachedForward,
  type CachedBuffers,
  headPrepareCachedForward,
} from '../../src/kernels/cached.ts';
import { ropeTables } from '../../src/kernels/headPrepare.ts';
import * as software from '../../src/kernels/software/cached.ts';
import { pad4 } from '../../src/layout/sizes.ts';
import * as attention from '../../src/reference/attention.ts';
import * as headPrepare from '../../src/reference/headPrepare.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  type BenchOptions,
  expectClose,
  joinColumns,
  OUTPUT,
  padRows,
  randomFloats,
  randomIndices,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

/** Tokens of any sequences and positions whose earlier ones are in a cache, beside whole sequences. */

const device = useDevice();
const EPS = 1e-5;

interface Case {
  B: number;
  S: number;
  H: number;
  G: number;
  C: number;
  alibi?: boolean;
  /** Of all numbers. */
  scale?: number;
}

const CASES: Case[] = [
  { B: 1, S: 1, H: 1, G: 1, C: 1 },
  { B: 3, S: 5, H: 2, G: 1, C: 4 },
  { B: 2, S: 64, H: 3, G: 1, C: 10 },
  { B: 1, S: 65, H: 6, G: 3, C: 16, alibi: true },
  { B: 2, S: 131, H: 2, G: 2, C: 32 },
  { B: 1, S: 70, H: 1, G: 1, C: 264, alibi: true },
  { B: 1, S: 67, H: 2, G: 1, C: 20, scale: 30 },
];

/** Some tokens of all, in no order: the last of every sequence among them. */
function someTokens({ B, S }: Case): number[] {
  const some = randomIndices(7, B * S, 3);
  return [...some, ...Array.from({ length: B }, (_, b) => b * S + S - 1)];
}

function placesOf(tokens: readonly number[], S: number): Uint32Array {
  return Uint32Array.from(tokens.flatMap((t) => [Math.floor(t / S) * S, t % S]));
}

/** Rows of the given tokens. */
function pick(rows: ArrayLike<number>, tokens: readonly number[], width: number): Float32Array {
  return Float32Array.from(
    tokens.flatMap((t) => Array.from({ length: width }, (_, i) => rows[t * width + i]!)),
  );
}

function attend(sizes: Case, options: BenchOptions) {
  const { B, S, H, G, C, alibi, scale = 1 } = sizes;
  const T = B * S;
  const width = pad4(C);
  const [q, k] = [randomFloats(T * H * C, 1, scale), randomFloats(T * G * C, 2, scale)];
  const v = randomFloats(T * G * C, 3);
  const slopes = alibi ? attention.alibiSlopes(H) : null;
  const inputs = { q_THC: toReal(q), k_TGC: toReal(k), v_TGC: toReal(v), slopes_H: slopes };
  const { out } = attention.forward(inputs, sizes);
  const tokens = someTokens(sizes);
  return withBench(
    device(),
    async (bench) => {
      const scores = bench.output('scores', tokens.length * H * pad4(S));
      const io: CachedBuffers = {
        q_TX: bench.input('q_TX', padRows(pick(q, tokens, H * C), C)),
        keys_BSX: bench.input('keys_BSX', padRows(k, C)),
        values_BSX: bench.input('values_BSX', padRows(v, C)),
        slopes_H: bench.input('slopes_H', Float32Array.from(slopes ?? new Float32Array(H))),
        places_T: bench.input('places_T', placesOf(tokens, S)),
        attn_TX: bench.output('attn_TX', tokens.length * H * width),
        scores: () => scores,
      };
      const body = options.adapterClass === 'software' ? software : { attentionCachedForward };
      await bench.run((plan) =>
        body.attentionCachedForward(plan, io, { T: tokens.length, S, H, G, C }),
      );
      const got = unpadRows(await bench.read(io.attn_TX), C, 'attn_TX');
      return { got, want: pick(out, tokens, H * C) };
    },
    options,
  );
}

describe.each(ADAPTER_CLASSES)('attention to a cache on a %s adapter', (adapterClass) => {
  it.each(CASES)('is that of the reference: %o', async (sizes) => {
    const { got, want } = await attend(sizes, { adapterClass });
    expectClose(got, want, OUTPUT, 'attn');
  });

  it('has the same bits from a grid that is folded over two dimensions', async () => {
    const whole = await attend(CASES[4]!, { adapterClass });
    expect(await attend(CASES[4]!, { adapterClass, maxGrid: 3 })).toEqual(whole);
  });

  it('has the body that suits the adapter', async () => {
    const want = adapterClass === 'software' ? software.attentionCachedForward : undefined;
    expect((await cachedAttention({ adapterClass }))?.attentionCachedForward).toBe(want);
  });
});

describe('headPrepare for a cache', () => {
  it.each([
    { B: 1, S: 1, H: 1, G: 1, C: 2, rope: true, keyNorm: false },
    { B: 2, S: 7, H: 3, G: 1, C: 10, rope: true, keyNorm: true },
    { B: 3, S: 65, H: 4, G: 2, C: 16, rope: true, keyNorm: false },
    { B: 2, S: 5, H: 2, G: 2, C: 7, rope: false, keyNorm: true },
    { B: 1, S: 9, H: 2, G: 1, C: 4, rope: false, keyNorm: false },
  ])('puts keys and values where they belong, and nothing else: %o', async (sizes) => {
    const { B, S, H, G, C, rope, keyNorm } = sizes;
    const T = B * S;
    const width = pad4(C);
    const [q, k, v] = [H, G, G].map((heads, i) => randomFloats(T * heads * C, i + 1));
    const w = randomFloats(C, 9);
    const dims = { T, S, H, G, C, ropeBase: rope ? 500 : null, eps: EPS };
    const inputs = {
      q_THC: toReal(q!),
      k_TGC: toReal(k!),
      kNorm_C: keyNorm ? toReal(w) : null,
    };
    const { out } = headPrepare.forward(inputs, dims);
    const tokens = [...new Set(someTokens(sizes))];
    await withBench(device(), async (bench) => {
      const table = rope ? ropeTables(S, C, 500) : null;
      const rows = [q!, k!, v!].map((all, i) =>
        padRows(pick(all, tokens, (i === 0 ? H : G) * C), C),
      );
      const io = {
        qkv_TX: bench.input(
          'qkv_TX',
          joinColumns(
            rows,
            [H, G, G].map((n) => n * width),
          ),
        ),
        rope: table && {
          cos_SP: bench.input('cos_SP', table.cos),
          sin_SP: bench.input('sin_SP', table.sin),
        },
        w_C: keyNorm ? bench.input('w_C', padRows(w, C)) : null,
        places_T: bench.input('places_T', placesOf(tokens, S)),
        q_TX: bench.output('q_TX', tokens.length * H * width),
        keys_BSX: bench.output('keys_BSX', T * G * width),
        values_BSX: bench.output('values_BSX', T * G * width),
      };
      const of = { T: tokens.length, S, H, G, C, eps: EPS };
      await bench.run((plan) => headPrepareCachedForward(plan, io, of));
      const queries = unpadRows(await bench.read(io.q_TX), C, 'q');
      expectClose(queries, pick(out.q_THC, tokens, H * C), OUTPUT, 'q');
      for (const [name, want] of [
        ['keys_BSX', out.k_TGC],
        ['values_BSX', v!],
      ] as const) {
        const all = await bench.read(io[name]);
        const got = unpadRows(pick(all, tokens, G * width), C, name);
        expectClose(got, pick(want, tokens, G * C), OUTPUT, name);
        const written = all.filter((x) => !Number.isNaN(x)).length;
        expect(written).toBe(tokens.length * G * width);
      }
    });
  });
});
