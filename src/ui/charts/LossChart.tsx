import { useCallback, useMemo, useRef } from 'react';
import type { MetricLog } from '../../state/metricLog.ts';
import { formatLoss } from '../format.ts';
import { useLab, useRun, useView } from '../useLab.tsx';
import { Ema } from './ema.ts';
import { StepChart } from './StepChart.tsx';
import type { Baseline, Series } from './series.ts';
import { useKeptLines } from './useKeptLines.ts';

interface Smoothed {
  ema: Ema;
  values: Float32Array;
}

/** Smoothed values that grow with the run; started anew for a new run or another weight. */
function useEma(): (raw: Float32Array, owner: object, weight: number) => Smoothed {
  const cache = useRef<{ owner: object; ema: Ema } | null>(null);
  return useCallback((raw, owner, weight) => {
    if (cache.current?.owner !== owner || cache.current.ema.weight !== weight) {
      cache.current = { owner, ema: new Ema(weight) };
    }
    const { ema } = cache.current;
    return { ema, values: ema.extend(raw) };
  }, []);
}

/** The smoothed curve of the run before this one. */
function previousRun({ firstStep }: MetricLog, { ema, values }: Smoothed): Series {
  return {
    key: 'previous',
    label: 'previous run',
    color: 'var(--ref-1)',
    isBehind: true,
    owner: ema,
    firstStep,
    values,
  };
}

/** Training loss raw and smoothed, validation loss, and the losses of two models that know nothing. */
export function LossChart({ height }: { height: number }) {
  const { run } = useLab();
  const smoothing = useView((s) => s.smoothing);
  const logY = useView((s) => s.logY);
  const report = useRun((s) => s.report);
  const previous = useRun((s) => s.previous);
  const showPrevious = useView((s) => s.showPrevious);
  const smooth = useEma();
  const smoothPrevious = useEma();

  const baselines = useMemo<Baseline[]>(() => {
    if (report === null) return [];
    return [
      {
        key: 'uniform',
        label: 'ln V',
        value: Math.log(report.vocabulary),
        color: 'var(--ref-1)',
        help: 'Loss of a model that finds every token equally likely',
      },
      {
        key: 'unigram',
        label: 'unigram',
        value: report.unigramEntropy,
        color: 'var(--ref-2)',
        help: 'Entropy of the training tokens: loss of a model that knows only how frequent each is',
      },
    ];
  }, [report]);

  const kept = useKeptLines('ce', smoothing);

  const lines = useCallback((): Series[] => {
    const { metrics, validation } = run.getState();
    const values = metrics.column('ce');
    const { firstStep } = metrics;
    const live = smooth(values, metrics, smoothing);
    const before = previous !== null && showPrevious ? previous : null;
    return [
      ...kept,
      ...(before === null
        ? []
        : [previousRun(before, smoothPrevious(before.column('ce'), before, smoothing))]),
      {
        key: 'train',
        label: 'train',
        color: 'var(--train)',
        isFaint: true,
        owner: metrics,
        firstStep,
        values,
      },
      {
        key: 'smoothed',
        label: 'smoothed',
        color: 'var(--train)',
        owner: live.ema,
        firstStep,
        values: live.values,
      },
      {
        key: 'validation',
        label: 'validation',
        color: 'var(--valid)',
        points: validation.map(({ step, ce }) => ({ step, value: ce })),
      },
    ];
  }, [run, smooth, smoothPrevious, smoothing, previous, showPrevious, kept]);

  return (
    <StepChart
      title="Loss"
      name="switchyard-loss"
      height={height}
      lines={lines}
      baselines={baselines}
      logY={logY}
      format={formatLoss}
    />
  );
}
