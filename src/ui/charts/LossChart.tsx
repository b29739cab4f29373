import { useCallback, useMemo, useRef } from 'react';
import type { MetricLog } from '../../state/metricLog.ts';
import { formatLoss } from '../format.ts';
import { useLab, useRun, useView } from '../useLab.tsx';
import { Ema } from './ema.ts';
import { StepChart } from './StepChart.tsx';
import type { Baseline, Series } from './series.ts';

/** Smoothed values that grow with the run; started anew for a new run or another weight. */
export function useEma(): (raw: Float32Array, owner: object, weight: number) => Float32Array {
  const cache = useRef<{ owner: object; ema: Ema } | null>(null);
  return useCallback((raw, owner, weight) => {
    if (cache.current?.owner !== owner || cache.current.ema.weight !== weight) {
      cache.current = { owner, ema: new Ema(weight) };
    }
    return cache.current.ema.extend(raw);
  }, []);
}

/** The smoothed curve of the run before this one. */
function previousRun({ firstStep }: MetricLog, smoothed: Float32Array): Series {
  return {
    key: 'previous',
    label: 'previous run',
    color: 'var(--ref-1)',
    isBehind: true,
    at: (step) => smoothed[step - firstStep] ?? Number.NaN,
    ownSteps: { firstStep, values: smoothed },
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

  const lines = useCallback(() => {
    const { metrics, validation } = run.getState();
    const values = metrics.column('ce');
    const { firstStep } = metrics;
    const smoothed = smooth(values, metrics, smoothing);
    const points = validation.map(({ step, ce }) => ({ step, value: ce }));
    const byStep = new Map(points.map(({ step, value }) => [step, value]));
    const series: Series[] = [
      ...(previous === null || !showPrevious
        ? []
        : [previousRun(previous, smoothPrevious(previous.column('ce'), previous, smoothing))]),
      {
        key: 'train',
        label: 'train',
        color: 'var(--train)',
        isFaint: true,
        at: (step) => values[step - firstStep] ?? Number.NaN,
      },
      {
        key: 'smoothed',
        label: 'smoothed',
        color: 'var(--train)',
        at: (step) => smoothed[step - firstStep] ?? Number.NaN,
      },
      {
        key: 'validation',
        label: 'validation',
        color: 'var(--valid)',
        points,
        at: (step) => byStep.get(step) ?? Number.NaN,
      },
    ];
    return { series, steps: { firstStep, values } };
  }, [run, smooth, smoothPrevious, smoothing, previous, showPrevious]);

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
