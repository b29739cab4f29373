/** An inspection's requests as its kernels take them, batch by batch and layer by layer. */
import type { Intervention } from '../../analysis/inspection.ts';
import { type Force, slotsLeft } from '../../analysis/interventions.ts';
import type { LayerSpace } from '../../config/telemetry.ts';
import type { LayerAsk } from '../../model/interventions.ts';

/** What one batch's pass is asked. */
export interface BatchAsk {
  layers: LayerAsk[];
  /** The forced slots of all layers in the order of the buffer. */
  forced: Force[];
}

type OnToken = Extract<Intervention, { token: number }>;

/** Items on single tokens, by batch and layer. */
function byPlace(items: readonly Intervention[], T: number): Map<string, OnToken[]> {
  const lists = new Map<string, OnToken[]>();
  for (const item of items) {
    if (!('token' in item)) continue;
    const place = `${Math.floor(item.token / T)}:${item.layer}`;
    const list = lists.get(place);
    if (list === undefined) lists.set(place, [item]);
    else list.push(item);
  }
  return lists;
}

/**
 * @param items checked
 * @param T tokens of a batch
 */
export function batchAsks(
  items: readonly Intervention[],
  spaces: readonly LayerSpace[],
  T: number,
  n: number,
): BatchAsk[] {
  const lists = byPlace(items, T);
  const left = spaces.map((space) => slotsLeft(items, space));
  return Array.from({ length: n }, (_, b) => {
    const forced: Force[] = [];
    const layers = spaces.map(({ layer }, i): LayerAsk => {
      const here = lists.get(`${b}:${layer}`) ?? [];
      // A stable sort: those of a token stay in the order in which they act.
      const forces = here
        .filter((item) => item.type === 'force')
        .sort((one, other) => one.token - other.token);
      forced.push(...forces);
      const scales = here.filter((item) => item.type === 'scale');
      return {
        left: left[i]!,
        forced: forces.map(({ token, rank, slot }) => ({ token: token - b * T, rank, slot })),
        scaled: scales.map(({ token, slot, factor }) => ({ token: token - b * T, slot, factor })),
      };
    });
    return { layers, forced };
  });
}
