import { useMemo } from 'react';
import type { KeptRun } from '../../state/keptRuns.ts';
import type { ScalarName } from '../../state/metricLog.ts';
import { useConfig, useKept, useView } from '../useLab.tsx';
import { Ema } from './ema.ts';
import type { Series } from './series.ts';

/** CSS colour of a kept run. */
export function keptColor(color: number): string {
  return `var(--run-${color + 1})`;
}

/** Steps of the axis per step of a kept run: on an axis of tokens its own batches count. */
export function stretchOf(run: KeptRun, xUnit: 'steps' | 'tokens', liveTokens: number): number {
  if (xUnit === 'steps' || run.tokensPerStep === null) return 1;
  return run.tokensPerStep / liveTokens;
}

/** Smoothed columns under the weight that was asked for last: another run kept leaves them be. */
const averages = new WeakMap<Float32Array, { weight: number; values: Float32Array }>();

/** Smoothed values of a run that never changes; missing ones are left out of the average. */
function smoothed(raw: Float32Array, weight: number | null): Float32Array {
  if (weight === null) return raw;
  const known = averages.get(raw);
  if (known?.weight === weight) return known.values;
  const values = new Ema(weight).extend(raw);
  averages.set(raw, { weight, values });
  return values;
}

/** Tokens of one of the live run's batches. */
export function useLiveTokens(): number {
  const { B, S } = useConfig((s) => (s.running ?? s.experiment).batch);
  return B * S;
}

/**
 * One line for each visible kept run that has a scalar.
 * @param smoothing weight of the past, null for the values as they are
 */
export function useKeptLines(metric: ScalarName, smoothing: number | null): readonly Series[] {
  const runs = useKept((s) => s.runs);
  const xUnit = useView((s) => s.xUnit);
  const liveTokens = useLiveTokens();
  return useMemo(
    () =>
      runs.flatMap((run): Series[] => {
        const raw = run.columns[metric];
        if (!run.isVisible || raw === undefined) return [];
        const values = smoothed(raw, smoothing);
        return [
          {
            key: `${run.name} (${run.id.slice(0, 4)})`,
            label: run.name,
            color: keptColor(run.color),
            isBehind: true,
            isUnlisted: true,
            isGapless: true,
            owner: values,
            firstStep: run.firstStep,
            stretch: stretchOf(run, xUnit, liveTokens),
            values,
          },
        ];
      }),
    [runs, metric, smoothing, xUnit, liveTokens],
  );
}
