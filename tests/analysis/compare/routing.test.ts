import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../../bench/syntheticRuns.ts';
import { stepCosts } from '../../../src/accounting/costs.ts';
import { placingOf } from '../../../src/analysis/compare/places.ts';
import { routingOf } from '../../../src/analysis/compare/routing.ts';
import { accountingOf } from '../../../src/analysis/compare/spaces.ts';
import { DEFAULTS_V1 } from '../../../src/config/defaults.ts';
import { applyChange, engineConfig, recordEvent } from '../../../src/config/edit.ts';
import type { Experiment } from '../../../src/config/experiment.ts';
import { layerSpaces } from '../../../src/config/layerSpaces.ts';
import { layerLoads, SCALAR_COUNT, type StepRecords } from '../../../src/config/telemetry.ts';

const T = 16 * 64;

/** Records in which slot 0 of every layer takes `share` of the tokens, the others alike. */
function records(
  experiment: Experiment,
  firstStep: number,
  n: number,
  counts: (r: number) => number,
  drops = 0,
): StepRecords {
  const spaces = layerSpaces(engineConfig(experiment, 256));
  const layers = spaces.map(({ layer, slots, ranks }) => {
    const loads = layerLoads({ layer, R: slots, W: ranks }, n, 1);
    for (let i = 0; i < n; i++)
      for (let r = 0; r < slots; r++) {
        loads.assignments[i * ranks * slots + r] = counts(r);
        loads.drops[i * slots + r] = drops;
      }
    return loads;
  });
  return { firstStep, n, scalars: new Float32Array(n * SCALAR_COUNT), layers };
}

function run(experiment: Experiment, steps: number) {
  const { row } = syntheticRun(0, steps, 0);
  const changed = { ...row, experiment };
  return { row: changed, accounting: accountingOf(changed)! };
}

describe('the routing of a run', () => {
  it('of an even spread takes the nominal FLOPs, and has ideal load figures', () => {
    const { row, accounting } = run(DEFAULTS_V1, 300);
    const even = records(DEFAULTS_V1, 1, 300, () => (2 * T) / 8);
    const routing = routingOf(row, [even])!;
    const nominal = stepCosts(engineConfig(DEFAULTS_V1, 256)).total.flops;
    expect(routing.realised.flops.at(-1)! / (300 * nominal)).toBeCloseTo(1, 9);
    expect(routing.loads.cv).toBe(0);
    expect(routing.loads.maxViolation).toBeCloseTo(0, 12);
    expect(routing.loads.dead).toBe(0);
    const placing = placingOf({ row, curves: null, accounting, routing }, 'realised')!;
    expect(placing.at(150) / (150 * nominal)).toBeCloseTo(1, 9);
  });

  it('counts what was dropped as not done', () => {
    const { row } = run(DEFAULTS_V1, 10);
    const dropped = records(DEFAULTS_V1, 1, 10, () => (2 * T) / 8, T / 8);
    const { realised, loads } = routingOf(row, [dropped])!;
    const config = engineConfig(DEFAULTS_V1, 256);
    const rows = new Map([0, 1, 2].map((layer) => [layer, Array<number>(8).fill(1 / 8)]));
    expect(realised.flops.at(-1)).toBeCloseTo(10 * stepCosts(config, rows).total.flops, -3);
    expect(loads.dropRate).toBeCloseTo(0.5, 12);
  });

  it('averages its figures over the last hundred steps and the layers', () => {
    const { row } = run(DEFAULTS_V1, 250);
    const early = records(DEFAULTS_V1, 1, 150, (r) => (r === 0 ? 2 * T : 0));
    const late = records(DEFAULTS_V1, 151, 100, (r) => (r < 4 ? T / 2 : 0));
    expect(routingOf(row, [early, late])?.loads).toMatchObject({ dead: 4, cv: 1 });
  });

  it('leaves a layer out of a mean whose figure is undefined there', () => {
    const { row } = run(DEFAULTS_V1, 10);
    const some = records(DEFAULTS_V1, 1, 10, (r) => (r === 0 ? 896 : 128));
    // A slot without a token.
    const [first] = some.layers;
    for (let i = 0; i < first!.assignments.length; i += 8) first!.assignments[i] = 0;
    expect(routingOf(row, [some])?.loads.maxMin).toBeCloseTo(7, 9);
  });

  it('averages them over as many steps however the records are cut', () => {
    const { row } = run(DEFAULTS_V1, 250);
    const counts = (r: number) => (r < 4 ? T / 2 : 0);
    const early = records(DEFAULTS_V1, 1, 150, (r) => (r === 0 ? 2 * T : 0));
    const middle = records(DEFAULTS_V1, 151, 97, () => (2 * T) / 8);
    const cut = [early, middle, records(DEFAULTS_V1, 248, 3, counts)];
    const whole = routingOf(row, cut)!.loads;
    expect(whole.dead).toBe(0);
    expect(whole.cv).toBeCloseTo(0.03, 12);
    // Of a run that follows a link, changes are known that it has not reached.
    const slots = DEFAULTS_V1.experts.slots.slice(0, 4);
    const surgery = { from: { default: [0, 1, 2, 3] } };
    const experiment = recordEvent(DEFAULTS_V1, 400, { 'experts.slots': slots, surgery });
    expect(routingOf({ ...row, experiment }, cut)).toMatchObject({ loads: whole });
    expect(routingOf({ ...row, experiment }, cut)?.specialism?.[16]).toHaveLength(3);
  });

  it('counts the last steps with the slots of the end alone, though older ones have their kinds and widths', () => {
    const slots = DEFAULTS_V1.experts.slots.slice(0, 4);
    const four = { ...DEFAULTS_V1, experts: { ...DEFAULTS_V1.experts, slots } };
    const experiment = recordEvent(four, 951, {
      'experts.slots': slots.map((slot) => ({ ...slot })),
      surgery: { from: { default: [1, 2, 3, 0] } },
    });
    const { row } = run(experiment, 1000);
    const busiest = (at: number) => (r: number) => (r === at ? 1400 : 200);
    const all = [records(experiment, 1, 950, busiest(0)), records(experiment, 951, 50, busiest(3))];
    const { loads, specialism } = routingOf(row, all)!;
    expect(loads.maxViolation).toBeCloseTo(1.8, 12);
    expect(specialism![64][0]).toMatchObject({ steps: 50 });
  });

  it('counts steps without records as spread evenly, so that a fork has the FLOPs of all its steps', () => {
    const { row, accounting } = run(DEFAULTS_V1, 300);
    const even = (firstStep: number, n: number) =>
      records(DEFAULTS_V1, firstStep, n, () => (2 * T) / 8);
    const routing = routingOf(row, [even(201, 50), even(261, 40)])!;
    const nominal = stepCosts(engineConfig(DEFAULTS_V1, 256)).total.flops;
    expect(routing.realised.flops.at(-1)! / (300 * nominal)).toBeCloseTo(1, 9);
    const placing = placingOf({ row, curves: null, accounting, routing }, 'realised')!;
    for (const step of [100, 200, 255, 300])
      expect(placing.at(step) / (step * nominal)).toBeCloseTo(1, 9);
  });

  it('takes the settings of each stretch between live changes', () => {
    const experiment = recordEvent(DEFAULTS_V1, 6, { 'router.K': 1 });
    const { row } = run(experiment, 10);
    const all = records(DEFAULTS_V1, 1, 10, () => T / 8);
    const { realised } = routingOf(row, [all])!;
    const rows = new Map([0, 1, 2].map((layer) => [layer, Array<number>(8).fill(1 / 8)]));
    const of = (K: number) =>
      stepCosts(engineConfig(applyChange(DEFAULTS_V1, { 'router.K': K }), 256), rows).total.flops;
    const at = (step: number) => realised.flops[realised.steps.indexOf(step)]!;
    expect(at(5) / (5 * of(2))).toBeCloseTo(1, 12);
    expect((at(10) - at(5)) / (5 * of(1))).toBeCloseTo(1, 12);
  });

  it('is not there without records, or without settings', () => {
    const { row } = run(DEFAULTS_V1, 10);
    expect(routingOf(row, [])).toBeNull();
    expect(
      routingOf({ ...row, experiment: null }, [records(DEFAULTS_V1, 1, 1, () => 1)]),
    ).toBeNull();
  });
});
