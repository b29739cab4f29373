/** What a run's own telemetry tells: losses on validation text, scalars and loads over its steps. */
import type { OverField } from '../../../analysis/followed.ts';
import type { ScalarName } from '../../../config/telemetry.ts';
import { SCALAR_COUNT, scalarColumn } from '../../../config/telemetry.ts';
import { resourcesOf } from '../../../recipes/held.ts';
import type { Measured } from '../../../recipes/measurement.ts';
import type { MeasuredArray } from '../../../recipes/term.ts';
import type { TrainedRun } from '../trainedRun.ts';
import { listOf, measureOf, orNull, partEnds, stacked } from './values.ts';

/** Losses in nats; undefined at the end of a run that diverged. */
export function validationOf(run: TrainedRun): Measured {
  const { validation, experiment, domains, charactersPerToken, state } = run;
  const last = run.diverged === null ? validation.at(-1) : undefined;
  const ce = last?.ce ?? Number.NaN;
  const { B, S } = experiment.batch;
  const { C, N, Na } = resourcesOf(experiment);
  return {
    ce: orNull(ce),
    bitsPerCharacter: orNull(ce / Math.LN2 / charactersPerToken),
    tokens: state.step * B * S,
    compute: C,
    activationRate: Na / N,
    steps: listOf(validation.map(({ step }) => step)),
    curve: listOf(validation.map((one) => one.ce)),
    perDomain: listOf(domains.map((name) => last?.perDomain[name] ?? Number.NaN)),
    ...(last?.generated !== undefined && { generated: orNull(last.generated) }),
  };
}

/** Scalars of every step, as means over equal parts. */
export function trainingOf(
  { records, state }: TrainedRun,
  { names, parts }: { names: readonly ScalarName[]; parts: number },
): Measured {
  const ends = partEnds(state.step, parts);
  const means = (name: ScalarName) => {
    const sums = ends.map(() => ({ sum: 0, n: 0 }));
    const column = scalarColumn(name);
    for (const { firstStep, n, scalars } of records) {
      for (let i = 0; i < n; i++) {
        const part = sums[ends.findIndex((end) => firstStep + i <= end)];
        if (part === undefined) continue;
        part.sum += scalars[i * SCALAR_COUNT + column] ?? Number.NaN;
        part.n += 1;
      }
    }
    return listOf(sums.map(({ sum, n }) => sum / n));
  };
  return {
    steps: listOf(ends),
    ...Object.fromEntries(names.map((name) => [name, means(name)])),
  };
}

/** Figures over training time. */
export function followedOf(
  { figures }: TrainedRun,
  { names }: { names: readonly OverField[] },
): Measured {
  return {
    steps: listOf(figures.map(({ step }) => step)),
    ...Object.fromEntries(
      names.map((name) => [name, stacked(figures.map(({ values }) => measureOf(values[name])))]),
    ),
  };
}

/** Counts of one layer in every part, rank by rank [parts][W][R]. */
function countsOf({ records }: TrainedRun, layer: number, ends: readonly number[]): number[][][] {
  const parts = ends.map((): number[][] => []);
  for (const { firstStep, n, layers } of records) {
    const loads = layers.find((one) => one.layer === layer);
    if (loads === undefined) continue;
    const { W, R, assignments } = loads;
    for (let i = 0; i < n; i++) {
      const part = parts[ends.findIndex((end) => firstStep + i <= end)];
      if (part === undefined) continue;
      for (let w = 0; w < W; w++) {
        part[w] ??= Array.from({ length: R }, () => 0);
        for (let r = 0; r < R; r++)
          part[w]![r] = (part[w]![r] ?? 0) + (assignments[(i * W + w) * R + r] ?? 0);
      }
    }
  }
  return parts;
}

function maxMin(counts: readonly number[]): number {
  const least = Math.min(...counts);
  return least === 0 ? Number.NaN : Math.max(...counts) / least;
}

/** Assignments by rank and slot, summed over equal parts of the run. */
export function loadsOf(run: TrainedRun, { parts }: { parts: number }): Measured {
  const ends = partEnds(run.state.step, parts);
  const layers = run.layers.map(({ layer }) => layer);
  const byLayer = layers.map((layer) => countsOf(run, layer, ends));
  const perPart = (of: (ranks: number[][]) => MeasuredArray) =>
    stacked(ends.map((_, part) => stacked(byLayer.map((counts) => of(counts[part] ?? [])))));
  return {
    steps: listOf(ends),
    layers: listOf(layers),
    counts: perPart((ranks) => stacked(ranks.map(listOf))),
    maxMin: perPart((ranks) => listOf(ranks.map(maxMin))),
  };
}
