import { beforeAll, describe, expect, it } from 'vitest';
import type { BiasRule, Slot } from '../../src/config/experiment.ts';
import { uniform } from '../../src/config/hash.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { biasRuleWords, moveBias } from '../../src/kernels/biasRule.ts';
import { loadLabBodies } from '../../src/kernels/bodies.ts';
import { slotRecords } from '../../src/kernels/slots.ts';
import * as reference from '../../src/reference/biasRule.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  expectClose,
  padRows,
  randomFloats,
  toReal,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();
beforeAll(loadLabBodies);

/** Words of a telemetry record. */
const RECORD = 70;

interface Case {
  T: number;
  K: number;
  slots: readonly Slot[];
  rule: BiasRule;
}

const ffn = (count: number): Slot[] =>
  Array.from({ length: count }, () => ({ kind: 'ffn', hidden: 2 }));
const MIXED: readonly Slot[] = [
  ...ffn(3),
  { kind: 'copy' },
  { kind: 'negated', of: 1 },
  { kind: 'zero' },
];

/** Tokens of K slots each by s + b, ties to the lower slot. */
function countsOf(
  s: Float32Array,
  bias: ArrayLike<number>,
  T: number,
  R: number,
  K: number,
): number[] {
  const counts = new Array<number>(R).fill(0);
  for (let t = 0; t < T; t++) {
    const v = Array.from({ length: R }, (_, r) => [s[t * R + r]! + bias[r]!, r] as const);
    for (const [, r] of v.sort(([a, i], [b, j]) => b - a || i - j).slice(0, K)) counts[r]!++;
  }
  return counts;
}

/** b after so many steps on one score matrix, counts by s + b before each. */
function run(
  adapterClass: AdapterClass,
  { T, K, slots, rule }: Case,
  {
    s,
    bias,
    steps = 1,
    halted = 0,
  }: { s: Float32Array; bias: Float32Array; steps?: number; halted?: number },
): Promise<Float32Array> {
  const R = slots.length;
  return withBench(
    device(),
    async (bench) => {
      const load = new Float32Array(8 * R);
      const load_R8 = bench.input('load_R8', load);
      const words = biasRuleWords(rule, { T, K, slots });
      bench.setStep({ ring_slot: 1 });
      const io = {
        s_TR: bench.input('s_TR', padRows(s, R)),
        load_R8,
        slots_R: bench.input('slots_R', slotRecords(slots)),
        state: bench.input('state', Uint32Array.of(halted, 0, 0)),
        bias_R: bench.input('bias_R', bias),
        ring: bench.output('ring', 3 * RECORD),
        key_RT: words > 0 ? bench.output('key_RT', words) : null,
      };
      const step = await bench.plan((plan) =>
        moveBias(plan, io, rule, { T, K, slots, record: RECORD, offset: 2 }),
      );
      let now = bias;
      for (let i = 0; i < steps; i++) {
        countsOf(s, now, T, R, Math.min(K, R)).forEach((count, r) => {
          load[8 * r + 4] = count;
        });
        device().queue.writeBuffer(load_R8.buffer, load_R8.offset, load);
        step();
        now = await bench.read(io.bias_R);
      }
      const at = RECORD + 2;
      expect((await bench.read(io.ring)).slice(at, at + R)).toEqual(now);
      return now;
    },
    { adapterClass, maxGrid: 2 },
  );
}

const RULES: readonly BiasRule[] = [
  { kind: 'none' },
  { kind: 'sign', rate: 0.1, centre: false },
  { kind: 'sign', rate: 0.1, centre: true },
  { kind: 'quantile', smoothing: 0 },
  { kind: 'quantile', smoothing: 0.7 },
  { kind: 'budget', rate: 0.5, computing: 1.2 },
];
const SIZES: readonly Omit<Case, 'rule'>[] = [
  { T: 1, K: 1, slots: MIXED },
  { T: 67, K: 2, slots: MIXED },
  { T: 300, K: 2, slots: [...MIXED, ...ffn(1)] },
  { T: 40, K: 6, slots: MIXED },
  { T: 129, K: 5, slots: [...ffn(63), { kind: 'copy' }] },
];

describe.each(ADAPTER_CLASSES)('biasRule with the kernels of a %s adapter', (adapterClass) => {
  it.each(RULES.flatMap((rule) => SIZES.map((size) => ({ ...size, rule }))))(
    'equals the reference: $rule over T = $T, K = $K',
    async (given) => {
      const { T, K, slots, rule } = given;
      const R = slots.length;
      // Signs of both, and ties.
      const s = randomFloats(T * R, 5).map((x) => Math.round(64 * x) / 64);
      const bias = randomFloats(R, 6, 0.3);
      const want = toReal(bias);
      const counts_R = countsOf(s, bias, T, R, Math.min(K, R));
      reference.moveBias({ bias_R: want, counts_R, s_TR: toReal(s) }, rule, { T, K, slots });
      const got = await run(adapterClass, given, { s, bias });
      expectClose(got, want, { abs: 1e-6, rel: 1e-6 }, 'b', [R]);
    },
  );

  it.each(RULES)('moves nothing once the run has halted: %j', async (rule) => {
    const bias = randomFloats(6, 6, 0.3);
    const given = { T: 20, K: 2, slots: MIXED, rule };
    const got = await run(adapterClass, given, { s: randomFloats(120, 5), bias, halted: 1 });
    expect(got).toEqual(bias);
  });
});

describe('the rule alone on one score matrix [4096, 8], K = 2', () => {
  const T = 4096;
  const K = 2;
  const R = 8;
  /** Sigmoid scores with slots that most tokens prefer. */
  const s = Float32Array.from({ length: T * R }, (_, i) => {
    const z = 3 * (uniform(1, i) - 0.5) + [2.5, 2, 0.5, 0, 0, -0.5, -1, -1.5][i % R]!;
    return 1 / (1 + Math.exp(-z));
  });
  const maxVio = (bias: ArrayLike<number>) =>
    (R * Math.max(...countsOf(s, bias, T, R, K))) / (K * T) - 1;
  const movedBy = (rule: BiasRule, steps: number, slots = ffn(R)) =>
    run('gpu', { T, K, slots, rule }, { s, bias: new Float32Array(R), steps });

  it('begins with MaxVio above 2; sign brings it below 0.2, quantile below 0.05', async () => {
    expect(maxVio(new Float32Array(R))).toBeGreaterThan(2);
    expect(maxVio(await movedBy({ kind: 'sign', rate: 0.005, centre: false }, 150))).toBeLessThan(
      0.2,
    );
    expect(maxVio(await movedBy({ kind: 'sign', rate: 0.005, centre: true }, 150))).toBeLessThan(
      0.2,
    );
    expect(maxVio(await movedBy({ kind: 'quantile', smoothing: 0 }, 40))).toBeLessThan(0.05);
  });

  it('budget brings the computing slots per token to within 1 % of the target', async () => {
    const slots: Slot[] = [...ffn(5), { kind: 'copy' }, { kind: 'copy' }, { kind: 'zero' }];
    const computing = 1.2;
    const bias = await movedBy({ kind: 'budget', rate: 0.2, computing }, 150, slots);
    const counts = countsOf(s, bias, T, R, K);
    const perToken = counts.slice(0, 5).reduce((a, b) => a + b, 0) / T;
    expect(Math.abs(perToken / computing - 1)).toBeLessThan(0.01);
    expect([...bias.slice(5)]).toEqual([0, 0, 0]);
  });
});
