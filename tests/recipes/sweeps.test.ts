import { describe, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { parseSweepResult } from '../../src/recipes/parseResult.ts';
import type { SweepRun } from '../../src/recipes/sweep.ts';
import { mergeSweepRuns, paretoFront } from '../../src/recipes/sweepResults.ts';
import {
  parseSweep,
  pointCount,
  sweepDigest,
  sweepExperiment,
  sweepPoints,
  sweepProblems,
} from '../../src/recipes/sweeps.ts';

const given = {
  format: 1,
  name: 'rates',
  base: { optimizer: { totalSteps: 200, warmup: 10 } },
  axes: [
    { path: 'router.K', values: [1, 2] },
    { path: 'optimizer.lr', min: 1e-4, max: 1e-2, count: 3, scale: 'log' },
  ],
  seeds: [1, 2],
  budget: { of: 'steps', amount: 100 },
};
const sweep = parseSweep(given);
const points = sweepPoints(sweep);

describe('a grid', () => {
  it('has every combination, the last axis first, with exact ends', () => {
    expect(pointCount(sweep)).toBe(6);
    const rates = points.map(({ values }) => values);
    expect(rates.map(([K]) => K)).toEqual([1, 1, 1, 2, 2, 2]);
    expect(rates.slice(0, 3).map(([, lr]) => lr)).toEqual([1e-4, expect.closeTo(1e-3, 12), 1e-2]);
  });

  it('sets values, length and seeds, and keeps the share of the warm-up', () => {
    const experiment = sweepExperiment(points[5]!, 7);
    expect(experiment.router.K).toBe(2);
    expect(experiment.optimizer).toMatchObject({ lr: 1e-2, totalSteps: 100, warmup: 5 });
    expect(experiment.seeds).toEqual({ init: 7, data: 7, drop: 7 });
    expect(experiment.model).toEqual(DEFAULTS_V1.model);
  });

  it('meets a budget of tokens or compute', () => {
    const tokens = parseSweep({ ...given, budget: { of: 'tokens', amount: 10 * 1024 } });
    expect(sweepPoints(tokens)[0]!.experiment.optimizer.totalSteps).toBe(10);
    const compute = parseSweep({ ...given, budget: { of: 'compute', amount: 1e12 } });
    const [one, , , two] = sweepPoints(compute);
    expect(one!.experiment.optimizer.totalSteps).toBeGreaterThan(
      two!.experiment.optimizer.totalSteps,
    );
  });

  it('tells which points break a rule', () => {
    const wrong = parseSweep({ ...given, axes: [{ path: 'model.H', values: [4, 5] }] });
    expect(sweepProblems(sweepPoints(wrong)).map(({ point }) => point)).toContain(1);
    expect(sweepProblems(points)).toEqual([]);
  });
});

describe('draws', () => {
  const axes = [
    { path: 'optimizer.lr', min: 1e-4, max: 1e-2, count: 50, scale: 'log', draws: true },
    { path: 'router.K', values: [1, 2] },
    { path: 'optimizer.weightDecay', min: 0, max: 0.5, count: 50, scale: 'linear', draws: true },
  ];
  const drawn = sweepPoints(parseSweep({ ...given, axes }));

  it('are drawn together, the same each time, within their range', () => {
    expect(drawn).toHaveLength(100);
    expect(drawn).toEqual(sweepPoints(parseSweep({ ...given, axes })));
    const rates = drawn.slice(0, 50).map(({ values }) => values[0] as number);
    expect(new Set(rates).size).toBe(50);
    expect(Math.min(...rates)).toBeGreaterThan(1e-4);
    expect(Math.max(...rates)).toBeLessThan(1e-2);
    // Half of them lie below the middle of a log scale, give or take.
    const low = rates.filter((rate) => rate < 1e-3).length;
    expect(low).toBeGreaterThan(14);
    expect(low).toBeLessThan(36);
    expect(drawn.slice(50).map(({ values }) => values[0])).toEqual(rates);
  });
});

it.each<[string, object]>([
  ['format 2', { format: 2 }],
  ['axes null must be a list', { axes: null }],
  ['"router.X" is not a setting', { axes: [{ path: 'router.X', values: [1] }] }],
  [
    'router.K: Slots per token: 0.5 is not allowed',
    { axes: [{ path: 'router.K', values: [0.5] }] },
  ],
  ['the value 2 is there twice', { axes: [{ path: 'router.K', values: [2, 2] }] }],
  ['router.gate is no number', { axes: [{ path: 'router.gate', min: 0, max: 1, count: 2 }] }],
  [
    'must be above 0 on a log scale',
    { axes: [{ path: 'optimizer.weightDecay', min: 0, max: 1, count: 3, scale: 'log' }] },
  ],
  [
    'count 1 must be a whole number from 2',
    { axes: [{ path: 'optimizer.lr', min: 0.1, max: 1, count: 1 }] },
  ],
  ['seeds.data follows from the sweep', { axes: [{ path: 'seeds.data', values: [1] }] }],
  [
    'router.K is an axis twice',
    {
      axes: [
        { path: 'router.K', values: [1] },
        { path: 'router.K', values: [2] },
      ],
    },
  ],
  [
    'counts 3, 4; they are drawn together',
    {
      axes: [
        { path: 'optimizer.lr', min: 0.1, max: 1, count: 3, draws: true },
        { path: 'optimizer.weightDecay', min: 0, max: 1, count: 4, draws: true },
      ],
    },
  ],
  ['seeds [1,1] must be a list of different', { seeds: [1, 1] }],
  ['budget of "hours"', { budget: { of: 'hours', amount: 1 } }],
  ['budget amount -1', { budget: { of: 'steps', amount: -1 } }],
  ['base.model.D', { base: { model: { D: 'wide' } } }],
  [
    '2,000 runs; at most 1000',
    {
      seeds: Array.from({ length: 1000 }, (_, i) => i),
      axes: [{ path: 'router.K', values: [1, 2] }],
    },
  ],
])('refuses a sweep: %s', (message, change) => {
  expect(() => parseSweep({ ...given, ...change })).toThrow(message);
});

function run(point: number, seed: number, ce: number | null): SweepRun {
  const experiment = sweepExperiment(points[point]!, seed);
  const resources = { N: 1, Na: 1, C: 1, D: 1, flops: 100 * (point + 1) };
  return {
    format: 1,
    kind: 'sweepRun',
    version: '0.1.0',
    adapter: 'synthetic',
    digest: sweepDigest(sweep),
    point,
    seed,
    run: { experiment, steps: 100, tokens: 1000, resources, realisedFlops: null, diverged: null },
    metrics: { ce },
    times: { begunAt: '2026-01-01T00:00:00.000Z', seconds: 1 },
  };
}

describe('results of a sweep', () => {
  const runs = [run(0, 2, 3.2), run(0, 1, 3), run(1, 1, null), run(2, 1, 2)];
  const merged = mergeSweepRuns(sweep, runs);

  it('are sorted, merged as often as one likes, and refused where unlike', () => {
    expect(merged.runs.map(({ point, seed }) => [point, seed])).toEqual([
      [0, 1],
      [0, 2],
      [1, 1],
      [2, 1],
    ]);
    expect(mergeSweepRuns(sweep, [...merged.runs, ...runs].reverse())).toEqual(merged);
    expect(() => mergeSweepRuns(sweep, [...runs, { ...run(3, 1, 1), adapter: 'other' }])).toThrow(
      'unlike adapter',
    );
    expect(() => mergeSweepRuns(sweep, [...runs, run(0, 1, 4)])).toThrow(
      'two results of point 0 with seed 1 differ',
    );
    expect(() => mergeSweepRuns(sweep, [{ ...run(0, 1, 4), digest: 'x' }])).toThrow(
      'none of sweep',
    );
    expect(() => mergeSweepRuns(sweep, [{ ...run(0, 1, 4), point: 6 }])).toThrow(
      'point 6 of a sweep that has 6',
    );
  });

  it('are read with as many runs as were merged, though one call has fewer', () => {
    const seeds = (first: number) => Array.from({ length: 100 }, (_, i) => first + i);
    const calls = [seeds(1), seeds(101)].map((own) => {
      const asked = parseSweep({ ...given, seeds: own });
      return mergeSweepRuns(asked, [run(0, own[0]!, 3)]);
    });
    const both = mergeSweepRuns(
      calls[0]!.sweep,
      calls.flatMap(({ runs }) => runs),
    );
    const whole = { ...both, sweep: { ...both.sweep, seeds: [...seeds(1), ...seeds(101)] } };
    expect(parseSweepResult(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
    expect(() => parseSweep(whole.sweep)).toThrow('1,200 runs; at most 1000');
    const axes = ['optimizer.lr', 'optimizer.weightDecay'].map((path) => {
      return { path, min: 0.1, max: 0.2, count: 40 };
    });
    expect(() => parseSweepResult({ ...whole, sweep: { ...given, axes } })).toThrow(
      '1,600 points; at most 1000',
    );
  });
});

it('keeps the points that no other beats', () => {
  const front = paretoFront([
    { x: 3, y: 1 },
    { x: 1, y: 3 },
    { x: 2, y: 3 },
    { x: 2, y: 2 },
    { x: 2, y: 2 },
    { x: 4, y: 1 },
  ]);
  expect(front).toEqual([1, 3, 4, 0]);
});
