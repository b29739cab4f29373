import { describe, expect, it } from 'vitest';
import { type Finding, Health } from '../../src/analysis/health.ts';
import { LoadHistory, MAX_BINS } from '../../src/analysis/loadHistory.ts';
import type { Seam } from '../../src/analysis/seams.ts';
import type { Line, RunSource } from '../../src/analysis/source.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import type { Change, Experiment } from '../../src/config/experiment.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import { layerLoads, type ScalarName } from '../../src/config/telemetry.ts';

const R = 8;
const BASE = applyChange(DEFAULTS_V1, {
  'model.L': 1,
  'model.arrangement': 'full',
  'batch.B': 1,
  'batch.S': 64,
  'losses.switch.alpha': 0.01,
});
const T = 64;

interface Step {
  /** Assignments by slot; K·T in equal parts when absent. */
  counts?: readonly number[];
  drops?: readonly number[];
  domains?: readonly number[];
  scalars?: Partial<Record<ScalarName, number>>;
}

/** A run of one MoE layer of eight slots, which grows step by step. */
function made(change: Change = {}, seams?: readonly Seam[]) {
  let experiment: Experiment = applyChange(BASE, change);
  const [space] = layerSpaces(experiment);
  const history = new LoadHistory(space!);
  const owner = {};
  const columns = new Map<string, number[]>();
  let step = 0;
  const { K } = experiment.router;
  const even = Array.from({ length: R }, () => (K * T) / R);
  const source = {
    get head() {
      return { id: 'a', experiment, status: 'open', text: null, seams };
    },
    get step() {
      return step;
    },
    line: (name: string): Line => ({ owner, firstStep: 1, values: columns.get(name) ?? [] }),
    spaces: () => [space!],
    history: () => history,
  } as unknown as RunSource;
  const health = new Health();
  return {
    health,
    source,
    /** Trains so many steps alike. */
    train(n: number, of: Step = {}) {
      for (let i = 0; i < n; i++) {
        step += 1;
        const { counts = even, drops = [], domains = counts } = of;
        const loads = layerLoads({ layer: 0, R, W: 1 }, 1, 1);
        loads.assignments.set(counts);
        loads.drops.set(drops);
        loads.domains.set(domains);
        history.append(loads, step, 1);
        const scalars = { ce: 2, switch: 0.0101, total: 2.01, gradNorm: 1, lr: 0.1, ...of.scalars };
        for (const [name, value] of Object.entries(scalars))
          columns.set(name, [...(columns.get(name) ?? []), value]);
      }
      return health.update(source);
    },
    change: (part: Change) => {
      experiment = recordEvent(experiment, step + 1, part);
    },
  };
}

const brief = (found: readonly Finding[]) =>
  found.map(({ check, slot, first, last, value }) => [check, slot, first, last, value]);

const of = (at: number, value: number) =>
  Array.from({ length: R }, (_, slot) => (slot === at ? value : (2 * T - value) / (R - 1)));

describe('a run', () => {
  it('is well while nothing is off', () => {
    expect(made().train(40)).toEqual([]);
  });

  it('has a dead slot after ten steps, from the first one without an assignment', () => {
    const run = made();
    run.train(5);
    const without = { counts: [16, 0, 32, 16, 16, 16, 16, 16] };
    expect(run.train(9, without)).toEqual([]);
    expect(brief(run.train(1, without))).toEqual([['dead', 1, 6, null, 0]]);
    expect(brief(run.train(3))).toEqual([['dead', 1, 6, 15, 0]]);
  });

  it('has none before a balanced router would have sent it a hundred assignments', () => {
    const run = made({ 'batch.S': 16 });
    // Four a step.
    const without = { counts: [4, 0, 8, 4, 4, 4, 4, 4] };
    expect(run.train(24, without)).toEqual([]);
    expect(brief(run.train(1, without))).toEqual([['dead', 1, 1, null, 0]]);
  });

  it('has collapsed where all tokens take the same two slots, with numbers and range', () => {
    const run = made();
    run.train(3);
    const found = run.train(10, { counts: [64, 64, 0, 0, 0, 0, 0, 0] });
    const collapse = found.find(({ check }) => check === 'collapse');
    expect(collapse).toMatchObject({ layer: 0, first: 4, last: null, allowed: [0.1, 1] });
    expect(collapse?.value).toBeCloseTo(0, 12);
    expect(brief(found.filter(({ check }) => check === 'dominant'))).toEqual([
      ['dominant', 0, 4, null, 1],
      ['dominant', 1, 4, null, 1],
    ]);
    expect(run.train(1).every(({ last }) => last === 13)).toBe(true);
  });

  it('keeps quiet about a slot that many tokens choose for less than ten steps', () => {
    const run = made();
    run.train(9, { counts: of(0, 58) });
    expect(run.train(1)).toEqual([]);
  });

  it('is told of one assignment too many in a single step, though the next has one too few', () => {
    const run = made();
    run.train(MAX_BINS);
    const [first = 0, ...rest] = of(0, 16);
    run.train(1, { counts: [first + 1, ...rest] });
    run.train(1, { counts: [first - 1, ...rest] });
    // Bins of two steps now: their sum is right.
    const found = run.train(2);
    expect(brief(found.filter(({ check }) => check === 'assignments'))).toEqual([
      ['assignments', null, MAX_BINS + 1, MAX_BINS + 2, 127],
    ]);
    expect(found.find(({ check }) => check === 'assignments')?.allowed).toEqual([128, 128]);
  });

  it('is told of counts by domain that do not sum to the load', () => {
    const domains = [15, 16, 16, 16, 16, 16, 16, 16];
    expect(brief(made().train(1, { domains }))).toEqual([['domains', null, 1, null, 15]]);
  });

  it('asks no domains of steps that another program took', () => {
    const domains = Array.from({ length: R }, () => 0);
    const run = made({}, [
      { step: 2, by: 'pytorch' },
      { step: 4, by: 'here' },
    ]);
    run.train(2);
    expect(run.train(2, { domains })).toEqual([]);
    expect(brief(run.train(1, { domains }))).toEqual([['domains', null, 5, null, 0]]);
  });

  it('is told of drops, and of what is kept beyond places', () => {
    const run = made({ 'router.capacity': 1 });
    const counts = [48, 12, 12, 12, 12, 12, 10, 10];
    const right = run.train(10, { counts, drops: [32] });
    expect(brief(right)).toEqual([['drops', null, 1, null, 0.25]]);
    const found = run.train(1, { counts, drops: [31] });
    expect(brief(found.filter(({ check }) => check === 'places'))).toEqual([
      ['places', 0, 11, null, 17],
    ]);
    expect(found.find(({ check }) => check === 'places')?.allowed).toEqual([0, 16]);
  });

  it('is told of a number that broke, not of records that were lost', () => {
    const run = made();
    const lost = { ce: NaN, switch: NaN, total: NaN, gradNorm: NaN, lr: NaN };
    run.train(2);
    expect(run.train(1, { scalars: lost })).toEqual([]);
    const found = run.train(1, { scalars: { gradNorm: Number.POSITIVE_INFINITY } });
    expect(found).toMatchObject([{ check: 'nonFinite', of: 'gradNorm', first: 4, last: null }]);
  });

  it('is told nothing of a loss that is off and was not recorded', () => {
    const run = made();
    expect(run.train(12, { scalars: { zloss: Number.NaN } })).toEqual([]);
    const found = run.train(1, { scalars: { zloss: Number.NaN, switch: Number.NaN } });
    expect(found).toMatchObject([{ check: 'nonFinite', of: 'switch', first: 13, last: null }]);
  });

  it('is told of a balance loss below a balanced router’s', () => {
    const run = made();
    run.train(4);
    const found = run.train(10, { scalars: { switch: 0.008 } });
    expect(found).toMatchObject([
      { check: 'aux', of: 'switch', first: 5, last: null, value: 0.008 },
    ]);
    expect(found[0]?.allowed[0]).toBeCloseTo(0.01, 12);
  });

  it('is told of a reward below what the weights of null slots can sum to', () => {
    const slots = BASE.experts.slots.map((slot, r) => (r < 3 ? { kind: 'zero' } : slot));
    const reward = { 'losses.reward.alpha2': 0.1, 'experts.slots': slots } as Change;
    const toldBelow = (change: Change) => {
      const run = made({ ...reward, ...change });
      const found = run
        .train(10, { scalars: { reward: -1e9 } })
        .filter(({ check }) => check === 'aux');
      return found[0]?.allowed[0];
    };
    expect(toldBelow({})).toBeCloseTo(-0.1, 12);
    expect(toldBelow({ 'router.routeScale': 2.5 })).toBeCloseTo(-0.25, 12);
    // Raw scores below 1, of two of the three null slots at most.
    const raw = { 'router.score': 'sigmoid', 'router.gate': 'softmax', 'router.routeScale': 2.5 };
    expect(toldBelow(raw)).toBeCloseTo(-0.5, 12);
    expect(toldBelow({ ...raw, 'router.K': 8 })).toBeCloseTo(-0.75, 12);
    expect(toldBelow({ ...raw, 'router.gate': 'renormalized' })).toBeCloseTo(-0.25, 12);
    expect(toldBelow({ ...raw, 'router.score': 'sqrtSoftplus' })).toBeUndefined();
  });

  it('asks no balance loss of hash layers', () => {
    const run = made({ 'model.L': 2, 'router.selection': 'hash', 'router.hashLayers': 1 });
    expect(run.train(12).filter(({ check }) => check === 'aux')).toEqual([]);
    const found = run.train(12, { scalars: { switch: 0.008 } });
    expect(found.find(({ check }) => check === 'aux')?.allowed[0]).toBeCloseTo(0.01, 12);
  });

  it('is told which routers learn nothing from the task, from the step at which it is so', () => {
    const run = made();
    run.train(4);
    run.change({ 'router.K': 1 });
    run.change({ 'router.gate': 'renormalized' });
    const found = run.train(2, { counts: Array.from({ length: R }, () => T / R) });
    expect(found).toMatchObject([{ check: 'gradient', layer: 0, first: 5, last: null }]);
    expect(found[0]?.of).toContain('K = 1');
  });

  it('looks at every step and bin once', () => {
    const run = made();
    for (let i = 0; i < 20; i++) run.train(10);
    expect(run.health.looked).toBe(400);
    run.health.update(run.source);
    expect(run.health.looked).toBe(400);
  });
});
