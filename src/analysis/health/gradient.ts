/** Routers without a gradient of the task, as the settings in force say. */
import { routerGradients } from '../../config/checks/routerGradient.ts';
import type { Segment } from './segments.ts';
import type { Finding } from './stretches.ts';

/** One finding per layer and cause, from the step at which its settings came into force. */
export function gradientFindings(segments: readonly Segment[], lastStep: number): Finding[] {
  const found: Finding[] = [];
  for (const [i, { firstStep, experiment }] of segments.entries()) {
    if (firstStep > Math.max(1, lastStep)) break;
    const next = segments[i + 1];
    const last = next === undefined || next.firstStep > lastStep ? null : next.firstStep - 1;
    for (const { layer, cause, task, auxiliary } of routerGradients(experiment)) {
      if (task) continue;
      const of = `${cause ?? ''}${auxiliary ? '; only the auxiliary losses teach it' : ''}`;
      const before = found.find(
        (one) => one.layer === layer && one.of === of && one.last === firstStep - 1,
      );
      if (before !== undefined) before.last = last;
      else
        found.push({
          ...{ check: 'gradient' as const, layer, slot: null, of },
          ...{ first: firstStep, last, value: 0, allowed: [0, Number.POSITIVE_INFINITY] as const },
        });
    }
  }
  return found;
}
