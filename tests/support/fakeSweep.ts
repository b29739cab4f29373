/** Results of a sweep that nobody trained. */
import { applyChange } from '../../src/config/edit.ts';
import type { Experiment, JsonValue } from '../../src/config/experiment.ts';
import { resourcesOf } from '../../src/recipes/held.ts';
import type { SweepResult, SweepRun } from '../../src/recipes/sweep.ts';

interface FakeSweep {
  base: Experiment;
  /** Values by path, the last axis fastest. */
  axes: readonly { path: string; values: readonly JsonValue[] }[];
  seeds: readonly number[];
  /** Loss of a point and seed. */
  loss(values: readonly JsonValue[], seed: number): number;
}

/** Every point of a grid with every seed. */
export function fakeSweep({ base, axes, seeds, loss }: FakeSweep): SweepResult {
  const points = axes.reduce<JsonValue[][]>(
    (before, { values }) => before.flatMap((point) => values.map((value) => [...point, value])),
    [[]],
  );
  const ground = { version: '0.0.0', adapter: 'made up', digest: '0' };
  const runs = points.flatMap((values, point) =>
    seeds.map((seed): SweepRun => {
      const change = Object.fromEntries(axes.map(({ path }, i) => [path, values[i] ?? null]));
      const experiment = applyChange(base, change);
      const resources = resourcesOf(experiment);
      const ce = loss(values, seed);
      return {
        ...{ format: 1, kind: 'sweepRun', ...ground, point, seed },
        run: {
          ...{ experiment, steps: experiment.optimizer.totalSteps, tokens: resources.D, resources },
          ...{ realisedFlops: resources.flops * 0.8, diverged: null },
        },
        metrics: { ce, bitsPerCharacter: ce / 2, computing: experiment.router.K },
        times: { begunAt: '2026-11-26T12:00:00Z', seconds: 10 },
      };
    }),
  );
  const { totalSteps } = base.optimizer;
  const sweep = {
    ...{ format: 1 as const, base, axes, seeds },
    budget: { of: 'steps' as const, amount: totalSteps },
  };
  return { format: 1, kind: 'sweep', sweep, ...ground, runs };
}
