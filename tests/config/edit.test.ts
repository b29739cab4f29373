import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import {
  applyChange,
  changedPaths,
  engineConfig,
  experimentAtStep,
  getPath,
  isLive,
  recordEvent,
  setPath,
} from '../../src/config/edit.ts';
import { experiments } from './arbitrary.ts';

test('setPath copies only what it changes', () => {
  const next = setPath(DEFAULTS_V1, 'optimizer.lr', 0.5);
  expect(next.optimizer.lr).toBe(0.5);
  expect(DEFAULTS_V1.optimizer.lr).toBe(3e-3);
  expect(next.model).toBe(DEFAULTS_V1.model);
});

test('a loss weight of null removes its term, a number adds it', () => {
  const off = setPath(DEFAULTS_V1, 'losses.switch.alpha', null);
  expect(off.losses).toEqual({});
  expect(getPath(off, 'losses.switch.alpha')).toBeUndefined();
  expect(setPath(off, 'losses.reward.alpha2', 0.1).losses).toEqual({ reward: { alpha2: 0.1 } });
});

test('own expert spaces of layers can be set and removed', () => {
  const own = setPath(DEFAULTS_V1, 'experts.perLayer', { 1: [{ kind: 'copy' }] });
  expect(own.experts.perLayer?.['1']).toEqual([{ kind: 'copy' }]);
  expect(Object.hasOwn(setPath(own, 'experts.perLayer', null).experts, 'perLayer')).toBe(false);
});

test('paths through the prototype are refused', () => {
  expect(() => setPath(DEFAULTS_V1, '__proto__.polluted', 1)).toThrow('__proto__');
  expect(getPath(DEFAULTS_V1, 'constructor.name')).toBeUndefined();
  expect(() => applyChange(DEFAULTS_V1, { 'model.width': 1 })).toThrow('not a setting');
});

test('changedPaths names exactly the differences', () => {
  fc.assert(
    fc.property(experiments, (experiment) => {
      const paths = changedPaths(DEFAULTS_V1, experiment);
      const rebuilt = paths.reduce(
        (now, path) => setPath(now, path, getPath(experiment, path) ?? null),
        DEFAULTS_V1,
      );
      expect(rebuilt).toEqual(experiment);
      expect(changedPaths(experiment, rebuilt)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('events apply from their step on, in order, and merge at one step', () => {
  let run = recordEvent(DEFAULTS_V1, 20, { 'optimizer.lr': 0.001 });
  run = recordEvent(run, 40, { 'router.K': 1, 'optimizer.lr': 0.002 });
  run = recordEvent(run, 20, { 'optimizer.lr': 0.004, 'losses.switch.alpha': null });
  expect(run.events).toEqual([
    [20, { 'optimizer.lr': 0.004, 'losses.switch.alpha': null }],
    [40, { 'router.K': 1, 'optimizer.lr': 0.002 }],
  ]);
  expect(experimentAtStep(run, 19).optimizer.lr).toBe(3e-3);
  expect(experimentAtStep(run, 20).optimizer.lr).toBe(0.004);
  expect(experimentAtStep(run, 20).losses).toEqual({});
  expect(experimentAtStep(run, 1000).router.K).toBe(1);
  expect(experimentAtStep(run, 1000).events).toBe(run.events);
});

test('only live settings can be events, at whole steps from 1', () => {
  expect(isLive('optimizer.lr')).toBe(true);
  expect(isLive('model.D')).toBe(false);
  expect(isLive('nothing')).toBe(false);
  expect(() => recordEvent(DEFAULTS_V1, 5, { 'model.D': 64 })).toThrow('model.D');
  expect(() => recordEvent(DEFAULTS_V1, 0, {})).toThrow('step 0');
});

test('the engine gets the vocabulary of the tokenizer unless it is fixed', () => {
  expect(engineConfig(DEFAULTS_V1, 77).model.V).toBe(77);
  const fixed = setPath(DEFAULTS_V1, 'model.V', 256);
  expect(engineConfig(fixed, 77).model.V).toBe(256);
  expect(() => engineConfig(fixed, 300)).toThrow('300');
  const seeded = setPath(DEFAULTS_V1, 'seeds.drop', 9);
  expect(engineConfig(seeded, 77).seed).toBe(9);
});
