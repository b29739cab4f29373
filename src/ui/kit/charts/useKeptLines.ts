import { useCallback } from 'react';
import { type Curve, tokensAlong } from '../../../state/curve.ts';
import { type KeptRun, PREVIOUS_RUN, unlike } from '../../../state/keptRuns.ts';
import type { ScalarName } from '../../../state/metricLog.ts';
import type { XUnit } from '../../../state/viewStore.ts';
import { useShownExperiment } from '../place.ts';
import { useKept, useView } from '../useLab.tsx';
import type { Budget } from './budget.ts';
import { Ema } from './ema.ts';
import type { LineValues } from './envelope.ts';
import { runColor } from './runLook.ts';
import type { Series } from './series.ts';

/** Names of runs in charts: those of the library may be called the same, their lines may not. */
export function namesInCharts(runs: readonly { name: string }[]): string[] {
  return unlike(
    runs.map(({ name }) => name),
    [PREVIOUS_RUN],
  );
}

/** Tokens of one of the shown run's batches: an axis of tokens has a unit for each. */
export function useLiveTokens(): number {
  const { B, S } = useShownExperiment().batch;
  return B * S;
}

const alongs = new WeakMap<Curve, { tokens: Curve; places: Float64Array }>();

/** Tokens at a curve's values, worked out once. */
function placesOf(curve: Curve, tokens: Curve): ArrayLike<number> {
  const known = alongs.get(curve);
  if (known?.tokens === tokens) return known.places;
  const places = tokensAlong(curve, tokens);
  alongs.set(curve, { tokens, places });
  return places;
}

/** Whether anybody knows how many tokens a run has seen at its steps. */
export function knowsTokens({ tokensPerStep, columns }: KeptRun): boolean {
  return tokensPerStep !== null || columns.tokens !== undefined;
}

/** Where a run's curve stands on the axis; null where nobody knows. */
export function placed(
  run: KeptRun,
  curve: Curve,
  xUnit: XUnit,
  liveTokens: number,
): Omit<LineValues, 'owner'> | null {
  const { firstStep, steps, values } = curve;
  const own = { firstStep, values, ...(steps === null ? {} : { steps }) };
  if (xUnit === 'steps') return own;
  if (run.columns.tokens !== undefined)
    return { ...own, places: placesOf(curve, run.columns.tokens), stretch: 1 / liveTokens };
  if (run.tokensPerStep === null) return null;
  return { ...own, stretch: run.tokensPerStep / liveTokens };
}

/** Smoothed columns under the weight that was asked for last: another run kept leaves them be. */
const averages = new WeakMap<object, Ema>();

/** Smoothed values of a run that never changes, as far as the budget goes. */
function smoothed({ values, steps }: Curve, weight: number, budget: Budget): [Ema, Float32Array] {
  const known = averages.get(values);
  const ema = known?.weight === weight ? known : new Ema(weight);
  averages.set(values, ema);
  const most = budget.take(values.length - ema.length);
  return [ema, ema.extend(values, steps ?? undefined, most)];
}

function tokensOf(run: KeptRun, curve: Curve): Pick<Series, 'tokens'> {
  const title = `${run.name} - tokens`;
  const { tokensPerStep, columns } = run;
  const { tokens } = columns;
  if (tokens !== undefined) return { tokens: { title, at: (i) => placesOf(curve, tokens)[i]! } };
  if (tokensPerStep === null) return {};
  const { firstStep, steps } = curve;
  return { tokens: { title, at: (i) => (steps?.[i] ?? firstStep + i) * tokensPerStep } };
}

/** Lines of a run: a scalar as it was logged and, where a weight is given, smoothed. */
function scalarLines(
  run: KeptRun,
  curve: Curve,
  place: Omit<LineValues, 'owner'>,
  how: { title: string; weight: number | null; budget: Budget },
): Series[] {
  const { title, weight, budget } = how;
  const look = {
    run: run.name,
    color: runColor(run.color),
    isUnlisted: true,
    isBehind: true,
  } as const;
  const raw: Series = {
    ...look,
    ...tokensOf(run, curve),
    ...place,
    key: `${run.name} - ${title}`,
    label: weight === null ? run.name : `${run.name}, raw`,
    isFaint: weight !== null,
    owner: curve,
  };
  if (weight === null) return [raw];
  const [owner, values] = smoothed(curve, weight, budget);
  const line: Series = {
    ...look,
    ...place,
    key: `${run.name} - smoothed`,
    label: `${run.name}, smoothed`,
    isDerived: true,
    owner,
    values,
  };
  return [raw, line];
}

/** The lines of one visible run. */
function linesOf(
  run: KeptRun,
  metric: ScalarName,
  how: { weight: number | null; budget: Budget; xUnit: XUnit; liveTokens: number },
): Series[] {
  const { weight, budget, xUnit, liveTokens } = how;
  const curve = run.columns[metric];
  const place = curve && placed(run, curve, xUnit, liveTokens);
  const title = metric === 'ce' ? 'train' : metric;
  const lines = curve && place ? scalarLines(run, curve, place, { title, weight, budget }) : [];
  const validation = metric === 'ce' ? run.columns.validation : undefined;
  const where = validation && placed(run, validation, xUnit, liveTokens);
  if (!validation || !where) return lines;
  const own = tokensOf(run, validation);
  return [
    ...lines,
    {
      ...where,
      ...(lines.length === 0 ? own : {}),
      key: `${run.name} - validation`,
      label: `${run.name}, validation`,
      run: run.name,
      color: runColor(run.color),
      isBehind: true,
      isDashed: true,
      isUnlisted: true,
      owner: validation,
    },
  ];
}

/**
 * Lines of the visible kept runs that have a scalar, with their validation beside the cross entropy.
 * @param smoothing weight of the past in smoothed lines; null for the values as they are alone
 */
export function useKeptLines(
  metric: ScalarName,
  smoothing: number | null,
): (budget: Budget) => Series[] {
  const runs = useKept((s) => s.runs);
  const xUnit = useView((s) => s.xUnit);
  const liveTokens = useLiveTokens();
  return useCallback(
    (budget) => {
      const names = namesInCharts(runs);
      const how = { weight: smoothing, budget, xUnit, liveTokens };
      return runs.flatMap((run, i) =>
        run.isVisible ? linesOf({ ...run, name: names[i]! }, metric, how) : [],
      );
    },
    [runs, metric, smoothing, xUnit, liveTokens],
  );
}
