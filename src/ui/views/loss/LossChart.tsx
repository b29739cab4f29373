import { useCallback, useMemo, useRef } from 'react';
import type { Line, RunSource } from '../../../analysis/source.ts';
import { causalNote } from '../../../config/generation.ts';
import { PREVIOUS_RUN } from '../../../state/keptRuns.ts';
import type { MetricLog } from '../../../state/metricLog.ts';
import type { Budget } from '../../kit/charts/budget.ts';
import { Ema } from '../../kit/charts/ema.ts';
import type { LineValues } from '../../kit/charts/envelope.ts';
import { StepChart } from '../../kit/charts/StepChart.tsx';
import type { Baseline, Series } from '../../kit/charts/series.ts';
import { useKeptLines, useLiveTokens } from '../../kit/charts/useKeptLines.ts';
import { useReceivedLines } from '../../kit/charts/useReceivedLines.ts';
import { formatLoss } from '../../kit/format.ts';
import { useHead } from '../../kit/place.ts';
import { useLibrary, useRun, useView } from '../../kit/useLab.tsx';

type Smooth = (line: LineValues, weight: number) => LineValues;

/** Smoothed losses that grow with the run; started anew for a new run or another weight. */
function useEma(): Smooth {
  const cache = useRef<{ owner: object; ema: Ema } | null>(null);
  return useCallback(({ owner, firstStep, values }, weight) => {
    if (cache.current?.owner !== owner || cache.current.ema.weight !== weight) {
      cache.current = { owner, ema: new Ema(weight) };
    }
    const { ema } = cache.current;
    return { owner: ema, firstStep, values: ema.extend(values) };
  }, []);
}

function rawOf(log: MetricLog): LineValues {
  return { owner: log, firstStep: log.firstStep, values: log.column('ce') };
}

/** The curve of the run before this one, raw and smoothed. */
function previousLines(
  log: MetricLog,
  smoothed: LineValues,
  tokensPerStep: number | null,
  stretch: number,
): Series[] {
  const look = { color: 'var(--ref-1)', isBehind: true, stretch } as const;
  const title = `${PREVIOUS_RUN} - tokens`;
  const at = (i: number) => (log.firstStep + i) * (tokensPerStep ?? Number.NaN);
  return [
    {
      ...look,
      ...rawOf(log),
      ...(tokensPerStep === null ? {} : { tokens: { title, at } }),
      key: `${PREVIOUS_RUN} - train`,
      label: `${PREVIOUS_RUN}, raw`,
      isFaint: true,
      isUnlisted: true,
    },
    {
      ...look,
      ...smoothed,
      key: `${PREVIOUS_RUN} - smoothed`,
      label: PREVIOUS_RUN,
      isDerived: true,
    },
  ];
}

function liveLines(
  raw: Line,
  smoothed: LineValues,
  { validation, generated, note }: { validation: Line; generated: Line; note: string },
  tokensPerStep: number,
): Series[] {
  const at = (i: number) => (raw.firstStep + i) * tokensPerStep;
  const train = 'var(--train)';
  return [
    {
      key: 'train',
      label: 'train',
      color: train,
      isFaint: true,
      tokens: { title: 'tokens', at },
      ...raw,
    },
    { key: 'smoothed', label: 'smoothed', color: train, isDerived: true, ...smoothed },
    {
      key: 'validation',
      label: `validation${note}`,
      color: 'var(--valid)',
      isDashed: true,
      ...validation,
    },
    ...(generated.values.length === 0
      ? []
      : [
          {
            key: 'generated',
            label: 'validation as texts are gone on with',
            color: 'var(--aux)',
            isDashed: true,
            ...generated,
          },
        ]),
  ];
}

/** The losses of two models that know nothing. */
function useBaselines(source: RunSource): readonly Baseline[] {
  const { text } = useHead(source);
  return useMemo(() => {
    if (text === null) return [];
    return [
      {
        key: 'uniform',
        label: 'ln V',
        value: Math.log(text.vocabulary),
        color: 'var(--ref-1)',
        help: 'Loss of a model that finds every token equally likely',
      },
      {
        key: 'unigram',
        label: 'unigram',
        value: text.unigramEntropy,
        color: 'var(--ref-2)',
        help: 'Entropy of the training tokens: loss of a model that knows only how frequent each is',
      },
    ];
  }, [text]);
}

/** Training loss raw and smoothed, validation loss, and the losses of two models that know nothing. */
export function LossChart({ source, height }: { source: RunSource; height: number }) {
  const smoothing = useView((s) => s.smoothing);
  const logY = useView((s) => s.logY);
  const xUnit = useView((s) => s.xUnit);
  const isStored = useLibrary((s) => s.shown !== null);
  const before = useRun((s) => s.previous);
  const previous = isStored ? null : before;
  const previousTokens = useRun((s) => s.previousTokens);
  const showPrevious = useView((s) => s.showPrevious);
  const liveTokens = useLiveTokens();
  const smooth = useEma();
  const smoothPrevious = useEma();
  const baselines = useBaselines(source);
  const kept = useKeptLines('ce', smoothing);
  const received = useReceivedLines();

  const beforeLines = useCallback((): Series[] => {
    if (previous === null || !showPrevious) return [];
    const isPlaced = xUnit === 'steps' || previousTokens !== null;
    if (!isPlaced) return [];
    const stretch = xUnit === 'steps' ? 1 : (previousTokens ?? 1) / liveTokens;
    return previousLines(
      previous,
      smoothPrevious(rawOf(previous), smoothing),
      previousTokens,
      stretch,
    );
  }, [previous, previousTokens, showPrevious, xUnit, liveTokens, smoothPrevious, smoothing]);

  const lines = useCallback(
    (budget: Budget): Series[] => {
      const raw = source.line('ce');
      const tested = {
        validation: source.line('validation'),
        generated: source.line('generated'),
        note: causalNote(source.head.experiment),
      };
      const live = liveLines(raw, smooth(raw, smoothing), tested, liveTokens);
      // Beside what a link brought, lines without a point are no news.
      const isUnlisted = raw.values.length === 0 && received.length > 0;
      const own = isUnlisted ? live.map((line) => ({ ...line, isUnlisted })) : live;
      return [...kept(budget), ...received, ...beforeLines(), ...own];
    },
    [source, smooth, smoothing, liveTokens, beforeLines, kept, received],
  );

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
