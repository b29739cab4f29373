/** The horizontal axis that all charts of the comparison share. */
import { useCallback, useMemo } from 'react';
import {
  type ComparedRun,
  placingOf,
  stepAtPlace,
  X_UNIT_ROWS,
  type XUnit,
} from '../../../analysis/compare/places.ts';
import type { StepOf } from '../../../analysis/compare/table.ts';
import type { Axis } from '../../kit/charts/scale.ts';
import { formatCompact, formatSeconds, formatSi, formatStep } from '../../kit/format.ts';
import { useView } from '../../kit/useLab.tsx';

export interface CompareAxis {
  axis: Axis;
  /**
   * Amount that one place stands for: crosshair, pin and zoom, which all charts share, count
   * whole places, as many as the longest run has steps.
   */
  perPlace: number;
  format: (place: number) => string;
  /** The step that each run has reached at the pinned place, or its last. */
  stepOf: StepOf;
  /** Runs that have no place on it. */
  left: number;
}

function formatAmount(amount: number, unit: XUnit): string {
  switch (unit) {
    case 'steps':
      return `step ${formatStep(Math.round(amount))}`;
    case 'tokens':
      return `${formatCompact(amount)} tokens`;
    case 'seconds':
      return formatSeconds(amount);
    default:
      return formatSi(amount, 'FLOP');
  }
}

export function useCompareAxis(runs: readonly ComparedRun[], unit: XUnit): CompareAxis {
  const zoom = useView((s) => s.zoom);
  const isLog = useView((s) => s.logX);
  const scrub = useView((s) => s.scrub);
  const { end, perPlace, left } = useMemo(() => {
    let [end, steps, left] = [0, 1, 0];
    for (const run of runs) {
      const placing = placingOf(run, unit);
      if (placing === null) left += 1;
      end = Math.max(end, placing?.at(run.row.steps) ?? 0);
      steps = Math.max(steps, run.row.steps);
    }
    const perPlace = unit === 'steps' || end === 0 ? 1 : end / steps;
    return { end: Math.max(2, end / perPlace), perPlace, left };
  }, [runs, unit]);
  const axis = useMemo(
    () => ({ min: zoom?.[0] ?? (isLog ? 1 : 0), max: zoom?.[1] ?? end, isLog }),
    [zoom, isLog, end],
  );
  const format = useCallback(
    (place: number) => formatAmount(place * perPlace, unit),
    [perPlace, unit],
  );
  const stepOf = useCallback(
    (run: ComparedRun) => {
      const placing = scrub === null ? null : placingOf(run, unit);
      if (scrub === null || placing === null) return run.row.steps;
      return stepAtPlace(placing, scrub * perPlace, run.row.steps);
    },
    [scrub, unit, perPlace],
  );
  return useMemo(
    () => ({ axis, perPlace, format, stepOf, left }),
    [axis, perPlace, format, stepOf, left],
  );
}

/** Label of an axis. */
export function labelOfUnit(unit: XUnit): string {
  return X_UNIT_ROWS.find(({ id }) => id === unit)?.label ?? unit;
}
