import { useId } from 'react';
import { useLab, useView } from '../useLab.tsx';

/** Weight of the past in smoothed lines; all charts have the same. */
export function Smoothing() {
  const { view } = useLab();
  const smoothing = useView((s) => s.smoothing);
  const id = useId();
  return (
    <label className="chart-range" htmlFor={id} title="Weight of the past in the smoothed line">
      <span>Smoothing</span>
      <input
        id={id}
        className="range"
        type="range"
        min={0}
        max={0.99}
        step={0.01}
        value={smoothing}
        onChange={(event) => view.getState().set({ smoothing: Number(event.target.value) })}
      />
      <output className="num" aria-live="off">
        {smoothing.toFixed(2)}
      </output>
    </label>
  );
}

const LOG = { logX: 'log x', logY: 'log y' } as const;

/** Which axes of all charts are logarithmic. */
export function LogAxes() {
  const { view } = useLab();
  const logX = useView((s) => s.logX);
  const logY = useView((s) => s.logY);
  const is = { logX, logY };
  return (['logX', 'logY'] as const).map((axis) => (
    <button
      key={axis}
      type="button"
      className="btn quiet small"
      aria-pressed={is[axis]}
      onClick={() => view.getState().set({ [axis]: !is[axis] })}
    >
      {LOG[axis]}
    </button>
  ));
}

/** Shows all charts whole again, where they are not. */
export function ResetZoom() {
  const { view } = useLab();
  const isZoomed = useView((s) => s.zoom !== null);
  if (!isZoomed) return null;
  return (
    <button
      type="button"
      className="btn quiet small"
      title="Double click on a chart does the same"
      onClick={() => view.getState().set({ zoom: null })}
    >
      Reset zoom
    </button>
  );
}
