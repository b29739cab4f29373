/** Golden cases about what is read of a model: that they can fail, and how. */
import { describe, expect, it } from 'vitest';
import type { Inspection } from '../../src/analysis/inspection.ts';
import { type AnalysisCase, bytesOf } from '../../src/golden/analysisCase.ts';
import { compareFigure, compareTree, compareUndefined } from '../../src/golden/compare.ts';
import { parseCase } from '../../src/golden/format.ts';
import { referenceSubject } from '../../src/golden/referenceSubject.ts';
import { type GoldenReport, runCase } from '../../src/golden/run.ts';
import type { GoldenSubject } from '../../src/golden/subject.ts';
import { loadGolden, readGolden } from './goldens.ts';

const right = referenceSubject();

/** A subject whose passes are changed before they are seen. */
function changed(change: (inspection: Inspection) => Inspection): GoldenSubject {
  return {
    ...right,
    openModel: async (model) => {
      const passes = await right.openModel(model);
      return { ...passes, inspect: async (items) => change(await passes.inspect(items)) };
    },
  };
}

function failed({ comparisons }: GoldenReport): string[] {
  return comparisons.filter(({ passed }) => !passed).map(({ name }) => name);
}

describe('cases of kind analysis', () => {
  const golden = loadGolden('analysis-tcmoe') as AnalysisCase;

  it('fail in what a wrong pass touches, and nowhere else', async () => {
    const drop = changed((inspection) => {
      const [first, ...rest] = inspection.layers;
      const dropped = first!.dropped.map((flag, at) => (at === 0 ? 1 : flag));
      return { ...inspection, layers: [{ ...first!, dropped }, ...rest] };
    });
    const names = failed(await runCase(golden, drop));
    expect(names).toEqual(
      expect.arrayContaining([
        'out.drops.layers.0.bySlot',
        'out.tokens.layers.0.dropped',
        'drops.layers.0.rate',
        'workload.widthMean',
      ]),
    );
    // All routing figures stay: they count dropped assignments too.
    const ofWork = /^(out\.)?(drops|workload|tokens|coactivation|deciles|classes|contribution)\./;
    expect(names.filter((name) => !ofWork.test(name) || name.includes('layers.1'))).toEqual([]);
  });

  it('fail where losses are off by more than rounding', async () => {
    const off = changed((inspection) => ({
      ...inspection,
      ce: inspection.ce.map((x) => x + 1e-3),
    }));
    const names = failed(await runCase(golden, off));
    expect(names).toEqual(expect.arrayContaining(['bits.ce', 'out.interventions.1.delta']));
  });

  it('change nothing with no interventions, and nothing where nothing is changed', async () => {
    const passes = await right.openModel(golden.model);
    const { ce } = await passes.inspect([]);
    expect([...(await passes.losses([]))]).toEqual([...ce]);
    const zeros = golden.asked.filter(({ as }) => {
      const tensor = golden.expected.tensors.get(`out.${as}.delta`);
      return tensor?.data.every((x) => x === 0);
    });
    expect(zeros.length).toBeGreaterThan(3);
    for (const { request } of zeros) {
      if (request.figure !== 'interventions') throw new Error('a delta of another figure');
      expect([...(await passes.losses(request.items))]).toEqual([...ce]);
    }
  });

  it('name what is missing in a case', () => {
    const { json } = readGolden('analysis-tcmoe');
    expect(() => parseCase(json, null)).toThrow('tensors.safetensors is missing');
    const { bytes } = readGolden('analysis-modse');
    const wrong = { ...(json as object), figures: [{ figure: 'load', weights: 'other' }] };
    expect(() => parseCase(wrong, bytes)).toThrow('figures.0.weights');
    expect(() => parseCase(json, bytes)).toThrow('"tokens" has 48 whole numbers, not 64');
  });
});

describe('cases of kind probes', () => {
  it('fail where an item, a count or a real number differs', async () => {
    const golden = loadGolden('probes-edges');
    if (golden.kind !== 'probes') throw new Error('probes-edges is of another kind');
    const wrong = structuredClone(golden);
    Object.assign(wrong.settings, { seed: 12346 });
    expect(failed(await runCase(wrong, right)).map((name) => name.split('.')[0])).toEqual(
      expect.arrayContaining(['items', 'results']),
    );
    const counts = structuredClone(golden);
    Object.assign(counts.expected.candidates, { lastWord: { words: 15 } });
    expect(failed(await runCase(counts, right))).toEqual(['candidates.lastWord.empty']);
  });
});

describe('comparisons', () => {
  const tolerance = { abs: 0.01, rel: 0 };
  const want = { shape: [3], data: Float32Array.of(1, NaN, 3) };
  const got = (...values: number[]) => ({
    shape: [values.length],
    data: Float64Array.from(values),
  });

  it('want what is undefined in the same places', () => {
    expect(compareFigure('a', got(1.009, NaN, 3), want, tolerance).passed).toBe(true);
    expect(compareFigure('a', got(1, 0, 3), want, tolerance).detail).toBe('[1] got 0, want NaN');
    expect(compareFigure('a', got(NaN, NaN, 3), want, tolerance).passed).toBe(false);
    expect(compareFigure('a', got(1.011, NaN, 3), want, tolerance).passed).toBe(false);
    expect(compareFigure('a', got(1, NaN), want, tolerance).detail).toMatch(/shape \[2\]/);
    expect(compareFigure('a', undefined, want, tolerance).detail).toBe('missing');
    expect(compareFigure('a', 1, want, tolerance).detail).toBe('got 1, no array');
    const whole = { shape: [2], data: Int32Array.of(1, -1) };
    expect(compareFigure('a', whole, whole, tolerance).passed).toBe(true);
    expect(compareFigure('a', got(1.001, -1), whole, tolerance).passed).toBe(false);
    expect(compareUndefined('a', NaN, null, tolerance).passed).toBe(true);
    expect(compareUndefined('a', 0, null, tolerance).passed).toBe(false);
    expect(compareUndefined('a', NaN, 0, tolerance).passed).toBe(false);
    expect(compareUndefined('a', undefined, null, tolerance).passed).toBe(false);
  });

  it('want trees without anything missing or in addition', () => {
    const tree = { a: [1, 'x'], b: {}, c: null };
    const same = (other: unknown) => compareTree('t', other, tree);
    expect(same({ a: [1 + 1e-10, 'x'], b: {}, c: null }).passed).toBe(true);
    expect(same({ a: [1 + 1e-8, 'x'], b: {}, c: null }).name).toBe('t.a.0');
    expect(same({ a: [1, 'y'], b: {}, c: null }).name).toBe('t.a.1');
    expect(same({ a: [1, 'x', 2], b: {}, c: null }).detail).toBe('is in addition');
    expect(same({ a: [1, 'x'], b: { d: 1 }, c: null }).passed).toBe(false);
    expect(same({ a: [1, 'x'], c: null }).name).toBe('t.b');
    expect(same({ a: [1, 'x'], b: {}, c: 0 }).name).toBe('t.c');
  });

  it('read bytes that are no whole characters', () => {
    expect([...bytesOf({ hex: 'c3a9' })]).toEqual([0xc3, 0xa9]);
    expect([...bytesOf('é')]).toEqual([0xc3, 0xa9]);
    expect([...bytesOf({ hex: '' })]).toEqual([]);
  });
});
