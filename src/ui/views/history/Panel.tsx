import { type PointerEvent, useEffect, useId, useRef, useState } from 'react';
import type { SlotKind } from '../../../config/experiment.ts';
import { counted } from '../../../config/plural.ts';
import { Button } from '../../kit/Button.tsx';
import { useHeld } from '../../kit/charts/Crosshair.tsx';
import { LayerPicker } from '../../kit/LayerPicker.tsx';
import { GLYPHS, KIND_NAMES, useShownLayer, useShownLayers } from '../../kit/loads.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useHead } from '../../kit/place.ts';
import { kindRanges } from '../../kit/slotNames.ts';
import { useLab } from '../../kit/useLab.tsx';
import { useLiveVersion, useWidth } from '../../kit/useLive.ts';
import { useTheme } from '../../kit/useTheme.ts';
import type { ViewProps } from '../view.ts';
import { createHistoryPainter } from './canvas.ts';
import './history.css';

const LEFT = 30;

/** Fewest steps that the picture spans. */
const LEAST_STEPS = 25;

/** Right edge of the picture: it doubles as the run grows, so that the first steps fill it too. */
export function historyEnd(step: number, totalSteps: number): number {
  const planned = Math.max(totalSteps, step, 1);
  let end = LEAST_STEPS;
  while (end < step) end *= 2;
  return Math.min(end, planned);
}

/** First and last slot, or the kinds of slots where there are several. */
function SlotAxis({ kinds }: { kinds: readonly SlotKind[] }) {
  const ranges = kindRanges(kinds);
  if (ranges.length < 2) {
    return (
      <div className="history-slots num" aria-hidden="true">
        <span>0</span>
        <span>{Math.max(0, kinds.length - 1)}</span>
      </div>
    );
  }
  return (
    <div className="history-slots kinds" aria-hidden="true">
      {ranges.map(({ kind, first, count }) => (
        <span
          key={first}
          title={`${KIND_NAMES[kind]}: slots ${first} to ${first + count - 1}`}
          style={{
            top: `${(100 * first) / kinds.length}%`,
            height: `${(100 * count) / kinds.length}%`,
          }}
        >
          {GLYPHS[kind]}
        </span>
      ))}
    </div>
  );
}

interface ScrubberProps {
  step: number;
  /** Null: the latest step is shown. */
  scrub: number | null;
  endStep: number;
  scrubTo: (step: number) => void;
}

function Scrubber({ step, scrub, endStep, scrubTo }: ScrubberProps) {
  const id = useId();
  const { place: latest, setFocused } = useHeld(step, scrub === null);
  return (
    <div className="history-scrubber">
      <label htmlFor={id} className="visually-hidden">
        Step shown in heat map, table and domains
      </label>
      <input
        id={id}
        className="range"
        type="range"
        min={1}
        max={endStep}
        value={Math.max(1, scrub ?? latest)}
        disabled={step === 0}
        aria-valuetext={scrub === null ? `latest, step ${latest}` : `step ${scrub}`}
        // Whoever came by the keyboard may hear it; under a pointer the thumb goes on with the run.
        onFocus={(event) => setFocused(event.currentTarget.matches(':focus-visible'))}
        onBlur={() => setFocused(false)}
        onChange={(event) => scrubTo(Number(event.target.value))}
      />
      <span className="at num">
        {step === 0
          ? '–'
          : `${(scrub ?? step).toLocaleString('en')} of ${step.toLocaleString('en')}`}
      </span>
    </div>
  );
}

/** Load of one layer over the run, and the one scrubber that heat map, table and domains follow. */
export default function HistoryPanel({ source, steps }: ViewProps) {
  const frame = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [paint] = useState(createHistoryPainter);
  const version = useLiveVersion(frame);
  const width = useWidth(stage);
  const layers = useShownLayers(source, steps, version);
  const row = useShownLayer(layers);
  const { view } = useLab();
  const theme = useTheme();
  const experiment = useHead(source).experiment;
  // Not subscribed to: the panel is drawn anew with every version that it shows.
  const { step } = source;
  const scrub = steps?.[0] ?? null;
  const endStep = historyEnd(step, experiment.optimizer.totalSteps);
  const slots = row?.kinds.length ?? 8;
  const height = Math.min(176, Math.max(72, slots * 12));
  const shown = scrub ?? step;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the history grows in place; version tells
  useEffect(() => {
    const history = row === null ? null : source.history(row.layer);
    if (canvas.current === null) return;
    const picture = history === null ? null : { history, experiment, endStep, theme };
    paint(canvas.current, picture);
  }, [version, row?.layer, source, paint, width, height, theme, experiment, endStep]);

  function scrubTo(next: number): void {
    view.getState().set({ scrub: next >= step ? null : Math.max(1, next) });
  }

  function onPointer(event: PointerEvent<HTMLCanvasElement>): void {
    if (step === 0 || event.buttons !== 1) return;
    const { left, width: drawnWidth } = event.currentTarget.getBoundingClientRect();
    scrubTo(Math.ceil(((event.clientX - left) / drawnWidth) * endStep));
  }

  const pixels = Math.max(1, Math.round((width - LEFT) * (globalThis.devicePixelRatio ?? 1)));
  return (
    <PanelFrame
      ref={frame}
      className="history"
      beside={<LayerPicker layers={layers} chosen={row?.layer ?? null} />}
      tools={
        <Button
          className="btn quiet small"
          aria-pressed={scrub === null}
          isOff={step === 0}
          onClick={() => view.getState().set({ scrub: scrub === null ? Math.max(step, 1) : null })}
        >
          {scrub === null ? '● Live' : 'Back to live'}
        </Button>
      }
    >
      <div ref={stage} className="history-picture" style={{ height }}>
        <SlotAxis kinds={row?.kinds ?? []} />
        <canvas
          ref={canvas}
          width={pixels}
          height={height * 2}
          aria-label={
            row === null
              ? 'No load yet'
              : `Load of ${counted(slots, 'slot')} of layer ${row.layer} over ${counted(step, 'step')}; the table below has the numbers`
          }
          role="img"
          onPointerDown={onPointer}
          onPointerMove={onPointer}
        />
        {step > 0 && (
          <i
            className="history-cursor"
            style={{
              left: `calc(${LEFT}px + (100% - ${LEFT}px) * ${Math.min(1, shown / endStep)})`,
            }}
          />
        )}
      </div>
      <Scrubber {...{ step, scrub, endStep, scrubTo }} />
    </PanelFrame>
  );
}
