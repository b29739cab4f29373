/** Loads that a link tells of its run, in the place of those that nobody trained here yet. */
import { idealWeights } from '../../../accounting/loadMetrics.ts';
import type { ReceivedRun } from '../../../state/received.ts';
import { aimsAtTau, type ShownLayer } from '../../kit/loads.ts';

/**
 * The layers with the loads at the end of a received run: its counts are thousandths of a layer's assignments.
 * Null where the link tells none, or of other slots.
 */
export function receivedLayers(
  layers: readonly ShownLayer[],
  run: ReceivedRun | undefined,
): ShownLayer[] | null {
  const loads = run?.result?.loads ?? [];
  if (run === undefined || loads.length !== layers.length) return null;
  const found: ShownLayer[] = [];
  for (const row of layers) {
    const { kinds } = row;
    const shares = loads.find(({ layer }) => layer === row.layer)?.shares;
    if (shares?.length !== kinds.length) return null;
    const { router } = run.experiment;
    const unknown = kinds.map(() => Number.NaN);
    const load = {
      tokens: Number.NaN,
      kinds,
      counts: shares,
      drops: unknown,
      meanProb: unknown,
      meanGate: unknown,
      bias: unknown,
      ...(aimsAtTau(run.experiment) ? { weights: idealWeights(kinds, router.tau) } : {}),
    };
    found.push({ ...row, load });
  }
  return found;
}
