import { expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, getPath } from '../../src/config/edit.ts';
import { parseExperiment } from '../../src/config/parse.ts';
import { isRecord } from '../../src/config/paths.ts';
import { SETTINGS, settingAt, settingOfKey } from '../../src/config/schema.ts';
import { GROUPS } from '../../src/config/settings.ts';
import { checkValue } from '../../src/config/values.ts';
import pinned from '../fixtures/defaults-v1.json' with { type: 'json' };

test('no default of version 1 ever changes; every new setting adds its own', () => {
  const now = SETTINGS.map(({ path }) => [path, getPath(DEFAULTS_V1, path) ?? null]);
  expect(Object.fromEntries(now)).toEqual(pinned);
});

test('the defaults are frozen through and through', () => {
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    expect(Object.isFrozen(value)).toBe(true);
    Object.values(value).forEach(walk);
  };
  walk(DEFAULTS_V1);
});

test('link keys and paths are unique, keys short and plain', () => {
  expect(new Set(SETTINGS.map(({ key }) => key)).size).toBe(SETTINGS.length);
  expect(new Set(SETTINGS.map(({ path }) => path)).size).toBe(SETTINGS.length);
  for (const { key } of SETTINGS) expect(key).toMatch(/^[A-Za-z][A-Za-z0-9]{0,4}$/);
  // `v` is the version and `z` the packed form.
  expect(settingOfKey('v')).toBeUndefined();
  expect(settingOfKey('z')).toBeUndefined();
});

test('the keys of links are these for good; new ones are added at the end of a group', () => {
  expect(SETTINGS.map(({ key }) => key).join(' ')).toBe(
    'V D L H Hkv pos rb kn ne tied F arr std ' +
      'sel K P q pol gate cap tau bias noise res scr rs br hs hl fz pool x xl sh alpha beta a1 a2 w zl bal ' +
      'lr min wu n b1 b2 eps wd clip B S mix uniq ep val text tok vs si sd sq ' +
      've vb vc te tn temp e',
  );
});

test('every leaf of the default experiment has a row', () => {
  const leaves = (value: unknown, path: string): string[] => {
    if (settingAt(path) !== undefined) return [path];
    if (!isRecord(value)) return [path];
    return Object.entries(value).flatMap(([key, child]) =>
      leaves(child, path === '' ? key : `${path}.${key}`),
    );
  };
  const uncovered = leaves(DEFAULTS_V1, '').filter((path) => settingAt(path) === undefined);
  expect(uncovered).toEqual(['version']);
});

test.each(SETTINGS.map((setting) => [setting.path, setting] as const))(
  '%s: default is legal, texts are there',
  (path, setting) => {
    expect(setting.default).toEqual(getPath(DEFAULTS_V1, path) ?? null);
    if (setting.kind !== 'events')
      expect(checkValue(setting, setting.default)).toMatchObject({ ok: true });
    expect(setting.label).not.toBe('');
    expect(setting.help).toMatch(/[.]$/);
    expect(GROUPS).toContain(setting.group);
    if (setting.control.type === 'slider' && 'min' in setting) {
      expect(setting.control.min).toBeGreaterThanOrEqual(setting.min);
      expect(setting.control.max).toBeLessThanOrEqual(setting.max);
    }
  },
);

test('rows stand in the order of their groups', () => {
  const order = SETTINGS.map(({ group }) => GROUPS.indexOf(group));
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('the tiny size is a legal change of the defaults', () => {
  const tiny = applyChange(DEFAULTS_V1, TINY_SIZE);
  const parsed = parseExperiment(JSON.parse(JSON.stringify(tiny)));
  expect(parsed.problems).toEqual([]);
  expect(parsed.experiment).toEqual(tiny);
  expect(tiny.batch).toEqual({ B: 8, S: 32 });
});

test('rows hide where they have no effect', () => {
  const dense = applyChange(DEFAULTS_V1, { 'model.arrangement': 'dense' });
  expect(settingAt('router.K')?.visibleWhen?.(DEFAULTS_V1)).toBe(true);
  expect(settingAt('router.K')?.visibleWhen?.(dense)).toBe(false);
  expect(settingAt('model.denseHidden')?.visibleWhen?.(DEFAULTS_V1)).toBe(false);
  expect(settingAt('model.denseHidden')?.visibleWhen?.(dense)).toBe(true);
});
