import { useMemo } from 'react';
import { causalNote } from '../../../config/generation.ts';
import { type Curve, lastStepOf } from '../../../state/curve.ts';
import type { ReceivedRun } from '../../../state/received.ts';
import type { XUnit } from '../../../state/viewStore.ts';
import { useKept, useReceived, useView } from '../useLab.tsx';
import type { LineValues } from './envelope.ts';
import type { Series } from './series.ts';
import { namesInCharts, useLiveTokens } from './useKeptLines.ts';

/** Colours of runs in the page's palette. */
const COLORS = 6;

/** CSS colour of a received run: from the end of the palette, kept runs take it from the front. */
export function receivedColor(i: number): string {
  return `var(--run-${COLORS - (i % COLORS)})`;
}

function placed({ firstStep, steps, values }: Curve, stretch: number): LineValues {
  const place = { firstStep, values, stretch, owner: values };
  return steps === null ? place : { ...place, steps };
}

function linesOf(run: ReceivedRun, i: number, stretch: number): Series[] {
  const { name, training, validation, experiment } = run;
  const { B, S } = experiment.batch;
  const look = { run: name, color: receivedColor(i), isBehind: true } as const;
  const tokensOf = ({ firstStep, steps }: Curve) => ({
    title: `${name} - tokens`,
    at: (k: number) => (steps?.[k] ?? firstStep + k) * B * S,
  });
  const lines: Series[] = [];
  if (training !== null)
    lines.push({
      ...look,
      ...placed(training, stretch),
      tokens: tokensOf(training),
      key: `${name} - train`,
      label: name,
    });
  if (validation !== null)
    lines.push({
      ...look,
      ...placed(validation, stretch),
      key: `${name} - validation`,
      label: `${name}, validation${causalNote(experiment)}`,
      isDashed: true,
      isUnlisted: true,
    });
  return lines;
}

/** Last place on the axis that a received run reaches; 0 where the link tells no losses. */
export function receivedEnd(run: ReceivedRun, xUnit: XUnit, liveTokens: number): number {
  const { B, S } = run.experiment.batch;
  const stretch = xUnit === 'steps' ? 1 : (B * S) / liveTokens;
  return stretch * (run.training === null ? 0 : lastStepOf(run.training));
}

/** Losses of the runs that the link brought, as far as it tells them. */
export function useReceivedLines(): readonly Series[] {
  const runs = useReceived((s) => s.runs);
  const xUnit = useView((s) => s.xUnit);
  const liveTokens = useLiveTokens();
  const kept = useKept((s) => s.runs);
  return useMemo(() => {
    const names = namesInCharts([...kept, ...runs]).slice(kept.length);
    return runs.flatMap((run, i) => {
      const { B, S } = run.experiment.batch;
      const stretch = xUnit === 'steps' ? 1 : (B * S) / liveTokens;
      return linesOf({ ...run, name: names[i]! }, i, stretch);
    });
  }, [runs, kept, xUnit, liveTokens]);
}
