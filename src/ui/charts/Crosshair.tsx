import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { useLab, useView } from '../useLab.tsx';
import { MARGIN, plotSize } from './Plot.tsx';
import { type Axis, position, valueAtPosition } from './scale.ts';

export interface Marker {
  step: number;
  title: string;
  kind: 'change' | 'broken';
}

export interface CrosshairProps {
  label: string;
  width: number;
  height: number;
  x: Axis;
  /** Last step of the live run, which alone can be pinned; 0 without any. */
  lastStep: number;
  /** Last step of any line. */
  reach: number;
  markers: readonly Marker[];
  /** Lines of the readout at a step. */
  readout: (step: number) => string;
  /** What a box beside the crosshair says, in the chart under the pointer. */
  tip: ((step: number) => ReactNode) | null;
}

/** Markers this close to the crosshair are read out with it, in pixels. */
const NEAR_PX = 6;

/** Pointers shorter than this are a click, not a zoom, in pixels. */
const DRAG_PX = 6;

/** Pointer, keyboard, crosshair, selection and markers over a plot; the crosshair is shared. */
export function Crosshair(props: CrosshairProps) {
  const { label, width, height, x, lastStep, reach, markers, readout, tip } = props;
  const { view } = useLab();
  const hover = useView((s) => s.hover);
  const pinned = useView((s) => s.scrub);
  const [isOver, setOver] = useState(false);
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const area = useRef<HTMLDivElement>(null);
  const { width: plotWidth, height: plotHeight } = plotSize(width, height);

  const stepAt = (px: number) => {
    const step = Math.round(valueAtPosition(x, Math.min(1, Math.max(0, px / plotWidth))));
    return Math.min(Math.max(step, Math.ceil(x.min)), Math.max(reach, 1));
  };
  const pixelOf = (step: number) => position(x, step) * plotWidth;
  const isInside = (step: number) => step >= x.min && step <= x.max;
  const pointerX = (event: PointerEvent) =>
    event.clientX - (area.current?.getBoundingClientRect().left ?? 0);

  function onMove(event: PointerEvent): void {
    const px = pointerX(event);
    setOver(true);
    if (drag !== null) setDrag([drag[0], px]);
    if (reach > 0) view.getState().set({ hover: stepAt(px) });
  }

  function onUp(): void {
    if (drag === null) return;
    const [a, b] = drag;
    setDrag(null);
    if (Math.abs(b - a) < DRAG_PX) {
      if (lastStep > 0) view.getState().set({ scrub: Math.min(stepAt(b), lastStep) });
      return;
    }
    const edge = (px: number) => valueAtPosition(x, Math.min(1, Math.max(0, px / plotWidth)));
    const from = Math.max(1, Math.floor(edge(Math.min(a, b))));
    const to = Math.ceil(edge(Math.max(a, b)));
    if (to > from) view.getState().set({ zoom: [from, to] });
  }

  function onKey(event: KeyboardEvent): void {
    const jump = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10 }[event.key];
    if (event.key === 'Escape') view.getState().set({ hover: null, zoom: null });
    else if (event.key === 'Enter' && hover !== null && lastStep > 0) {
      view.getState().set({ scrub: Math.min(hover, lastStep) });
    } else if (jump !== undefined && reach > 0) {
      const next = (hover ?? lastStep) + jump * (event.shiftKey ? 10 : 1);
      view.getState().set({ hover: Math.min(Math.max(next, 1), reach) });
    } else return;
    event.preventDefault();
  }

  const shown = hover ?? lastStep;
  const isPointed = isOver && hover !== null && isInside(hover);
  const near = isPointed
    ? markers.filter(({ step }) => Math.abs(pixelOf(step) - pixelOf(hover)) <= NEAR_PX)
    : [];
  return (
    <div
      ref={area}
      className="crosshair"
      role="slider"
      tabIndex={0}
      aria-label={`Step cursor of ${label}`}
      aria-valuemin={1}
      aria-valuemax={Math.max(reach, 1)}
      aria-valuenow={shown}
      aria-valuetext={reach > 0 ? readout(shown) : 'no steps yet'}
      style={{
        left: MARGIN.left,
        top: MARGIN.top,
        width: plotWidth,
        height: plotHeight,
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([pointerX(event), pointerX(event)]);
      }}
      onPointerMove={onMove}
      onPointerUp={onUp}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => {
        setOver(false);
        view.getState().set({ hover: null });
      }}
      onDoubleClick={() => view.getState().set({ zoom: null })}
      onKeyDown={onKey}
    >
      {markers
        .filter(({ step }) => isInside(step))
        .map(({ step, title, kind }) => (
          <i
            key={`${kind}${step}`}
            className={`marker ${kind}`}
            title={title}
            style={{ left: pixelOf(step) }}
          />
        ))}
      {pinned !== null && isInside(pinned) && (
        <i className="pin" style={{ left: pixelOf(pinned) }} />
      )}
      {hover !== null && isInside(hover) && <i className="hair" style={{ left: pixelOf(hover) }} />}
      {drag !== null && Math.abs(drag[1] - drag[0]) >= DRAG_PX && (
        <i
          className="selection"
          style={{ left: Math.min(...drag), width: Math.abs(drag[1] - drag[0]) }}
        />
      )}
      {isPointed && tip !== null && (
        <div
          className="tip"
          style={
            pixelOf(hover) < plotWidth / 2
              ? { left: pixelOf(hover) + 12 }
              : { right: plotWidth - pixelOf(hover) + 12 }
          }
        >
          {tip(hover)}
          {near.map(({ kind, step, title }) => (
            <p key={`${kind}${step}`} className={`event ${kind}`}>
              {title}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
