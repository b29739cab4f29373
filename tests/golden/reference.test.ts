import { describe, expect, it } from 'vitest';
import { parameterShapes } from '../../src/config/parameterShapes.ts';
import type { GoldenCase } from '../../src/golden/format.ts';
import { selectionMargin } from '../../src/golden/margin.ts';
import { referenceSubject, trainReference } from '../../src/golden/referenceSubject.ts';
import { runCase } from '../../src/golden/run.ts';
import { GOLDEN_NAMES, loadGolden } from './goldens.ts';

/** How much a case expects. */
function expectations(golden: GoldenCase): number {
  switch (golden.kind) {
    case 'ladimo-policy':
      return 1;
    case 'probes':
      return Object.keys(golden.expected).length - 1;
    case 'statistics':
      return golden.analyses.length - 1;
    case 'analysis':
      return golden.expected.tensors.size + golden.expected.scalars.size - 1;
    default:
      return golden.expected.tensors.size;
  }
}

describe('golden cases on the float64 reference', () => {
  it('finds all 49 cases', () => {
    expect(GOLDEN_NAMES).toHaveLength(49);
  });

  it.each(GOLDEN_NAMES)('%s', async (name) => {
    const golden = loadGolden(name);
    const report = await runCase(golden, referenceSubject());
    const failures = report.comparisons.filter(({ passed }) => !passed);
    expect(failures.map((c) => `${c.name}: ${c.error} > ${c.allowed} ${c.detail}`)).toEqual([]);
    expect(report.passed).toBe(true);
    expect(report.comparisons.length).toBeGreaterThan(expectations(golden));
  });

  it.each(GOLDEN_NAMES)('%s: float32 arithmetic stays well within the tolerance', async (name) => {
    const report = await runCase(loadGolden(name), referenceSubject('float32'));
    expect(report.passed).toBe(true);
    expect(report.comparisons[0]!.ratio).toBeLessThan(0.6);
  });
});

describe('what the goldens say of their cases', () => {
  const trained = GOLDEN_NAMES.map(loadGolden).filter((golden) => golden.kind === 'train');

  it.each(trained)('$name: the parameter table has its names, shapes and order', (golden) => {
    const table = parameterShapes(golden.config).map(({ name, shape }) => [name, shape]);
    const given = [...golden.parameters].map(([name, { shape }]) => [name, shape]);
    expect(table).toEqual(given);
  });

  it.each(trained)('$name: margin and facts', (golden) => {
    let margin = Number.POSITIVE_INFINITY;
    const drops: number[] = [];
    trainReference(golden, 'float64', ({ trace }) => {
      margin = Math.min(margin, selectionMargin(trace, golden.config));
      for (const { ffn } of trace.layers) {
        if (ffn.kind === 'moe') drops.push(ffn.saved.dispatch.dropped_TW.filter(Boolean).length);
      }
    });
    const facts = Object.values(golden.facts).map(({ dropped }) => dropped);
    expect(drops.slice(0, facts.length)).toEqual(facts);
    if (golden.margin === null) expect(margin).toBe(Number.POSITIVE_INFINITY);
    else expect(margin / golden.margin).toBeCloseTo(1, 1);
  });
});
