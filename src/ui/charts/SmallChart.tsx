import { useCallback } from 'react';
import type { ScalarName } from '../../state/metricLog.ts';
import { formatShort } from '../format.ts';
import { useLab } from '../useLab.tsx';
import { StepChart } from './StepChart.tsx';
import type { Series } from './series.ts';

export interface SmallLine {
  metric: ScalarName;
  label: string;
  color: string;
}

/** One or more scalars of every step, small, under the same crosshair as the loss. */
export function SmallChart({
  title,
  lines: specs,
}: {
  title: string;
  lines: readonly SmallLine[];
}) {
  const { run } = useLab();
  const lines = useCallback(() => {
    const { metrics } = run.getState();
    const series: Series[] = specs.map(({ metric, label, color }) => ({
      key: metric,
      label,
      color,
      at: (step) => metrics.at(metric, step),
    }));
    const first = specs[0]?.metric ?? 'ce';
    return { series, steps: { firstStep: metrics.firstStep, values: metrics.column(first) } };
  }, [run, specs]);
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
