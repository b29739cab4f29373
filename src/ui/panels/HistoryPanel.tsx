import { useEffect, useId, useRef } from 'react';
import type { Experiment } from '../../config/experiment.ts';
import type { LoadHistory } from '../../state/loadHistory.ts';
import { useConfig, useLab, useRun, useView } from '../useLab.tsx';
import { useLiveVersion, useWidth } from '../useLive.ts';
import { useTheme } from '../useTheme.ts';
import { type ResolvedTheme, ratioColor } from './diverging.ts';
import { layerLoad, loadRatio, type ShownLayer, useShownLayer, useShownLayers } from './loads.ts';

const LEFT = 30;

/** Draws a layer's history: steps to the right on the planned run, one band per slot. */
function draw(
  canvas: HTMLCanvasElement,
  history: LoadHistory,
  row: ShownLayer,
  experiment: Experiment,
  endStep: number,
  theme: ResolvedTheme,
): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  const band = height / history.R;
  for (const bin of history.bins) {
    const x0 = Math.floor(((bin.firstStep - 1) / endStep) * width);
    const x1 = Math.max(x0 + 1, Math.ceil((bin.lastStep / endStep) * width));
    const load = layerLoad(bin, row.kinds, experiment);
    for (let slot = 0; slot < history.R; slot++) {
      const [r, g, b] = ratioColor(loadRatio(load, slot), theme);
      context.fillStyle = `rgb(${r},${g},${b})`;
      context.fillRect(x0, Math.floor(slot * band), x1 - x0, Math.ceil(band));
    }
  }
}

/** Load of one layer over the run, and the one scrubber that heat map, table and domains follow. */
export default function HistoryPanel() {
  const frame = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const id = useId();
  const version = useLiveVersion(frame);
  const width = useWidth(stage);
  const layers = useShownLayers(version);
  const row = useShownLayer(layers);
  const { run, view } = useLab();
  const theme = useTheme();
  const experiment = useConfig((s) => s.running ?? s.experiment);
  const step = useRun((s) => s.step);
  const scrub = useView((s) => s.scrub);
  const endStep = Math.max(experiment.optimizer.totalSteps, step, 1);
  const slots = row?.kinds.length ?? 8;
  const height = Math.min(176, Math.max(72, slots * 12));
  const shown = scrub ?? step;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the history grows in place; version tells
  useEffect(() => {
    const history = row === null ? undefined : run.getState().loads.get(row.layer);
    if (canvas.current === null || row === null || history === undefined) return;
    draw(canvas.current, history, row, experiment, endStep, theme);
  }, [version, row?.layer, run, width, height, theme, experiment, endStep]);

  const pixels = Math.max(1, Math.round((width - LEFT) * (globalThis.devicePixelRatio ?? 1)));
  return (
    <section ref={frame} className="panel" aria-label="Load over steps">
      <header>
        <h2>Load over steps</h2>
        <LayerPicker layers={layers} chosen={row?.layer ?? null} />
        <div className="tools">
          <button
            type="button"
            className="btn quiet small"
            aria-pressed={scrub === null}
            disabled={step === 0}
            onClick={() =>
              view.getState().set({ scrub: scrub === null ? Math.max(step, 1) : null })
            }
          >
            {scrub === null ? '● Live' : 'Back to live'}
          </button>
        </div>
      </header>
      <div className="content">
        <div ref={stage} className="history" style={{ height }}>
          <div className="slots num" aria-hidden="true">
            <span>0</span>
            <span>{slots - 1}</span>
          </div>
          <canvas
            ref={canvas}
            width={pixels}
            height={height * 2}
            aria-label={
              row === null
                ? 'No load yet'
                : `Load of the ${slots} slots of layer ${row.layer} over ${step} steps; the table below has the numbers`
            }
            role="img"
          />
          {step > 0 && (
            <i
              className="cursor"
              style={{
                left: `calc(${LEFT}px + (100% - ${LEFT}px) * ${Math.min(1, shown / endStep)})`,
              }}
            />
          )}
        </div>
        <div className="scrubber">
          <label htmlFor={id} className="visually-hidden">
            Step shown in heat map, table and domains
          </label>
          <input
            id={id}
            className="range"
            type="range"
            min={1}
            max={endStep}
            value={Math.max(1, shown)}
            disabled={step === 0}
            aria-valuetext={scrub === null ? `latest, step ${step}` : `step ${scrub}`}
            onChange={(event) => {
              const next = Number(event.target.value);
              view.getState().set({ scrub: next >= step ? null : next });
            }}
          />
          <output className="num">{step === 0 ? '–' : `${shown.toLocaleString('en')}`}</output>
        </div>
      </div>
    </section>
  );
}

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
