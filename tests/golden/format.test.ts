import { describe, expect, it } from 'vitest';
import { parseCase } from '../../src/golden/format.ts';
import { referenceSubject } from '../../src/golden/referenceSubject.ts';
import { runCase } from '../../src/golden/run.ts';
import type { GoldenSubject } from '../../src/golden/subject.ts';
import { loadGolden, readGolden } from './goldens.ts';

/** The JSON of `moepp` with one change. */
function changed(change: (json: Record<string, Record<string, unknown>>) => void): unknown {
  const { json } = readGolden('moepp');
  const copy = structuredClone(json) as Record<string, Record<string, unknown>>;
  change(copy);
  return copy;
}

describe('parseCase', () => {
  const { bytes } = readGolden('moepp');

  it.each([
    ['kind', (json: Record<string, unknown>) => Object.assign(json, { kind: 'other' })],
    [
      'config.steps',
      (json: Record<string, Record<string, unknown>>) => {
        json.config!.steps = 0;
      },
    ],
    [
      'tolerance.out',
      (json: Record<string, Record<string, unknown>>) => {
        delete json.tolerance!.out;
      },
    ],
    [
      'config.router',
      (json: Record<string, Record<string, unknown>>) => {
        json.config!.router = null;
      },
    ],
  ] as const)('names what is wrong: %s', (path, change) => {
    expect(() => parseCase(changed(change), bytes)).toThrow(path);
  });

  it('refuses tensors of another size than the configuration says', () => {
    const json = changed(({ config }) => {
      config!.steps = 4;
    });
    expect(() => parseCase(json, bytes)).toThrow('has 120 elements, not 96');
  });
});

describe('runCase', () => {
  it('fails a subject that is wrong in one gradient, and names it first', async () => {
    const right = referenceSubject();
    const wrong: GoldenSubject = {
      ...right,
      train: async (input) => {
        const output = await right.train(input);
        output.tensors.get('grad.final_norm.weight')!.data[3]! += 0.01;
        return output;
      },
    };
    const report = await runCase(loadGolden('moepp'), wrong);
    expect(report.passed).toBe(false);
    expect(report.comparisons[0]!.name).toBe('grad.final_norm.weight');
    expect(report.comparisons[0]!.detail).toMatch(/^\[3\] got/);
    expect(report.comparisons[1]!.passed).toBe(true);
  });

  it('fails a subject that leaves steps, places or the split out', async () => {
    const right = referenceSubject();
    const lazy: GoldenSubject = {
      ...right,
      train: async (input) => ({ ...(await right.train(input)), steps: [], capacity: {} }),
      ladimoSplit: async (input) => ({ ...(await right.ladimoSplit(input)), split: new Map() }),
    };
    const failed = async (name: string) =>
      (await runCase(loadGolden(name), lazy)).comparisons.filter(({ passed }) => !passed);
    const names = (await failed('moepp')).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['losses.ce', 'gradNorm', 'steps.4.lr', 'capacity.2']),
    );
    expect(await failed('ladimo-split')).toHaveLength(12);
  });
});
