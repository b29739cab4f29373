import { useCallback } from 'react';
import type { ScalarName } from '../../../config/telemetry.ts';
import { formatShort } from '../format.ts';
import { useSource } from '../place.ts';
import type { Budget } from './budget.ts';
import { StepChart } from './StepChart.tsx';
import type { Series } from './series.ts';
import { useKeptLines } from './useKeptLines.ts';

export interface SmallLine {
  metric: ScalarName;
  label: string;
  color: string;
}

/** One or more scalars of every step, small, under the same crosshair as the loss; kept runs behind. */
export function SmallChart({
  title,
  lines: specs,
}: {
  title: string;
  lines: readonly SmallLine[];
}) {
  const source = useSource();
  const kept = useKeptLines(specs[0]?.metric ?? 'ce', null);
  const lines = useCallback(
    (budget: Budget): Series[] => {
      const live = specs.map(({ metric, label, color }) => ({
        key: metric,
        label,
        color,
        ...source.line(metric),
      }));
      return [...kept(budget), ...live];
    },
    [source, specs, kept],
  );
  return (
    <StepChart
      title={title}
      name={`switchyard-${title.toLowerCase().replaceAll(' ', '-')}`}
      height={112}
      lines={lines}
      format={formatShort}
      isSmall
    />
  );
}
