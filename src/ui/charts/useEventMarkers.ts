import { useMemo } from 'react';
import type { Change } from '../../config/experiment.ts';
import { settingAt } from '../../config/schema.ts';
import { useConfig } from '../useLab.tsx';
import type { Marker } from './Crosshair.tsx';

/** "Peak learning rate = 0.001" for every path of a change. */
export function describeChange(change: Change): string {
  return Object.entries(change)
    .map(
      ([path, value]) =>
        `${settingAt(path)?.label ?? path} = ${value === null ? 'off' : JSON.stringify(value)}`,
    )
    .join(', ');
}

/** A marker on every chart where the experiment was changed live. */
export function useEventMarkers(): Marker[] {
  const experiment = useConfig((s) => s.running ?? s.experiment);
  return useMemo(
    () =>
      experiment.events.map(([step, change]) => ({
        step,
        title: `From step ${step}: ${describeChange(change)}`,
        kind: 'change' as const,
      })),
    [experiment],
  );
}
