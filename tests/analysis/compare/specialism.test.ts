import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../../bench/syntheticRuns.ts';
import { runSpecialism } from '../../../src/analysis/compare/specialism.ts';
import { DEFAULTS_V1 } from '../../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../../src/config/edit.ts';
import type { Experiment } from '../../../src/config/experiment.ts';
import { layerLoads, SCALAR_COUNT, type StepRecords } from '../../../src/config/telemetry.ts';

const E = applyChange(DEFAULTS_V1, { 'model.L': 1, 'router.K': 1 });
const R = 8;

const runOf = (experiment: Experiment) => ({ ...syntheticRun(0, 300, 0).row, experiment });

/** Records of one layer and two domains: `slotOf(step, domain)` takes all 10 tokens of the domain. */
function records(
  firstStep: number,
  n: number,
  slotOf: (step: number, domain: number) => number,
  slots = R,
): StepRecords {
  const loads = layerLoads({ layer: 0, R: slots, W: 1 }, n, 2);
  for (let i = 0; i < n; i++)
    for (const d of [0, 1]) {
      const slot = slotOf(firstStep + i, d);
      loads.assignments[i * slots + slot]! += 10;
      loads.domains[(i * slots + slot) * 2 + d]! += 10;
    }
  return { firstStep, n, scalars: new Float32Array(n * SCALAR_COUNT), layers: [loads] };
}

describe('specialism of a run', () => {
  it('tells batches from the window that they make, and a domain’s slots from shared ones', () => {
    const turns = (step: number, d: number) => (step + 4 * d) % R;
    const [layer] = runSpecialism(runOf(E), [records(1, 16, turns)])![16];
    // Two of eight slots take a batch; over 16 steps all take the same, of both domains.
    expect(layer).toEqual({
      ...{ layer: 0, steps: 16, batch: 3, window: 0 },
      ...{ information: 0, normalised: 0 },
    });
    const apart = (step: number, d: number) => (step % 4) + 4 * d;
    const [own] = runSpecialism(runOf(E), [records(1, 16, apart)])![16];
    expect(own!.window).toBe(0);
    expect(own!.information).toBeCloseTo(Math.LN2, 12);
    expect(own!.normalised).toBeCloseTo(1, 12);
  });

  it('counts the last steps across records, fewer where there are no more', () => {
    const early = records(1, 60, () => 0);
    const late = records(61, 30, (step, d) => (step + 4 * d) % R);
    const found = runSpecialism(runOf(E), [early, late])!;
    expect(found[16][0]).toMatchObject({ steps: 16, window: 0 });
    expect(found[64][0]!.steps).toBe(64);
    expect(found[64][0]!.window).toBeGreaterThan(1);
    expect(found[256][0]!.steps).toBe(90);
  });

  it('counts nothing of other slots, and no edit that leaves them as they are', () => {
    const grown = recordEvent(E, 21, {
      'experts.slots': [...E.experts.slots, { kind: 'zero' }],
      surgery: { from: { default: [0, 1, 2, 3, 4, 5, 6, 7, null] } },
    });
    const other = records(1, 20, () => 0);
    const now = records(21, 10, (step, d) => (step + 4 * d) % 9, 9);
    expect(runSpecialism(runOf(grown), [other, now])![256][0]!.steps).toBe(10);
    const slower = recordEvent(E, 5, { 'optimizer.lr': 1e-4 });
    expect(runSpecialism(runOf(slower), [other])![256][0]!.steps).toBe(20);
  });

  it('is nothing without experts or records', () => {
    expect(runSpecialism(runOf(E), [])).toBeNull();
    const dense = applyChange(E, { 'model.arrangement': 'dense' });
    expect(runSpecialism(runOf(dense), [records(1, 4, () => 0)])).toBeNull();
  });
});
