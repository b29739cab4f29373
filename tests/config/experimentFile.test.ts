import { expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { readExperimentFile } from '../../src/config/experimentFile.ts';

const read = (json: unknown) => readExperimentFile('a.json', JSON.stringify(json));

test('reads an experiment, also out of a file of metrics', () => {
  expect(read(DEFAULTS_V1)).toEqual({ experiment: DEFAULTS_V1, problems: [] });
  expect(read({ experiment: DEFAULTS_V1, scalars: {} }).experiment).toEqual(DEFAULTS_V1);
  expect(read({ version: 1 })).toEqual({ experiment: DEFAULTS_V1, problems: [] });
});

test('lists what it cannot take, and takes the rest', () => {
  const { experiment, problems } = read({ version: 1, model: { D: 32, L: -1 } });
  expect(experiment.model).toMatchObject({ D: 32, L: DEFAULTS_V1.model.L });
  expect(problems).toHaveLength(1);
});

test.each([
  ['42', 'a.json is no experiment: it holds 42, not an object of settings.'],
  ['[]', 'a.json is no experiment: it holds [], not an object of settings.'],
  ['null', 'it holds null'],
  ['', 'a.json is not JSON: '],
  ['{"model": {"D": 32', 'a.json is not JSON: '],
  ['{"name": "x", "version": "1.0.0"}', 'it has none of model, .*; it has name, version.'],
  ['{}', 'it has nothing'],
  ['{"version": 9, "model": {}}', 'version 9 cannot be read; this program reads version 1.'],
  ['{"version": 1, "model": {"D": "wide"}}', 'Model width: "wide" is not allowed'],
  ['{"version": 1, "model": {"D": 8, "L": 1, "D": 16}}', 'a.json is ambiguous: "D" stands twice'],
])('%s is refused, the file named', (text, says) => {
  expect(() => readExperimentFile('a.json', text)).toThrow(/^a\.json is /);
  expect(() => readExperimentFile('a.json', text)).toThrow(
    new RegExp(says.replaceAll(/[[\].](?!\*)/g, '\\$&')),
  );
});
