import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../bench/syntheticRuns.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig, recordEvent } from '../../src/config/edit.ts';
import type { Experiment, JsonValue } from '../../src/config/experiment.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import { layerLoads, SCALAR_COUNT, type StepRecords } from '../../src/config/telemetry.ts';
import { createStoredSource } from '../../src/state/storedSource.ts';
import { madeFigures, madeProbes } from '../support/reports.ts';

const T = 16 * 64;

/** Records in which slot r of every layer is chosen `count(r)` times. */
function records(
  experiment: Experiment,
  firstStep: number,
  n: number,
  count: (r: number) => number,
): StepRecords {
  const layers = layerSpaces(engineConfig(experiment, 256)).map(({ layer, slots, ranks }) => {
    const loads = layerLoads({ layer, R: slots, W: ranks }, n, 1);
    for (let i = 0; i < n; i++) {
      for (let r = 0; r < slots; r++) loads.assignments[i * ranks * slots + r] = count(r);
      loads.drops[i * slots] = 3;
    }
    return loads;
  });
  return { firstStep, n, scalars: new Float32Array(n * SCALAR_COUNT), layers };
}

function sourceOf(experiment: Experiment, all: readonly StepRecords[]) {
  const steps = all.reduce((sum, { n }) => sum + n, 0);
  const { row, parts } = syntheticRun(0, steps, 0);
  const sample = { step: 2, prompt: 'a', text: 'b', temperature: 1 };
  const figures = madeFigures(2, 4);
  const stored = { ...parts, records: all, samples: [sample], figures, probes: [madeProbes(3)] };
  return { source: createStoredSource(row, experiment, stored), row, parts };
}

describe('a stored run', () => {
  it('answers with its curves, routing, loads and samples', () => {
    const { source, row, parts } = sourceOf(DEFAULTS_V1, [
      records(DEFAULTS_V1, 1, 6, () => T / 4),
      records(DEFAULTS_V1, 7, 4, (r) => (r === 0 ? 2 * T : 0)),
    ]);
    expect(source.head).toMatchObject({ id: row.id, status: 'done', experiment: DEFAULTS_V1 });
    expect(source.step).toBe(10);
    expect(source.line('ce').values).toBe(parts.curves.ce?.values);
    expect(source.line('validation').values).toHaveLength(0);
    expect(source.line('drops').values).toEqual(Float32Array.from({ length: 10 }, () => 9));
    expect(source.line('computing.mean').values[0]).toBeCloseTo((2 * T - 3) / T, 5);
    expect(source.history(1)?.bins).toHaveLength(10);
    expect(Array.from(source.loads(0, [8, 8])!.counts)).toEqual([2 * T, 0, 0, 0, 0, 0, 0, 0]);
    // The latest: the last bin, here one step.
    expect(Array.from(source.loads(0, null)!.counts)[0]).toBe(2 * T);
    expect(source.inspection('samples')).toMatchObject([{ text: 'b' }]);
    expect(source.figuresOver()).toEqual(madeFigures(2, 4));
    expect(source.probesOver()).toEqual([madeProbes(3)]);
  });

  it('counts other slots behind a surgery', () => {
    const slots = DEFAULTS_V1.experts.slots.slice(0, 4);
    const before = { ...DEFAULTS_V1, experts: { ...DEFAULTS_V1.experts, slots } };
    const experiment = recordEvent(DEFAULTS_V1, 5, {
      'experts.slots': slots.map((slot) => ({ ...slot })),
      surgery: { from: { default: [0, 1, 2, 3] } },
    });
    const { source } = sourceOf(experiment, [
      records(DEFAULTS_V1, 1, 4, () => T / 4),
      records(before, 5, 4, () => T / 2),
    ]);
    expect(source.spaces(2)[0]?.slots).toBe(8);
    expect(source.spaces(null)[0]?.slots).toBe(4);
    expect(source.loads(0, null)?.counts).toHaveLength(4);
    expect(source.line('computing.mean').values).toHaveLength(8);
  });

  it('counts other kinds behind a surgery that leaves their number, within one record', () => {
    const slots = DEFAULTS_V1.experts.slots.map((slot, r) =>
      r === 0 ? ({ kind: 'zero' } as const) : slot,
    );
    const experiment = recordEvent(DEFAULTS_V1, 5, {
      'experts.slots': slots as unknown as JsonValue,
      surgery: { from: { default: slots.map((_, r) => (r === 0 ? null : r)) } },
    });
    const { source } = sourceOf(experiment, [records(DEFAULTS_V1, 1, 8, () => T / 4)]);
    expect(Array.from(source.line('share.zero').values)).toEqual([
      0,
      0,
      0,
      0,
      ...Array(4).fill(1 / 8),
    ]);
    expect(source.loads(0, [4, 4])?.space.kinds[0]).toBe('ffn');
    expect(source.loads(0, [5, 5])?.space.kinds[0]).toBe('zero');
    expect(source.history(0)?.bins).toHaveLength(8);
  });

  it('counts anew behind a surgery that leaves kinds and widths, and where tokens have other ranks', () => {
    const { slots } = DEFAULTS_V1.experts;
    const reordered = recordEvent(DEFAULTS_V1, 302, {
      'experts.slots': slots as unknown as JsonValue,
      surgery: { from: { default: [1, 0, 2, 3, 4, 5, 6, 7] } },
    });
    const experiment = recordEvent(reordered, 402, { 'router.K': 1 });
    const one = applyChange(DEFAULTS_V1, { 'router.K': 1 });
    const { source } = sourceOf(experiment, [
      records(DEFAULTS_V1, 1, 401, () => T / 4),
      records(one, 402, 399, () => T / 8),
    ]);
    const { bins, stride } = source.history(0)!;
    expect(stride).toBe(2);
    for (const step of [302, 402])
      expect(bins.filter((bin) => bin.firstStep < step && bin.lastStep >= step)).toEqual([]);
    expect(source.spaces(401)[0]?.ranks).toBe(2);
    expect(source.spaces(402)[0]?.ranks).toBe(1);
  });

  it('without records has curves alone', () => {
    const { source } = sourceOf(DEFAULTS_V1, []);
    expect(source.line('share.ffn').values).toHaveLength(0);
    expect(source.loads(0, null)).toBeNull();
  });
});
