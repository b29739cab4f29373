import { useMemo } from 'react';
import { applyChange } from '../../../config/edit.ts';
import type { Change, Experiment } from '../../../config/experiment.ts';
import { settingAt } from '../../../config/schema.ts';
import { surgeryOf } from '../../../config/surgery.ts';
import { useShownExperiment } from '../place.ts';
import { describeSlots } from '../values.ts';
import type { Marker } from './Crosshair.tsx';

/** "2×64 128" for slots, "L2: 2×64 128" for layers with slots of their own. */
function describeExperts(path: string, { experts }: Experiment): string {
  if (path === 'experts.slots') return describeSlots(experts.slots);
  const own = Object.entries(experts.perLayer ?? {});
  return own.map(([layer, slots]) => `L${layer}: ${describeSlots(slots)}`).join('; ') || 'off';
}

/** "Peak learning rate = 0.001" for every path of a change of the settings before it. */
export function describeChange(change: Change, before: Experiment): string {
  const after = applyChange(before, change);
  const surgery = surgeryOf(change);
  const parts = Object.entries(change).flatMap(([path, value]) => {
    if (path === 'surgery') return [];
    const text = path.startsWith('experts.')
      ? describeExperts(path, after)
      : value === null
        ? 'off'
        : JSON.stringify(value);
    return [`${settingAt(path)?.label ?? path} = ${text}`];
  });
  if (surgery === null) return parts.join(', ');
  const name = 'undo' in surgery ? 'surgery taken back' : 'surgery';
  return parts.length === 0 ? name : `${name}: ${parts.join(', ')}`;
}

/** A marker on every chart at each step before which the experiment was changed live. */
export function useEventMarkers(): Marker[] {
  const experiment = useShownExperiment();
  return useMemo(() => {
    const titles = new Map<number, string>();
    for (const [step, change] of experiment.events) {
      const text = describeChange(change, experiment);
      const others = titles.get(step);
      titles.set(step, others === undefined ? `From step ${step}: ${text}` : `${others}; ${text}`);
    }
    return [...titles].map(([step, title]) => ({ step, title, kind: 'change' as const }));
  }, [experiment]);
}
