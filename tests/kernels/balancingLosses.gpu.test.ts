import { describe, expect, it } from 'vitest';
import type { BalanceConfig } from '../../src/config/auxTerms.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import {
  balanceLossBackward,
  balanceLossForward,
  keepCounts,
  zlossBackward,
  zlossForward,
} from '../../src/kernels/balancingLosses.ts';
import { historyStride } from '../../src/kernels/codes.ts';
import * as reference from '../../src/reference/balancingLosses.ts';
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
import { randomChoice, ranksFirst } from '../support/routing.ts';

const device = useDevice();
/** Row of aux_LA that this layer owns, of three, and the terms of a row. */
const LAYER = 1;
const TERMS = 7;
const [ZLOSS, BALANCE] = [5, 6];
/** As kernels know a slot that is not left. */
const LOWEST = Math.fround(-3e38);

interface Case {
  B: number;
  S: number;
  R: number;
  K: number;
  seed: number;
  /** Slots that each sequence is left with; all where absent. */
  pool?: number;
}

const CASES: [string, Case][] = [
  ['one token, one slot', { B: 1, S: 1, R: 1, K: 1, seed: 1 }],
  ['several sequences', { B: 3, S: 37, R: 6, K: 2, seed: 2 }],
  ['more slots than lanes', { B: 2, S: 40, R: 70, K: 3, seed: 3 }],
  ['more sequences than lanes', { B: 70, S: 3, R: 5, K: 2, seed: 4 }],
  ['pools', { B: 4, S: 19, R: 7, K: 2, seed: 5, pool: 3 }],
];

/** Logits, p of those that are left, and a selection among them. */
function inputs({ B, S, R, K, seed, pool = R }: Case) {
  const T = B * S;
  const z = randomFloats(T * R, seed, 3);
  const pool_TR = Uint8Array.from({ length: T * R }, (_, i) => {
    const b = Math.floor(i / (R * S));
    return ((i % R) + b) % R < pool ? 1 : 0;
  });
  const p = z.map((value, i) => (pool_TR[i] === 1 ? Math.exp(value) : 0));
  for (let t = 0; t < T; t++) {
    const row = p.subarray(t * R, (t + 1) * R);
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((x, r) => {
      row[r] = x / sum;
    });
  }
  const choose = randomChoice(R, R, seed);
  const selected_TW = new Int32Array(T * K).fill(-1);
  for (let t = 0; t < T; t++) {
    const left = choose(t).filter((r) => pool_TR[t * R + r] === 1);
    selected_TW.set(left.slice(0, K), t * K);
  }
  return { T, z, p, pool_TR, selected_TW };
}

function runReference(
  given: Case,
  losses: reference.BalancingLossesDims['losses'],
  history: number[][],
) {
  const { S, R, K } = given;
  const { T, z, p, pool_TR, selected_TW } = inputs(given);
  return reference.forward(
    { z_TR: toReal(z), p_TR: toReal(p), selected_TW, pool_TR, history },
    { T, R, W: K, S, K, losses },
  );
}

describe.each(ADAPTER_CLASSES)('zloss on a %s adapter', (adapterClass) => {
  it.each(CASES)('equals the reference: %s', async (_, given) => {
    const { R } = given;
    const { T, z, pool_TR } = inputs(given);
    const coefficient = 0.3;
    const { out, saved } = runReference(given, { zloss: { coefficient } }, []);
    const left = z.map((value, i) => (pool_TR[i] === 1 ? value : LOWEST));
    const before = randomFloats(T * R, 77);
    await withBench(
      device(),
      async (bench) => {
        const io = {
          z_TR: bench.input('z_TR', padRows(left, R)),
          lse_T: bench.output('lse_T', T),
          aux_LA: bench.output('aux_LA', 3 * TERMS),
          dz_TR: bench.input('dz_TR', padRows(before, R)),
        };
        bench.setStep({ zloss_coefficient: coefficient });
        await bench.run((plan) => {
          zlossForward(plan, io, { T, R, layer: LAYER });
          zlossBackward(plan, io, { T, R });
        });
        const aux = await bench.read(io.aux_LA);
        expectClose([aux[TERMS * LAYER + ZLOSS]!], [out.zloss!], OUTPUT, 'zloss');
        expect(aux.filter(Number.isNaN)).toHaveLength(3 * TERMS - 1);
        const dz = unpadRows(await bench.read(io.dz_TR), R, 'dz');
        expectClose(
          dz,
          saved.dz_TR.map((d, i) => d + before[i]!),
          GRADIENT,
          'dz',
          [T, R],
        );
      },
      { adapterClass, maxGrid: 2 },
    );
  });
});

/** Term, gradient of every p, and the history after the step, of which `rows` are kept. */
function runBalance(
  adapterClass: AdapterClass,
  given: Case,
  balance: BalanceConfig,
  { history, rows, halted = false }: { history: number[][]; rows: number; halted?: boolean },
) {
  const { B, R, K } = given;
  const { T, z, p, pool_TR, selected_TW } = inputs(given);
  const S = balance.scope === 'sequence' ? given.S : T;
  const left = z.map((value, i) => (pool_TR[i] === 1 ? value : LOWEST));
  const own = randomFloats(R, 5);
  const stride = historyStride(rows);
  const words = new Uint32Array(R * stride);
  for (let r = 0; r < R && rows > 0; r++) {
    const counts = history.map((row) => row[r]!);
    const filled = counts.length;
    words.set([filled, filled % rows, counts.reduce((a, b) => a + b, 0), ...counts], r * stride);
  }
  return withBench(
    device(),
    async (bench) => {
      const io = {
        p_TR: bench.input('p_TR', padRows(p, R)),
        z_TR: bench.input('z_TR', padRows(left, R)),
        selected_WT: bench.input('selected_WT', new Uint32Array(ranksFirst(selected_TW, K).buffer)),
        load_BR2: bench.output('load_BR2', (T / S) * R * 2),
        history: rows > 0 ? bench.input('history', words) : null,
        weight_BR: bench.output('weight_BR', (T / S) * R),
        aux_dp_R: bench.input('aux_dp_R', own),
        aux_LA: bench.output('aux_LA', 3 * TERMS),
        dz_TR: bench.input('dz_TR', new Float32Array(padRows(p, R).length)),
        state: bench.input('state', new Uint32Array([halted ? 1 : 0, 0, 0])),
      };
      bench.setStep({ balance_coefficient: balance.coefficient });
      const isUnbiased = balance.counts === 'unbiased';
      const dims = { T, R, W: K, S, layer: LAYER, steps: rows, isUnbiased };
      await bench.run((plan) => balanceLossForward(plan, io, dims));
      const aux = await bench.read(io.aux_LA);
      const isWhole = S === T;
      if (!isWhole) await bench.run((plan) => balanceLossBackward(plan, io, { T, R, S, score: 0 }));
      const { history: kept } = io;
      if (kept)
        await bench.run((plan) => keepCounts(plan, { ...io, history: kept }, { R, steps: rows }));
      expect(aux.filter(Number.isNaN)).toHaveLength(3 * TERMS - 1);
      return {
        term: aux[TERMS * LAYER + BALANCE]!,
        dp_R: (await bench.read(io.aux_dp_R)).map((d, r) => d - own[r]!),
        dz: isWhole && B > 1 ? null : unpadRows(await bench.read(io.dz_TR), R, 'dz'),
        words: kept ? await bench.readWords(kept) : null,
      };
    },
    { adapterClass, maxGrid: 2 },
  );
}

/** dz of a softmax whose dp is given. */
function throughSoftmax(p: Float32Array, dp: ArrayLike<number>, R: number): Float64Array {
  return Float64Array.from(p, (own, i) => {
    const t = Math.floor(i / R);
    let inner = 0;
    for (let r = 0; r < R; r++) inner += p[t * R + r]! * dp[t * R + r]!;
    return own * (dp[i]! - inner);
  });
}

describe.each(ADAPTER_CLASSES)('balanceLoss on a %s adapter', (adapterClass) => {
  it.each(
    CASES.flatMap(([name, given]) =>
      (['selected', 'unbiased'] as const).map((counts) => [name, counts, given] as const),
    ),
  )('equals the reference by batch and by sequence: %s, counts %s', async (_, counts, given) => {
    const { R } = given;
    const { T, p } = inputs(given);
    for (const scope of ['batch', 'sequence'] as const) {
      const balance: BalanceConfig = { coefficient: 0.3, scope, counts };
      const { out, saved } = runReference(given, { balance }, []);
      const got = await runBalance(adapterClass, given, balance, { history: [], rows: 0 });
      expectClose([got.term], [out.balance!], OUTPUT, scope);
      if (scope === 'batch' || given.B === 1) {
        expectClose(got.dp_R, saved.dp_TR.slice(0, R), GRADIENT, 'dp');
        continue;
      }
      expectClose(got.dp_R, new Float32Array(R), GRADIENT, 'dp of the batch');
      expectClose(got.dz!, throughSoftmax(p, saved.dp_TR, R), GRADIENT, 'dz', [T, R]);
    }
  });

  it('counts the steps before, and keeps the newest', async () => {
    const [, given] = CASES[1]!;
    const { R } = given;
    const history = [
      [9, 0, 3, 1, 70, 2],
      [0, 40, 0, 5, 6, 1],
      [8, 8, 8, 8, 8, 8],
    ];
    for (const [n, rows] of [
      [0, 3],
      [2, 3],
      [3, 3],
    ] as const) {
      const balance: BalanceConfig = { coefficient: 0.3, scope: 'global', window: rows + 1 };
      const before = history.slice(0, n);
      const { out, saved, counts_R } = runReference(given, { balance }, before);
      const options = { history: before, rows };
      const got = await runBalance(adapterClass, given, balance, options);
      expectClose([got.term], [out.balance!], OUTPUT, `after ${n}`);
      expectClose(got.dp_R, saved.dp_TR.slice(0, R), GRADIENT, 'dp');
      const stride = historyStride(rows);
      const kept = [...before, counts_R].slice(-rows);
      for (let r = 0; r < R; r++) {
        const [filled, next, total, ...counts] = got.words!.subarray(r * stride, (r + 1) * stride);
        expect([filled, next]).toEqual([kept.length, (n + 1) % rows]);
        expect(total).toBe(kept.reduce((sum, row) => sum + row[r]!, 0));
        const oldest = n === rows ? (next as number) : 0;
        expect(kept.map((_, i) => counts[(oldest + i) % rows])).toEqual(kept.map((row) => row[r]));
      }
      const halted = await runBalance(adapterClass, given, balance, { ...options, halted: true });
      expect(halted.words!.subarray(0, 3)).toEqual(
        new Uint32Array([n, n % rows, before.reduce((sum, row) => sum + row[0]!, 0)]),
      );
    }
  });
});
