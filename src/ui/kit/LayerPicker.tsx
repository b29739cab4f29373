import type { ShownLayer } from './loads.ts';
import { useLab } from './useLab.tsx';

/** Chooses the layer whose history, table and domains are shown. */
export function LayerPicker({
  layers,
  chosen,
}: {
  layers: readonly ShownLayer[];
  chosen: number | null;
}) {
  const { view } = useLab();
  if (layers.length === 0) return null;
  return (
    <select
      className="select compact"
      aria-label="Layer"
      value={chosen ?? ''}
      onChange={(event) => view.getState().set({ layer: Number(event.target.value) })}
    >
      {layers.map(({ layer }) => (
        <option key={layer} value={layer}>
          Layer {layer}
        </option>
      ))}
    </select>
  );
}
