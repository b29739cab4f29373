import { describe, expect, it } from 'vitest';
import { AUX_TERMS, type LossesConfig } from '../../src/config/auxTerms.ts';
import type { Slot } from '../../src/config/experiment.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { auxLossesForward } from '../../src/kernels/auxLosses.ts';
import * as reference from '../../src/reference/auxLosses.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  expectClose,
  GRADIENT,
  OUTPUT,
  padRows,
  randomFloats,
  randomIndices,
  toReal,
  withBench,
} from '../support/kernelHarness.ts';
import {
  addDispatch,
  CONSTANT,
  COPY,
  ffn,
  makeRouting,
  negated,
  type Routing,
  randomChoice,
  routingBuffers,
  TRAINING,
  tableShape,
  ZERO,
} from '../support/routing.ts';

const device = useDevice();
const DOMAINS = 3;
const TAU = 0.75;
const LOSSES = {
  switch: { alpha: 0.3 },
  heterogeneous: { beta: 0.2 },
  ternary: { alpha1: 0.5 },
  reward: { alpha2: 0.1 },
  dynamic: { w: 0.4 },
} satisfies LossesConfig;
/** Row of aux_LA that this layer owns, of three. */
const LAYER = 1;

/** Rows of p: softmaxes of random logits. */
function probabilities({ T, slots }: Routing, seed: number): Float32Array {
  const R = slots.length;
  const p = randomFloats(T * R, seed, 2).map(Math.exp);
  for (let t = 0; t < T; t++) {
    const row = p.subarray(t * R, (t + 1) * R);
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((x, r) => {
      row[r] = x / sum;
    });
  }
  return p;
}

function inputs(routing: Routing) {
  const { T, slots, W, selected_TW } = routing;
  const R = slots.length;
  const selects = (i: number) =>
    selected_TW.subarray(Math.floor(i / R) * W, (Math.floor(i / R) + 1) * W).includes(i % R);
  // As `renormalizedWithNull` leaves them: selected slots and all null slots have a weight.
  const gates = routing.gates_TR.map((g, i) =>
    selects(i) || slots[i % R]!.kind === 'zero' ? g : 0,
  );
  return {
    routing: { ...routing, gates_TR: gates },
    p: probabilities(routing, 31),
    domain_T: randomIndices(T, DOMAINS, 32),
  };
}

/** aux_LA, aux_dp_R and the record: means of p and g [R] each, then counts [R, DOMAINS]. */
function runKernels(
  adapterClass: AdapterClass,
  given: ReturnType<typeof inputs>,
  isTraining = true,
  tau = TAU,
) {
  const { routing, p, domain_T } = given;
  const { T, slots, W } = routing;
  const R = slots.length;
  return withBench(
    device(),
    async (bench) => {
      const dispatch = routingBuffers(bench, routing);
      const ring = bench.output('ring', (2 + DOMAINS) * R * 2);
      const io = {
        p_TR: bench.input('p_TR', padRows(p, R)),
        g_TR: dispatch.g_TR,
        selected_WT: dispatch.selected_WT,
        slots_R: dispatch.slots_R,
        table: dispatch.table,
        domain_T: bench.input('domain_T', domain_T),
        load_R8: bench.output('load_R8', 8 * R),
        aux_LA: bench.output('aux_LA', 3 * AUX_TERMS.length),
        aux_dp_R: bench.output('aux_dp_R', R),
        ring,
      };
      bench.setStep(TRAINING);
      await bench.run((plan) => addDispatch(plan, dispatch, routing));
      // The second of two records, to see that the offset in the ring is kept.
      bench.setStep({
        is_training: isTraining ? 1 : 0,
        ring_slot: 1,
        switch_alpha: LOSSES.switch.alpha,
        heterogeneous_beta: LOSSES.heterogeneous.beta,
        ternary_alpha1: LOSSES.ternary.alpha1,
        reward_alpha2: LOSSES.reward.alpha2,
        dynamic_w: LOSSES.dynamic.w,
        tau,
      });
      const dims = {
        T,
        R,
        W,
        E: tableShape(routing).hidden.length,
        layer: LAYER,
        domains: DOMAINS,
        record: (2 + DOMAINS) * R,
        meansOffset: 0,
        domainsOffset: 2 * R,
      };
      await bench.run((plan) => auxLossesForward(plan, io, dims));
      const words = await bench.readWords(ring);
      const record = words.slice((2 + DOMAINS) * R);
      return {
        aux: await bench.read(io.aux_LA),
        dp_R: await bench.read(io.aux_dp_R),
        first: new Float32Array(words.buffer, 0, (2 + DOMAINS) * R),
        meanProb: new Float32Array(record.slice(0, R).buffer),
        meanGate: new Float32Array(record.slice(R, 2 * R).buffer),
        domains: record.slice(2 * R),
      };
    },
    { adapterClass },
  );
}

/** The layer's terms in order. */
function termsOf(aux: Float32Array): Float32Array {
  return aux.slice(AUX_TERMS.length * LAYER, AUX_TERMS.length * (LAYER + 1));
}

function runReference({ routing, p }: ReturnType<typeof inputs>, losses: LossesConfig, tau = TAU) {
  const { T, W, slots, selected_TW, gates_TR } = routing;
  const dims = { T, R: slots.length, W, slots, losses, tau };
  const given = { p_TR: toReal(p), gates_TR: toReal(gates_TR), selected_TW };
  const { out, saved } = reference.forward(given, dims);
  return { out, dp_TR: reference.backward(saved, dims).dp_TR };
}

const MIXED: Slot[] = [COPY, ffn(7), negated(1), CONSTANT, ffn(5), ZERO, negated(0), ZERO];
const plain = (R: number) => Array.from({ length: R }, () => ffn(2));
const CASES: [string, Routing][] = [
  ['T = 1, R = 1', makeRouting({ T: 1, slots: plain(1), W: 1 }, () => [0])],
  ['R = 64', makeRouting({ T: 100, slots: plain(64), W: 3 }, randomChoice(64, 3, 1))],
  ['R = 256', makeRouting({ T: 30, slots: plain(256), W: 2 }, randomChoice(256, 2, 2))],
  ['all to one', makeRouting({ T: 300, slots: plain(5), W: 1 }, () => [3])],
  ['all kinds', makeRouting({ T: 131, slots: MIXED, W: 5 }, randomChoice(8, 5, 3, 0.4))],
  [
    'dropped assignments count too',
    makeRouting({ T: 90, slots: MIXED, W: 3 }, randomChoice(8, 3, 4), { gamma: 0.3, tau: 1 }),
  ],
];

describe.each(ADAPTER_CLASSES)('auxLosses on a %s adapter', (adapterClass) => {
  it.each(CASES)('equals the reference: %s', async (_, routing) => {
    const given = inputs(routing);
    const got = await runKernels(adapterClass, given);
    const { out } = runReference(given, LOSSES);
    const want = AUX_TERMS.map((term) => out[term] ?? 0);
    termsOf(got.aux).forEach((value, i) => {
      expectClose([value], [want[i]!], OUTPUT, AUX_TERMS[i]!);
    });
    // dynamic's gradient depends on the token; routerTopk.bwd adds it.
    const { dynamic: _dynamic, ...linear } = LOSSES;
    const R = routing.slots.length;
    const { dp_TR } = runReference(given, linear);
    for (const t of [0, routing.T - 1]) {
      expectClose(got.dp_R, dp_TR.slice(t * R, (t + 1) * R), GRADIENT, `dp of token ${t}`);
    }
    // Rows of other layers are theirs.
    expect(got.aux.filter(Number.isNaN)).toHaveLength(2 * AUX_TERMS.length);
  });

  it.each(CASES)('records mean p, mean g and the domains of what is selected: %s', async (_, r) => {
    const given = inputs(r);
    const { routing, p, domain_T } = given;
    const { T, W, slots, selected_TW, gates_TR } = routing;
    const R = slots.length;
    const got = await runKernels(adapterClass, given);
    const meanProb = new Float64Array(R);
    p.forEach((value, i) => {
      meanProb[i % R]! += value / T;
    });
    const domains = new Array<number>(R * DOMAINS).fill(0);
    const gateSum = new Float64Array(R);
    const count = new Float64Array(R);
    selected_TW.forEach((slot, i) => {
      if (slot < 0) return;
      const t = Math.floor(i / W);
      domains[slot * DOMAINS + domain_T[t]!]!++;
      gateSum[slot]! += gates_TR[t * R + slot]!;
      count[slot]!++;
    });
    expectClose(got.meanProb, meanProb, OUTPUT, 'mean p');
    const meanGate = gateSum.map((sum, slot) => sum / Math.max(count[slot]!, 1));
    expectClose(got.meanGate, meanGate, OUTPUT, 'mean g');
    expect([...got.domains]).toEqual(domains);
    expect(got.first.every(Number.isNaN)).toBe(true);
  });

  it('records nothing outside training', async () => {
    const [, routing] = CASES[4]!;
    const got = await runKernels(adapterClass, inputs(routing), false);
    expect([...got.meanProb, ...got.meanGate].every(Number.isNaN)).toBe(true);
    expect(termsOf(got.aux).every(Number.isFinite)).toBe(true);
  });

  it('has a ternary term of 0 for a perfectly even load, whatever p is', async () => {
    // Each of 3 experts is used by 20 of 30 tokens, 4 of them with both signs.
    const slots = [ffn(2), ffn(2), ffn(2), negated(0), negated(1), negated(2)];
    const pairs = [
      [0, 1],
      [4, 2],
      [5, 3],
    ];
    const routing = makeRouting({ T: 30, slots, W: 2 }, (t) => pairs[t % 3]!);
    const given = inputs(routing);
    const [, , ternary] = termsOf((await runKernels(adapterClass, given)).aux);
    expect(Math.abs(ternary!)).toBeLessThan(1e-9);
  });

  it('has a heterogeneous term that is the plain one for τ = 1 and no zero-computation slot', async () => {
    const [, routing] = CASES[1]!;
    const top1 = makeRouting({ T: 100, slots: plain(6), W: 1 }, randomChoice(6, 1, 5));
    const plainTerm = (given: ReturnType<typeof inputs>) => {
      const { T, slots, selected_TW } = given.routing;
      const R = slots.length;
      const f = new Float64Array(R);
      for (const slot of selected_TW) f[slot]! += 1 / T;
      const P = new Float64Array(R);
      given.p.forEach((value, i) => {
        P[i % R]! += value / T;
      });
      return f.reduce((sum, share, i) => sum + share * P[i]!, 0);
    };
    for (const given of [inputs(routing), inputs(top1)]) {
      const [ofSwitch, heterogeneous] = termsOf(
        (await runKernels(adapterClass, given, true, 1)).aux,
      );
      const want = LOSSES.heterogeneous.beta * plainTerm(given);
      expectClose([heterogeneous!], [want], OUTPUT, 'heterogeneous');
      if (given.routing.W > 1) continue;
      // With K = 1 it is the Switch term, but for its factors.
      const { beta } = LOSSES.heterogeneous;
      const { alpha } = LOSSES.switch;
      expectClose([heterogeneous! / beta], [ofSwitch! / (alpha * 6)], OUTPUT, 'Σ f·P');
    }
  });

  it('is not a number where a p is not', async () => {
    const [, routing] = CASES[4]!;
    const given = inputs(routing);
    given.p.fill(Number.NaN, 8, 16);
    const { aux } = await runKernels(adapterClass, given);
    expect(termsOf(aux).every(Number.isNaN)).toBe(true);
  });
});
