import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { parseChange, parseExperiment } from '../../src/config/parse.ts';
import { setAt } from '../../src/config/paths.ts';
import { SETTINGS } from '../../src/config/schema.ts';
import { migrate } from '../../src/config/versions.ts';
import { experiments } from './arbitrary.ts';

const withValue = (path: string, value: unknown): unknown => setAt(DEFAULTS_V1, path, value);

test('any legal experiment is read as it is, without a problem', () => {
  fc.assert(
    fc.property(experiments, (experiment) => {
      const parsed = parseExperiment(JSON.parse(JSON.stringify(experiment)));
      expect(parsed).toEqual({ experiment, problems: [] });
    }),
    { numRuns: 150 },
  );
});

test('anything at all is read without throwing, into a legal experiment', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (input) => {
      const { experiment } = parseExperiment(input);
      expect(parseExperiment(experiment)).toEqual({ experiment, problems: [] });
    }),
    { numRuns: 200 },
  );
});

test('rubbish in any single setting leaves a legal experiment and names the setting', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SETTINGS), fc.jsonValue(), (setting, rubbish) => {
      const { experiment, problems } = parseExperiment(withValue(setting.path, rubbish));
      expect(parseExperiment(experiment)).toEqual({ experiment, problems: [] });
      if (problems.length > 0) expect(problems[0]?.path).toBe(setting.path);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['model.D', 9000, 'from 1 to 8192'],
  ['model.D', 64.5, 'a whole number'],
  ['model.D', '64', 'a whole number'],
  ['optimizer.lr', Number.NaN, 'a number from 0'],
  ['optimizer.clip', Number.POSITIVE_INFINITY, 'or null'],
  ['seeds.init', -1, 'from 0 to 4294967295'],
  ['router.gate', 'sigmoid', 'one of softmax, renormalized'],
  ['model.tied', 1, 'true or false'],
  ['model.arrangement', [2, 1], 'rising layer indices'],
  ['data.hash', 'abc', '64 hexadecimal digits'],
  ['experts.slots', [], '1 to 64'],
])('%s = %s falls back to its default and says what is allowed', (path, value, allowed) => {
  const { experiment, problems } = parseExperiment(withValue(path, value));
  expect(experiment).toEqual(DEFAULTS_V1);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ path, severity: 'error' });
  expect(problems[0]?.message).toContain(allowed);
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  expect(problems[0]?.message).toContain(shown === '[]' ? '0 slots' : shown);
});

test('a wrong slot is named by its place', () => {
  const slots = [
    { kind: 'ffn', hidden: 8 },
    { kind: 'ffn', hidden: 0 },
  ];
  const { problems } = parseExperiment(withValue('experts.slots', slots));
  expect(problems[0]?.message).toContain('1.hidden');
  expect(problems[0]?.message).toContain('0 is not allowed');
});

test('65 slots are refused with their number', () => {
  const slots = Array.from({ length: 65 }, () => ({ kind: 'zero' }));
  const { problems } = parseExperiment(withValue('experts.slots', slots));
  expect(problems[0]?.message).toContain('65 slots');
});

test('a given losses block without a term turns it off; a missing block has the defaults', () => {
  expect(parseExperiment({ version: 1, losses: {} }).experiment.losses).toEqual({});
  expect(parseExperiment({ version: 1 }).experiment.losses).toEqual(DEFAULTS_V1.losses);
});

test('unknown keys are listed with their path', () => {
  const { experiment, problems } = parseExperiment({
    ...DEFAULTS_V1,
    extra: 1,
    batch: { B: 2, C: 3 },
  });
  expect(problems.map(({ path }) => path)).toEqual(['batch.C', 'extra']);
  expect(experiment.batch).toEqual({ B: 2, S: DEFAULTS_V1.batch.S });
});

test.each([
  [{ 'model.D': 32 }, 'model.D'],
  [{ 'optimizer.totalSteps': 100 }, 'optimizer.totalSteps'],
  [{ losses: { 'switch.alpha': 0.1 } }, 'losses.switch.alpha'],
])('a dotted path as a key, %j, is told, as it sets nothing', (file, path) => {
  const { problems } = parseExperiment({ version: 1, ...file });
  const message = expect.stringContaining(`"${path}"`);
  expect(problems).toEqual([{ path, message, severity: 'error' }]);
});

test.each([
  [{ zloss: {} }, 'losses.zloss', 'coefficient'],
  [{ switch: { beta: 1 } }, 'losses.switch', 'alpha'],
])('a loss without its weight, %j, is told', (losses, path, member) => {
  const { problems } = parseExperiment({ version: 1, losses });
  const told = problems.find((problem) => problem.path === path);
  expect(told?.message).toContain(`has no "${member}"`);
  expect(parseExperiment({ version: 1, losses: { zloss: { coefficient: 0 } } }).problems).toEqual(
    [],
  );
});

test('a missing version is told and read as the current one', () => {
  const { experiment, problems } = parseExperiment({ batch: { B: 2 } });
  expect(experiment.batch.B).toBe(2);
  expect(problems).toMatchObject([{ path: 'version', severity: 'warning' }]);
});

test('unknown versions are refused', () => {
  for (const version of [0, 2, '1', null, {}]) {
    const { experiment, problems } = parseExperiment({
      ...DEFAULTS_V1,
      seeds: { init: 7 },
      version,
    });
    expect(experiment).toEqual(DEFAULTS_V1);
    expect(problems[0]?.path).toBe('version');
  }
});

test('keys of the prototype are keys like any other, and inherited ones are not read', () => {
  const evil: unknown = JSON.parse(
    '{"version": 1, "__proto__": {"batch": {"B": 3}}, "batch": {"__proto__": {"B": 5}}}',
  );
  const { experiment, problems } = parseExperiment(evil);
  expect(experiment).toEqual(DEFAULTS_V1);
  expect(problems.map(({ path }) => path)).toEqual(['__proto__', 'batch.__proto__']);
  expect(Object.hasOwn(Object.prototype, 'batch')).toBe(false);
  const inherited: unknown = Object.create({ batch: { B: 3, S: 8 } });
  expect(parseExperiment(inherited).experiment).toEqual(DEFAULTS_V1);
});

test('K may be null where the selection does not use it, as in golden cases', () => {
  const topp = setAt(withValue('router.K', null), 'router.selection', 'topp');
  expect(parseExperiment(topp).problems).toEqual([]);
  expect(parseExperiment(withValue('router.K', null)).problems).toHaveLength(1);
});

describe('events', () => {
  test('those in another order are put in order, and told with everything else', () => {
    const events = [
      [9, { 'router.K': 3 }],
      [4, { 'router.K': 1 }],
      [6, {}],
    ];
    const raw = setAt(withValue('events', events), 'initStd', -1);
    const { experiment, problems } = parseExperiment(raw);
    expect(experiment.events).toEqual([
      [4, { 'router.K': 1 }],
      [9, { 'router.K': 3 }],
    ]);
    const told = problems.map(({ message }) => message).join('\n');
    expect(told).toContain('event 2 at step 4 stands after one at step 9');
    expect(told).toContain('event at step 6 changes nothing');
    expect(told).toContain('-1 is not allowed');
  });

  test('values out of range, unknown and fixed paths are left out and listed', () => {
    const events = [
      [5, { 'optimizer.lr': -1, 'router.K': 3 }],
      [6, { 'model.D': 64 }],
      [7, { 'no.such': 1 }],
      [0, {}],
      'rubbish',
    ];
    const { experiment, problems } = parseExperiment(withValue('events', events));
    expect(experiment.events).toEqual([[5, { 'router.K': 3 }]]);
    expect(problems).toHaveLength(5);
    expect(problems.every(({ path }) => path === 'events')).toBe(true);
    expect(problems[0]?.message).toContain('step 5');
  });

  test('a change is checked like an event', () => {
    const { change, problems } = parseChange({ 'router.capacity': null, 'router.q': 2 });
    expect(change).toEqual({ 'router.capacity': null });
    expect(problems[0]?.message).toContain('2 is not allowed');
  });
});

test('an older version keeps its defaults through migration', () => {
  const registry = {
    current: 3,
    defaults: { 1: { a: { x: 1, y: 1 } }, 2: { a: { x: 2, y: 2 } }, 3: { b: { x: 3, y: 3 } } },
    migrations: {
      1: (raw: Record<string, unknown>) => raw,
      2: ({ a, ...rest }: Record<string, unknown>) => ({ ...rest, b: a }),
    },
  };
  expect(migrate({ version: 1, a: { x: 9 } }, 1, registry)).toEqual({
    version: 3,
    b: { x: 9, y: 1 },
  });
  expect(migrate({ version: 3, b: {} }, 3, registry)).toEqual({ version: 3, b: {} });
  expect(() => migrate({}, 4, registry)).toThrow('version 4');
});
