import { describe, expect, it } from 'vitest';
import type { GateMode, LayerPolicy, Selection, Slot } from '../../src/config/experiment.ts';
import { routerTopkBackward, routerTopkForward } from '../../src/kernels/router.ts';
import { slotRecords } from '../../src/kernels/slots.ts';
import * as reference from '../../src/reference/routerTopk.ts';
import { useDevice } from '../support/gpu.ts';
import {
  expectClose,
  GRADIENT,
  OUTPUT,
  padRows,
  randomFloats,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';
import { CONSTANT, COPY, ffn, negated, ranksFirst, ZERO } from '../support/routing.ts';

const device = useDevice();

const GATES: GateMode[] = [
  'softmax',
  'renormalized',
  'renormalizedWithNull',
  'renormalizedWithoutZero',
];
const MIXED: Slot[] = [ffn(2), ZERO, negated(0), COPY, ffn(3), CONSTANT, ZERO, negated(1), ffn(1)];
const plain = (R: number): Slot[] => Array.from({ length: R }, () => ffn(4));

interface Case {
  T: number;
  slots: readonly Slot[];
  gate: GateMode;
  selection: Exclude<Selection, 'hash' | 'expertChoice'>;
  K?: number;
  P?: number;
  q?: number;
  policy?: LayerPolicy;
}

const DROP = { seed: 77, step: 5, layer: 2 };
/** Loss weights and gradients that reach the router beside those of the output. */
const REWARD = 0.3;
const DYNAMIC = 0.2;

function rankCount({ selection, K = 1, slots }: Case): number {
  const most = { topk: K, topp: slots.length, randomDrop: 2, adaptive: 3 }[selection];
  return Math.min(most, slots.length);
}

function rule({ T, selection, K, P, q, policy }: Case): reference.SelectionRule {
  switch (selection) {
    case 'topk':
      return { kind: 'topk', K: K! };
    case 'topp':
      return { kind: 'topp', P: P! };
    case 'randomDrop':
      return { kind: 'randomDrop', dropped_T: reference.randomDrops(q!, { ...DROP, T }) };
    case 'adaptive':
      return { kind: 'adaptive', policy: policy! };
  }
}

function referenceDims(given: Case): reference.RouterTopkDims {
  const { T, slots, gate } = given;
  const kinds = slots.map(({ kind }) => kind);
  return { T, R: slots.length, kinds, gate, selection: rule(given) };
}

/** The reference's selection with as many ranks as the kernels have, ranks slowest. */
function wantedSelection(out: reference.RouterTopkOut, T: number, W: number): Int32Array {
  const wide = new Int32Array(T * W).fill(-1);
  for (let t = 0; t < T; t++) {
    wide.set(out.selected_TW.subarray(t * out.W, (t + 1) * out.W), t * W);
  }
  return ranksFirst(wide, W);
}

function stepNumbers({ P = 1, q = 0 }: Case) {
  return {
    drop_enabled: 1,
    drop_step: DROP.step,
    drop_threshold: Math.min(Math.ceil(q * 2 ** 32), 2 ** 32 - 1),
    drop_all: q >= 1 ? 1 : 0,
    seed: DROP.seed,
    top_p: P,
    reward_alpha2: REWARD,
    dynamic_w: DYNAMIC,
  };
}

/** Forward of `z`, and with `upstream` backward of the kernel's own p, g and selection. */
function runKernels(
  given: Case,
  z: Float32Array,
  upstream?: { dg_WT: Float32Array; aux_dp_R: Float32Array; dz_TR: Float32Array | null },
) {
  const { T, slots, gate, selection, K = 1, policy = null } = given;
  const R = slots.length;
  const W = rankCount(given);
  return withBench(
    device(),
    async (bench) => {
      const io = {
        z_TR: bench.input('z_TR', padRows(z, R)),
        slots_R: bench.input('slots_R', slotRecords(slots)),
        p_TR: bench.output('p_TR', padRows(z, R).length),
        g_TR: bench.output('g_TR', padRows(z, R).length),
        selected_WT: bench.output('selected_WT', W * T),
      };
      bench.setStep(stepNumbers(given));
      const dims = { T, R, W, K, selection, gate, layer: DROP.layer, policy };
      await bench.run((plan) => routerTopkForward(plan, io, dims));
      const out = {
        p: unpadRows(await bench.read(io.p_TR), R, 'p'),
        g: unpadRows(await bench.read(io.g_TR), R, 'g'),
        selected_WT: new Int32Array((await bench.readWords(io.selected_WT)).buffer),
        dz: new Float32Array(),
      };
      if (!upstream) return out;
      const { dz_TR: before } = upstream;
      const grads = {
        dg_WT: bench.input('dg_WT', upstream.dg_WT),
        aux_dp_R: bench.input('aux_dp_R', upstream.aux_dp_R),
        dz_TR: before
          ? bench.input('dz_TR', padRows(before, R))
          : bench.output('dz_TR', padRows(z, R).length),
      };
      const backward = { T, R, W, gate, accumulate: before !== null };
      await bench.run((plan) => routerTopkBackward(plan, { ...io, ...grads }, backward));
      return { ...out, dz: unpadRows(await bench.read(grads.dz_TR), R, 'dz') };
    },
    { maxGrid: 2 },
  );
}

function expectForward(given: Case, z: Float32Array, got: Awaited<ReturnType<typeof runKernels>>) {
  const { T, slots } = given;
  const { out, saved } = reference.forward({ z_TR: toReal(z) }, referenceDims(given));
  const wanted = wantedSelection(out, T, rankCount(given));
  expect([...got.selected_WT]).toEqual([...wanted]);
  expectClose(got.p, out.p_TR, OUTPUT, 'p', [T, slots.length]);
  expectClose(got.g, out.gates_TR, OUTPUT, 'g', [T, slots.length]);
  return { out, saved };
}

/** Gradients of g by rank, of the reward and of the losses, as the reference takes them. */
function referenceBackward(
  given: Case,
  { out, saved }: ReturnType<typeof reference.forward>,
  upstream: { dg_WT: Float32Array; aux_dp_R: Float32Array },
): ArrayLike<number> {
  const { T, slots } = given;
  const R = slots.length;
  const dp_TR = out.p_TR.map(
    (p, i) => upstream.aux_dp_R[i % R]! - (p > 0 ? (DYNAMIC / T) * (Math.log(p) + 1) : 0),
  );
  const dgates_TR = new Float64Array(T * R);
  for (let i = 0; i < T * R; i++) if (slots[i % R]!.kind === 'zero') dgates_TR[i] = -REWARD / T;
  wantedSelection(out, T, rankCount(given)).forEach((slot, i) => {
    if (slot >= 0) dgates_TR[(i % T) * R + slot]! += upstream.dg_WT[i]!;
  });
  return reference.backward({ dp_TR, dgates_TR }, saved, referenceDims(given)).dz_TR;
}

const SELECTIONS: [string, Omit<Case, 'gate'>][] = [
  ['T = 1, R = 1', { T: 1, slots: plain(1), selection: 'topk', K: 1 }],
  ['K = 3 of 9', { T: 130, slots: MIXED, selection: 'topk', K: 3 }],
  ['K = R', { T: 40, slots: MIXED, selection: 'topk', K: 9 }],
  ['K above R', { T: 10, slots: plain(3), selection: 'topk', K: 5 }],
  ['R = 64', { T: 70, slots: plain(64), selection: 'topk', K: 4 }],
  ['R = 256', { T: 20, slots: plain(256), selection: 'topk', K: 2 }],
  ['top-P', { T: 65, slots: MIXED, selection: 'topp', P: 0.7 }],
  ['top-P of everything', { T: 9, slots: MIXED, selection: 'topp', P: 1.1 }],
  ['random drop', { T: 200, slots: MIXED, selection: 'randomDrop', q: 0.4 }],
  ['always drop', { T: 30, slots: MIXED, selection: 'randomDrop', q: 1 }],
  ['random drop, R = 1', { T: 5, slots: plain(1), selection: 'randomDrop', q: 0.5 }],
  ['adaptive top-2', { T: 30, slots: MIXED, selection: 'adaptive', policy: { kind: 'top-2' } }],
  [
    'adaptive by token',
    {
      T: 90,
      slots: MIXED,
      selection: 'adaptive',
      policy: { kind: 'dynamic', alpha: 0.45, beta: 0.3 },
    },
  ],
];

describe.each(GATES)('routerTopk with gate %s', (gate) => {
  it.each(SELECTIONS)('equals the reference, forward and backward: %s', async (_, rest) => {
    const given = { ...rest, gate };
    const { T, slots } = given;
    const W = rankCount(given);
    const z = randomFloats(T * slots.length, 21, 2.5);
    const upstream = {
      dg_WT: randomFloats(W * T, 22),
      aux_dp_R: randomFloats(slots.length, 23, 0.1),
      dz_TR: null,
    };
    const got = await runKernels(given, z, upstream);
    const want = expectForward(given, z, got);
    const dz = referenceBackward(given, want, upstream);
    expectClose(got.dz, dz, GRADIENT, 'dz', [T, slots.length]);

    const carried = randomFloats(dz.length, 24);
    const added = await runKernels(given, z, { ...upstream, dz_TR: carried });
    const sum = Array.from(carried, (value, i) => value + dz[i]!);
    expectClose(added.dz, sum, GRADIENT, 'dz, added', [T, slots.length]);
  });

  it('stands logits of ±1e4', async () => {
    const given: Case = { T: 66, slots: MIXED, gate, selection: 'topk', K: 4 };
    const z = randomFloats(66 * 9, 25, 1e4);
    expectForward(given, z, await runKernels(given, z));
  });
});

describe('routerTopk', () => {
  it('gives ties to the lower slot', async () => {
    const given: Case = { T: 3, slots: plain(8), gate: 'renormalized', selection: 'topk', K: 3 };
    const z = Float32Array.from([
      ...[0, 0, 0, 0, 0, 0, 0, 0],
      ...[1, 2, 2, 1, 2, 0, 1, 2],
      ...[-5, -5, 3, -5, -5, -5, -5, -5],
    ]);
    const got = await runKernels(given, z);
    expectForward(given, z, got);
    const ofToken = (t: number) => [0, 1, 2].map((w) => got.selected_WT[w * 3 + t]);
    expect([ofToken(0), ofToken(1), ofToken(2)]).toEqual([
      [0, 1, 2],
      [1, 2, 4],
      [2, 0, 1],
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'makes the row of a logit of %d not a number, and no other',
    async (bad) => {
      const given: Case = { T: 5, slots: plain(6), gate: 'softmax', selection: 'topk', K: 5 };
      const z = randomFloats(5 * 6, 26, 3);
      const good = await runKernels(given, z);
      z[2 * 6 + 1] = bad;
      const got = await runKernels(given, z);
      for (let t = 0; t < 5; t++) {
        const row = got.p.slice(t * 6, (t + 1) * 6);
        if (t === 2) expect(row.every(Number.isNaN)).toBe(true);
        else expect(row).toEqual(good.p.slice(t * 6, (t + 1) * 6));
      }
      const chosen = [0, 1, 2, 3, 4].map((w) => got.selected_WT[w * 5 + 2]!);
      expect(new Set(chosen).size).toBe(5);
      expect(chosen.every((slot) => slot >= 0 && slot < 6)).toBe(true);
      if (bad === Number.POSITIVE_INFINITY) expect(chosen[0]).toBe(1);
      else expect(chosen).not.toContain(1);
    },
  );

  it('chooses different slots where no logit is a number', async () => {
    const given: Case = { T: 1, slots: plain(4), gate: 'softmax', selection: 'topk', K: 4 };
    const got = await runKernels(given, new Float32Array(4).fill(Number.NaN));
    expect([...got.selected_WT]).toEqual([0, 1, 2, 3]);
    expect(got.p.every(Number.isNaN)).toBe(true);
  });
});
