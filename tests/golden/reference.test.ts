import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseCase } from '../../src/golden/format.ts';
import { referenceSubject } from '../../src/golden/referenceSubject.ts';
import { runCase } from '../../src/golden/run.ts';

const directory = fileURLToPath(new URL('../fixtures/goldens/', import.meta.url));
const names = readdirSync(directory).filter((name) => existsSync(`${directory}${name}/case.json`));

function load(name: string) {
  const json: unknown = JSON.parse(readFileSync(`${directory}${name}/case.json`, 'utf8'));
  return parseCase(json, readFileSync(`${directory}${name}/tensors.safetensors`));
}

describe('golden cases on the float64 reference', () => {
  it('finds all 27 cases', () => {
    expect(names).toHaveLength(27);
  });

  it.each(names)('%s', async (name) => {
    const report = await runCase(load(name), referenceSubject());
    const failures = report.comparisons.filter(({ passed }) => !passed);
    expect(failures.map((c) => `${c.name}: ${c.error} > ${c.allowed} ${c.detail}`)).toEqual([]);
    expect(report.comparisons.length).toBeGreaterThan(8);
  });
});
