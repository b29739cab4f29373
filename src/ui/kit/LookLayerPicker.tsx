import type { Look } from '../../state/looks/looked.ts';
import { useLab, useView } from './useLab.tsx';

/** MoE layers, in order. */
interface LookedLayers {
  layers: readonly Pick<Look['layers'][number], 'layer'>[];
}

/** Place among the MoE layers of the one whose details are shown: the chosen one, else the first. */
export function useLookPlace(look: LookedLayers | null): number {
  const chosen = useView((s) => s.layer);
  return Math.max(0, look?.layers.findIndex(({ layer }) => layer === chosen) ?? 0);
}

/** Chooses the MoE layer of a look whose details are shown; nothing where there is no choice. */
export function LookLayerPicker({ look }: { look: LookedLayers | null }) {
  const { view } = useLab();
  const place = useLookPlace(look);
  if (look === null || look.layers.length < 2) return null;
  return (
    <select
      className="select compact"
      aria-label="Layer"
      value={look.layers[place]?.layer}
      onChange={(event) => view.getState().set({ layer: Number(event.target.value) })}
    >
      {look.layers.map(({ layer }) => (
        <option key={layer} value={layer}>
          Layer {layer}
        </option>
      ))}
    </select>
  );
}
