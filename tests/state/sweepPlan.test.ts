import { describe, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { settingAt } from '../../src/config/schema.ts';
import {
  type AxisPlan,
  decodePlan,
  encodePlan,
  NEW_PLAN,
  newAxis,
  planOf,
  planOfFile,
  runCount,
  SWEPT,
  type SweepPlan,
  sweepOf,
} from '../../src/state/papers/sweepPlan.ts';

function axis(path: string, part: Partial<AxisPlan>): AxisPlan {
  return { ...newAxis(settingAt(path)!, null), ...part };
}

const PLAN: SweepPlan = {
  ...NEW_PLAN,
  name: 'K and lr',
  axes: [
    axis('router.K', { values: '1 2, 4' }),
    axis('optimizer.lr', { kind: 'range', min: '1e-4', max: '0.01', count: '4', scale: 'log' }),
    axis('experts.slots', { values: '8x32 4x64.z2' }),
  ],
  seeds: '1-3 9',
};

const problemOf = (part: Partial<SweepPlan>) =>
  sweepOf({ ...PLAN, ...part }, DEFAULTS_V1).problems.map(({ at, message }) => `${at}: ${message}`);

it('reads axes, seeds and length of what is typed', () => {
  const { sweep, problems } = sweepOf(PLAN, DEFAULTS_V1);
  expect(problems).toEqual([]);
  expect(sweep).toMatchObject({
    format: 1,
    name: 'K and lr',
    axes: [
      { path: 'router.K', values: [1, 2, 4] },
      { path: 'optimizer.lr', min: 1e-4, max: 0.01, count: 4, scale: 'log' },
      { path: 'experts.slots' },
    ],
    seeds: [1, 2, 3, 9],
    budget: { of: 'steps', amount: 300 },
  });
  expect(runCount(sweep!)).toBe(3 * 4 * 2 * 4);
});

it('has one place for all drawn axes in the number of runs', () => {
  const drawn = { kind: 'range', min: '0.1', max: '0.5', count: '5', draws: true } as const;
  const axes = [
    axis('router.K', { values: '1 2' }),
    axis('optimizer.lr', { ...drawn }),
    axis('optimizer.weightDecay', { ...drawn }),
  ];
  const { sweep } = sweepOf({ ...PLAN, axes }, DEFAULTS_V1);
  expect(runCount(sweep!)).toBe(2 * 5 * 4);
  const unlike = [...axes.slice(0, 2), axis('optimizer.weightDecay', { ...drawn, count: '6' })];
  expect(problemOf({ axes: unlike })).toEqual([
    '2: Drawn settings are drawn together: 5 and 6 values',
  ]);
});

describe('what cannot be read', () => {
  it.each<[Partial<SweepPlan>, RegExp]>([
    [{ axes: [] }, /^axes: Choose a setting/],
    [{ axes: [axis('router.K', { values: '' })] }, /^0: Slots per token: name at least one value/],
    [{ axes: [axis('router.K', { values: '1 0' })] }, /^0: Slots per token.*0/],
    [{ axes: [axis('router.K', { values: '2 2' })] }, /^0: .*2 stands twice/],
    [
      { axes: [...PLAN.axes, axis('router.K', { values: '2' })] },
      /^3: router\.K is an axis already/,
    ],
    [
      { axes: [axis('optimizer.lr', { kind: 'range', min: '1', max: '0.1' })] },
      /^0: .*from 1 to 0\.1 is no range/,
    ],
    [{ seeds: '' }, /^seeds: Seeds: name at least one/],
    [{ seeds: '3-1' }, /^seeds: Seeds 3-1/],
    [{ seeds: '1 x' }, /^seeds: Seed x: a whole number from 0/],
    [{ seeds: '1-3 2' }, /^seeds: Seed 2 stands twice/],
    [{ amount: '0' }, /^amount: Length 0: whole steps from 1 to/],
    [{ amount: '' }, /^amount: Length \(empty\)/],
  ])('%j is told where it stands', (part, message) => {
    expect(problemOf(part)[0]).toMatch(message);
  });
});

it('offers every setting that a run is made of', () => {
  const paths = SWEPT.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(['model.D', 'router.tau', 'experts.slots', 'data.mix']),
  );
  for (const path of ['seeds.init', 'optimizer.totalSteps', 'events'])
    expect(paths).not.toContain(path);
  for (const setting of SWEPT) {
    const value = setting.default;
    const plan = { ...PLAN, axes: [newAxis(setting, value)] };
    // A setting that is off has no value to begin with.
    const messages = sweepOf(plan, DEFAULTS_V1).problems.map(({ message }) => message);
    if (value !== null) expect(messages, setting.path).toEqual([]);
  }
});

it('is the same after a link and after a file', () => {
  expect(decodePlan(encodePlan(PLAN))).toEqual(PLAN);
  expect(encodePlan(PLAN)).toMatch(/^[\w-]+$/);
  const { sweep } = sweepOf(PLAN, DEFAULTS_V1);
  const raw: unknown = JSON.parse(JSON.stringify(sweep));
  const again = sweepOf(planOfFile('a.json', raw), DEFAULTS_V1);
  expect(again).toEqual({ sweep, problems: [] });
  expect(sweepOf(planOf(sweep!), DEFAULTS_V1).sweep).toEqual(sweep);
});

it('refuses texts and files that hold no sweep', () => {
  for (const text of ['', 'abc', 'not packed', encodePlan(PLAN).slice(0, 40)])
    expect(decodePlan(text), text).toBeNull();
  const { sweep } = sweepOf(PLAN, DEFAULTS_V1);
  const broken: readonly unknown[] = [
    [],
    { format: 2 },
    { ...sweep, axes: 3 },
    { ...sweep, axes: [{ path: 'nothing', values: [1] }] },
    { ...sweep, seeds: [-1] },
  ];
  for (const raw of broken) expect(() => planOfFile('a.json', raw)).toThrow(/a\.json|nothing/);
});

it('takes the page’s settings without what an open run added to them', () => {
  const events = [[120, { 'optimizer.lr': 0.1 }]] as const;
  const open = { ...DEFAULTS_V1, events, data: { ...DEFAULTS_V1.data, hash: 'a'.repeat(64) } };
  expect(sweepOf(PLAN, open).sweep).toEqual(sweepOf(PLAN, DEFAULTS_V1).sweep);
});
