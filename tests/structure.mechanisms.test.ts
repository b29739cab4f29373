/** Cards of mechanisms resolve: their settings, operations, golden cases and table in the guide. */
import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../src/config/defaults.ts';
import { MECHANISMS } from '../src/config/mechanisms.ts';
import { parseExperiment } from '../src/config/parse.ts';
import { PRESETS } from '../src/config/presets.ts';
import { settingAt } from '../src/config/schema.ts';
import { TELEMETRY_FIELDS } from '../src/config/telemetry.ts';
import { mechanismTable } from './support/mechanismTable.ts';
import { textOf } from './support/sourceTree.ts';

const GOLDENS = 'tests/fixtures/goldens';

it.each(MECHANISMS)('$id names what there is', ({ paths, operations, goldens, fields }) => {
  expect(paths.filter((path) => settingAt(path) === undefined)).toEqual([]);
  expect(operations.filter((name) => !existsSync(`src/reference/${name}.ts`))).toEqual([]);
  expect(goldens.filter((name) => !existsSync(`${GOLDENS}/${name}/case.json`))).toEqual([]);
  const known = TELEMETRY_FIELDS.map(({ name }) => name);
  expect(fields.filter((name) => !known.includes(name))).toEqual([]);
  expect(goldens.length).toBeGreaterThan(0);
});

it('has an identity of its own for every card', () => {
  expect(new Set(MECHANISMS.map(({ id }) => id)).size).toBe(MECHANISMS.length);
});

/** Whether a folder holds a case of a kind that trains; the others are about what is read of a run. */
function isOfTraining(name: string): boolean {
  const path = `${GOLDENS}/${name}/case.json`;
  return (
    existsSync(path) &&
    !['analysis', 'probes', 'statistics'].includes(JSON.parse(textOf(path)).kind)
  );
}

it('claims every golden case of training and conversion', () => {
  const cases = readdirSync(GOLDENS).filter(isOfTraining);
  const claimed = new Set(MECHANISMS.flatMap(({ goldens }) => goldens));
  expect(cases.filter((name) => !claimed.has(name))).toEqual([]);
});

it.each(MECHANISMS)('$id is on in its golden cases', ({ isOn, goldens, id }) => {
  if (id === 'conversion')
    return expect(
      isOn({ ...DEFAULTS_V1, model: { ...DEFAULTS_V1.model, arrangement: 'dense' } }),
    ).toBe(true);
  const on = goldens.map((name) => {
    const { config, kind } = JSON.parse(textOf(`${GOLDENS}/${name}/case.json`));
    if (kind !== 'train') return true;
    const raw = { ...DEFAULTS_V1, ...config, losses: config.losses, version: 1 };
    return isOn(parseExperiment(raw).experiment);
  });
  expect(on).toContain(true);
});

it('is on in a preset of its paper', () => {
  for (const { paper, id, isOn } of MECHANISMS) {
    if (paper === null) continue;
    const mine = PRESETS.filter((preset) => preset.paper === paper);
    expect(
      mine.some(({ experiment }) => isOn(experiment)),
      id,
    ).toBe(true);
  }
});

it('stands in the guide as a table', () => {
  expect(textOf('docs/CONTRIBUTING.md')).toContain(mechanismTable());
});
