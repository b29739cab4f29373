import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { KeptRun } from '../../../state/keptRuns.ts';
import { formatCompact, formatStep } from '../format.ts';
import { useSource } from '../place.ts';
import { useConfig, useKept, useLibrary, useReceived, useRun, useView } from '../useLab.tsx';
import { placeOf } from './envelope.ts';
import type { Axis } from './scale.ts';
import { placed, useLiveTokens } from './useKeptLines.ts';
import { receivedEnd } from './useReceivedLines.ts';

/** Fewest steps that a chart has room for. */
const FEWEST = 50;

/**
 * Where the axis of a run ends: 50, 100, 200, 500, 1000 … steps, whichever holds those taken, and
 * with the plan at the latest. So the curve fills its chart, and the axis changes a few times only.
 */
export function axisEnd(taken: number, planned: number): number {
  if (taken >= planned) return Math.max(taken, 2);
  const stage = (power: number) => [1, 2, 5].map((digit) => digit * 10 ** power);
  const stages = [0, 1, 2, 3, 4, 5, 6, 7].flatMap(stage);
  const end = stages.find((steps) => steps >= Math.max(FEWEST, taken)) ?? planned;
  return Math.max(2, Math.min(end, planned));
}

/** Last place that a run's losses reach; 0 where they have none. */
function endOf(run: KeptRun, xUnit: 'steps' | 'tokens', liveTokens: number): number {
  const { ce, validation } = run.columns;
  const curves = ce === undefined && validation === undefined ? run.columns : { ce, validation };
  const ends = Object.values(curves).flatMap((curve) => {
    if (curve === undefined || curve.values.length === 0) return [];
    const where = placed(run, curve, xUnit, liveTokens);
    return where === null ? [] : [placeOf({ owner: curve, ...where }, curve.values.length - 1)];
  });
  return Math.max(0, ...ends);
}

/** Last place of the run before the live one, where it is shown; 0 else. */
function usePreviousEnd(): number {
  const last = useRun((s) => s.previous?.lastStep ?? 0);
  const tokens = useRun((s) => s.previousTokens);
  const isShown = useView((s) => s.showPrevious);
  const xUnit = useView((s) => s.xUnit);
  const liveTokens = useLiveTokens();
  const isStored = useLibrary((s) => s.shown !== null);
  if (!isShown || isStored) return 0;
  return xUnit === 'steps' ? last : ((tokens ?? 0) / liveTokens) * last;
}

/** Steps that all charts show: what is zoomed to, else those of the run and of the others drawn. */
export function useStepAxis(): Axis {
  const stored = useLibrary((s) => s.shown?.head.experiment.optimizer.totalSteps);
  const planned = useConfig((s) => s.experiment.optimizer.totalSteps);
  const total = stored ?? planned;
  const zoom = useView((s) => s.zoom);
  const logX = useView((s) => s.logX);
  const xUnit = useView((s) => s.xUnit);
  const liveTokens = useLiveTokens();
  const kept = useKept((s) => s.runs);
  const received = useReceived((s) => s.runs);
  const previous = usePreviousEnd();
  const source = useSource();
  const live = useSyncExternalStore(source.subscribe, () => axisEnd(source.step, total));
  return useMemo(() => {
    const shown = kept.filter(({ isVisible }) => isVisible);
    const ends = shown.map((run) => endOf(run, xUnit, liveTokens));
    const sent = received.map((run) => receivedEnd(run, xUnit, liveTokens));
    const end = Math.max(live, previous, ...ends, ...sent);
    return { min: zoom?.[0] ?? (logX ? 1 : 0), max: zoom?.[1] ?? end, isLog: logX };
  }, [zoom, logX, live, previous, kept, received, xUnit, liveTokens]);
}

/** How the horizontal axis counts: its unit in steps' place, and how places are read out. */
export interface XScale {
  /** What one step of the live run is on the axis: 1, or the tokens of its batch. */
  unit: number;
  /** "step 1,500", or "1.54M tokens". */
  format: (place: number) => string;
}

export function useXScale(): XScale {
  const xUnit = useView((s) => s.xUnit);
  const liveTokens = useLiveTokens();
  const format = useCallback(
    (place: number) =>
      xUnit === 'steps'
        ? `step ${formatStep(Math.round(place))}`
        : `${formatCompact(place * liveTokens)} tokens`,
    [xUnit, liveTokens],
  );
  const unit = xUnit === 'steps' ? 1 : liveTokens;
  return useMemo(() => ({ unit, format }), [unit, format]);
}
