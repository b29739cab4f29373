import { describe, expect, it } from 'vitest';
import type { GateMode, ScoreFunction, Slot } from '../../src/config/experiment.ts';
import { routerTopkForward } from '../../src/kernels/router.ts';
import { scoredBackward, scoreGates, scoresForward } from '../../src/kernels/scores.ts';
import { slotRecords } from '../../src/kernels/slots.ts';
import * as reference from '../../src/reference/routerTopk.ts';
import { useDevice } from '../support/gpu.ts';
import {
  expectClose,
  padRows,
  randomFloats,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();
const SCORES: readonly ScoreFunction[] = ['softmax', 'sigmoid', 'sqrtSoftplus'];
const GATES: readonly GateMode[] = [
  'softmax',
  'renormalized',
  'renormalizedWithNull',
  'renormalizedWithoutZero',
];
const OUTPUT = { abs: 1e-6, rel: 1e-5 };
const GRADIENT = { abs: 1e-6, rel: 5e-5 };
const REWARD = 0.3;
const DYNAMIC = 0.2;
const T = 130;
const K = 3;
const SLOTS: readonly Slot[] = [
  { kind: 'ffn', hidden: 4 },
  { kind: 'zero' },
  { kind: 'negated', of: 0 },
  { kind: 'copy' },
  { kind: 'ffn', hidden: 4 },
  { kind: 'zero' },
  { kind: 'constant' },
];
const R = SLOTS.length;

interface Case {
  score: ScoreFunction;
  gate: GateMode;
  routeScale: number;
  bias: Float32Array | null;
  /** Whether the losses of gates and of single p count; they do unless said. */
  hasLosses?: boolean;
}

function run({ score, gate, routeScale, bias, hasLosses = true }: Case, z: Float32Array) {
  const dg_WT = randomFloats(K * T, 2);
  const dp = randomFloats(R, 3, 0.1);
  const carried = randomFloats(T * R, 4);
  return withBench(
    device(),
    async (bench) => {
      const padded = padRows(z, R).length;
      const z_TR = bench.input('z_TR', padRows(z, R));
      const own = { l_TR: bench.output('l_TR', padded), s_TR: bench.output('s_TR', padded) };
      const io = {
        slots_R: bench.input('slots_R', slotRecords(SLOTS)),
        p_TR: bench.output('p_TR', padded),
        g_TR: bench.output('g_TR', padded),
        selected_WT: bench.output('selected_WT', K * T),
      };
      const isSoftmax = score === 'softmax';
      const logits = isSoftmax ? z_TR : own.l_TR;
      const bias_R = bias && bench.input('bias_R', bias);
      const order_TR = bias === null ? z_TR : isSoftmax ? null : own.s_TR;
      const by = bias === null ? 'logit' : isSoftmax ? 'probability' : 'score';
      const grads = {
        dg_WT: bench.input('dg_WT', dg_WT),
        aux_dp_R: bench.input('aux_dp_R', dp),
        dz_TR: bench.input('dz_TR', padRows(carried, R)),
      };
      bench.setStep({ reward_alpha2: REWARD, dynamic_w: DYNAMIC, drop_enabled: 1 });
      const dims = { T, R, W: K, gate, score, routeScale };
      const topk = { ...dims, K, selection: 'topk', layer: 0, policy: null } as const;
      await bench.run((plan) => {
        if (!isSoftmax) scoresForward(plan, { z_TR, ...own }, dims);
        routerTopkForward(plan, { ...io, z_TR: logits }, topk, { by, order_TR, bias_R });
        scoreGates(plan, { ...io, s_TR: isSoftmax ? io.p_TR : own.s_TR }, dims);
        scoredBackward(plan, { ...io, ...grads, z_TR }, { ...dims, accumulate: true, hasLosses });
      });
      const rows = async (slice: Parameters<typeof bench.read>[0], name: string) =>
        unpadRows(await bench.read(slice), R, name);
      const dz = await rows(grads.dz_TR, 'dz');
      return {
        p: await rows(io.p_TR, 'p'),
        s: isSoftmax ? await rows(io.p_TR, 'p') : await rows(own.s_TR, 's'),
        g: await rows(io.g_TR, 'g'),
        selected_WT: new Int32Array((await bench.readWords(io.selected_WT)).buffer),
        dz: dz.map((value, i) => value - carried[i]!),
        dg_WT,
        dp,
      };
    },
    { maxGrid: 2 },
  );
}

function want(
  { score, gate, routeScale, bias, hasLosses = true }: Case,
  z: Float32Array,
  got: Awaited<ReturnType<typeof run>>,
) {
  const [reward, dynamic] = hasLosses ? [REWARD, DYNAMIC] : [0, 0];
  const kinds = SLOTS.map(({ kind }) => kind);
  const selection = { kind: 'topk', K } as const;
  const dims = { T, R, kinds, gate, selection, score, routeScale };
  const inputs = { z_TR: toReal(z), bias_R: bias && toReal(bias) };
  const { out, saved } = reference.forward(inputs, dims);
  const dgates_TR = Float64Array.from({ length: T * R }, (_, i) =>
    kinds[i % R] === 'zero' ? -reward / T : 0,
  );
  out.selected_TW.forEach((slot, i) => {
    const t = Math.floor(i / K);
    if (slot >= 0) dgates_TR[t * R + slot]! += got.dg_WT[(i % K) * T + t]!;
  });
  const dp_TR = out.p_TR.map(
    (p, i) => got.dp[i % R]! - (p > 0 ? (dynamic / T) * (Math.log(p) + 1) : 0),
  );
  return { out, dz: reference.backward({ dp_TR, dgates_TR }, saved, dims).dz_TR };
}

describe.each(SCORES)('scores: %s', (score) => {
  it.each(
    GATES.flatMap((gate) => [
      { gate, routeScale: 2.5, bias: null },
      { gate, routeScale: 1, bias: randomFloats(R, 9, 0.4) },
      { gate, routeScale: 1.5, bias: null, hasLosses: false },
    ]),
  )('equals the reference, forward and backward: %j', async (rest) => {
    const given = { score, ...rest };
    const z = randomFloats(T * R, 1, 4);
    const got = await run(given, z);
    const { out, dz } = want(given, z, got);
    const byRank = Int32Array.from(
      { length: K * T },
      (_, i) => out.selected_TW[(i % T) * K + Math.floor(i / T)]!,
    );
    expect([...got.selected_WT]).toEqual([...byRank]);
    expectClose(got.s, out.s_TR, OUTPUT, 's', [T, R]);
    expectClose(got.p, out.p_TR, OUTPUT, 'p', [T, R]);
    expectClose(got.g, out.gates_TR, OUTPUT, 'g', [T, R]);
    expectClose(got.dz, dz, GRADIENT, 'dz', [T, R]);
  });

  it('stands logits far out, and passes on what is not a number', async () => {
    const given: Case = { score, gate: 'renormalized', routeScale: 1, bias: null };
    const z = Float32Array.from({ length: T * R }, (_, i) => ((i * 37) % 401) - 200);
    const got = await run(given, z);
    const { out } = want(given, z, got);
    expectClose(got.p, out.p_TR, { abs: 1e-6, rel: 2e-5 }, 'p', [T, R]);
    expectClose(got.g, out.gates_TR, { abs: 1e-6, rel: 2e-5 }, 'g', [T, R]);
    expect(got.dz.every(Number.isFinite)).toBe(true);
    z[R + 2] = Number.NaN;
    const broken = await run(given, z);
    expect(broken.p.slice(R, 2 * R).every(Number.isNaN)).toBe(true);
    expect(broken.p.slice(0, R)).toEqual(got.p.slice(0, R));
  });
});
