import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useRef,
  useState,
} from 'react';
import { useLab, useView } from '../useLab.tsx';
import type { Mark } from './exporters.ts';
import { MARGIN, plotSize } from './plotSize.ts';
import { type Axis, position, valueAtPosition } from './scale.ts';

export interface Marker {
  step: number;
  title: string;
  kind: 'change' | 'seam' | 'broken';
}

/** Colour and dashes of the kinds of markers in pictures; charts.css has the same for the page. */
const MARKED = {
  change: { color: 'var(--good)', dash: '4 3' },
  seam: { color: 'var(--text-2)', dash: '' },
  broken: { color: 'var(--bad)', dash: '' },
} as const;

/** Markers inside of an axis, as pictures draw them. */
export function marksOf(markers: readonly Marker[], x: Axis): Mark[] {
  return markers
    .filter(({ step }) => step >= x.min && step <= x.max)
    .map(({ step, title, kind }) => ({ at: position(x, step), title, ...MARKED[kind] }));
}

export interface CrosshairProps {
  label: string;
  width: number;
  height: number;
  x: Axis;
  /** Last step of the live run, which alone can be pinned; 0 without any. */
  lastStep: number;
  /** First and last place of any line. */
  first: number;
  reach: number;
  markers: readonly Marker[];
  /** Lines of the readout at a step. */
  readout: (step: number) => string;
  /**
   * What a box beside the crosshair says, in the chart under the pointer or the keys; null where
   * the legend says it all.
   */
  tip: ((step: number) => ReactNode) | null;
  /** Hears where the pointer is: at which place, and how far from the top in pixels; null: gone. */
  onPoint?: (at: { place: number; top: number } | null) => void;
}

/** Markers this close to the crosshair are read out with it, in pixels. */
const NEAR_PX = 6;

/** Pointers shorter than this are a click, not a zoom, in pixels. */
const DRAG_PX = 6;

/** Charts narrower than this have no room for a box beside the crosshair. */
const NARROW_PX = 420;

/** Where the box stands: beside the crosshair, on the side with more room; else below the chart. */
function tipPlace(px: number, width: number, height: number): CSSProperties {
  if (width < NARROW_PX)
    return { top: height + MARGIN.bottom, ...(px < width / 2 ? { left: 0 } : { right: 0 }) };
  return px < width / 2 ? { left: px + 12 } : { right: width - px + 12 };
}

/** Parts of the axis that Page up and Page down go by. */
const PAGES = 20;

/** Where a key moves the crosshair from `place`; null for keys that move nothing. */
function moved(event: KeyboardEvent, place: number, { x, first, reach }: CrosshairProps) {
  const page = Math.max(10, Math.round((x.max - x.min) / PAGES));
  const [by, times] = event.shiftKey ? [10, 10] : [1, 1];
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: place - by,
    ArrowDown: place - by,
    ArrowRight: place + by,
    ArrowUp: place + by,
    PageDown: place - page * times,
    PageUp: place + page * times,
    Home: first,
    End: reach,
  };
  const target = targets[event.key];
  return target === undefined ? null : Math.min(Math.max(target, first), reach);
}

/** Clicks pin a step; a double click shows the whole run, and leaves the pin as it was. */
function usePin(lastStep: number) {
  const { view } = useLab();
  const before = useRef<number | null>(null);
  return {
    onClick(step: number, count: number): void {
      if (count > 1 || lastStep === 0) return;
      before.current = view.getState().scrub;
      view.getState().set({ scrub: Math.min(Math.max(step, 1), lastStep) });
    },
    onDoubleClick(): void {
      const scrub = lastStep === 0 ? view.getState().scrub : before.current;
      view.getState().set({ zoom: null, scrub });
    },
  };
}

interface MarksProps extends Pick<CrosshairProps, 'markers'> {
  pinned: number | null;
  hover: number | null;
  isInside: (step: number) => boolean;
  pixelOf: (step: number) => number;
}

/** Events of the run, the pinned step and the crosshair itself. */
function Marks({ markers, pinned, hover, isInside, pixelOf }: MarksProps) {
  return (
    <>
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
    </>
  );
}

/** Steps to pixels of a plot, and back to steps that the run has. */
function axisOf(x: CrosshairProps['x'], width: number, reach: number) {
  return {
    stepAt(px: number): number {
      const step = Math.round(valueAtPosition(x, Math.min(1, Math.max(0, px / width))));
      return Math.min(Math.max(step, Math.ceil(x.min)), Math.max(reach, 1));
    },
    pixelOf: (step: number) => position(x, step) * width,
    isInside: (step: number) => step >= x.min && step <= x.max,
  };
}

/** Steps from and to between which a person dragged. */
function draggedSteps(
  x: CrosshairProps['x'],
  [a, b]: readonly [number, number],
  width: number,
): readonly [number, number] {
  const edge = (px: number) => valueAtPosition(x, Math.min(1, Math.max(0, px / width)));
  const from = Math.max(x.isLog ? 1 : 0, Math.floor(edge(Math.min(a, b))));
  return [from, Math.ceil(edge(Math.max(a, b)))];
}

function markersNear(
  markers: CrosshairProps['markers'],
  pixelOf: (step: number) => number,
  hover: number,
): CrosshairProps['markers'] {
  return markers.filter(({ step }) => Math.abs(pixelOf(step) - pixelOf(hover)) <= NEAR_PX);
}

/** Events beside the crosshair, in words. */
function NearEvents({ markers }: Pick<CrosshairProps, 'markers'>) {
  return markers.map(({ kind, step, title }) => (
    <p key={`${kind}${step}`} className={`event ${kind}`}>
      {title}
    </p>
  ));
}

/** Steps that are being dragged over. */
function Selection({ drag: [from, to] }: { drag: readonly [number, number] }) {
  const width = Math.abs(to - from);
  return (
    width >= DRAG_PX && <i className="selection" style={{ left: Math.min(from, to), width }} />
  );
}

/** Where a plot stands in the window. */
function placeIn(area: Element | null): Readonly<Record<'left' | 'top', number>> {
  return area?.getBoundingClientRect() ?? { left: 0, top: 0 };
}

/**
 * The latest place of a slider that follows it, or the one that it had when the focus came: with
 * the focus, every change of it is read out, which ten times a second is no help.
 */
export function useHeld(latest: number, isFollowing: boolean) {
  const [isFocused, setFocused] = useState(false);
  const held = useRef<number | null>(null);
  // Not every browser tells that the focus leaves what is hidden.
  useEffect(() => () => setFocused(false), []);
  if (!isFocused || !isFollowing) held.current = null;
  // A run that starts again has fewer steps.
  else if (held.current === null || held.current > latest) held.current = latest;
  return { place: held.current ?? latest, setFocused };
}

/** Pointer, keyboard, crosshair, selection and markers over a plot; the crosshair is shared. */
export function Crosshair(props: CrosshairProps) {
  const { label, width, height, x, lastStep, first, reach, markers, readout, tip, onPoint } = props;
  const { view } = useLab();
  const hover = useView((s) => s.hover);
  const pinned = useView((s) => s.scrub);
  const [isOver, setOver] = useState(false);
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const wasDragged = useRef(false);
  const area = useRef<HTMLDivElement>(null);
  const pin = usePin(lastStep);
  const { width: plotWidth, height: plotHeight } = plotSize(width, height);

  const { stepAt, pixelOf, isInside } = axisOf(x, plotWidth, reach);
  const pointerX = (event: { clientX: number }) => event.clientX - placeIn(area.current).left;

  function onMove(event: PointerEvent): void {
    const px = pointerX(event);
    setOver(true);
    if (drag !== null) setDrag([drag[0], px]);
    if (reach > 0) view.getState().set({ hover: stepAt(px) });
    onPoint?.({ place: stepAt(px), top: event.clientY - placeIn(area.current).top });
  }

  function onUp(): void {
    if (drag === null) return;
    setDrag(null);
    wasDragged.current = Math.abs(drag[1] - drag[0]) >= DRAG_PX;
    const zoom = draggedSteps(x, drag, plotWidth);
    if (wasDragged.current && zoom[1] > zoom[0]) view.getState().set({ zoom });
  }

  function onKey(event: KeyboardEvent): void {
    const next = reach > 0 ? moved(event, hover ?? (lastStep || reach), props) : null;
    if (event.key === 'Escape') view.getState().set({ hover: null, zoom: null });
    else if (event.key === 'Enter' && hover !== null) pin.onClick(hover, 1);
    else if (next !== null) {
      setOver(true);
      view.getState().set({ hover: next });
    } else return;
    event.preventDefault();
  }

  function leave(): void {
    setOver(false);
    onPoint?.(null);
    view.getState().set({ hover: null });
  }

  const { place: latest, setFocused } = useHeld(lastStep || reach, hover === null);
  const shown = hover ?? latest;
  const isPointed = isOver && hover !== null && isInside(hover);
  return (
    <div
      ref={area}
      className="crosshair"
      role="slider"
      tabIndex={0}
      aria-label={`Step cursor of ${label}`}
      aria-valuemin={first}
      aria-valuemax={Math.max(reach, first)}
      aria-valuenow={shown}
      aria-valuetext={reach > 0 ? readout(shown) : 'no steps yet'}
      style={{ left: MARGIN.left, top: MARGIN.top, width: plotWidth, height: plotHeight }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([pointerX(event), pointerX(event)]);
      }}
      onPointerMove={onMove}
      onPointerUp={onUp}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={leave}
      onClick={(event) => {
        if (!wasDragged.current) pin.onClick(stepAt(pointerX(event)), event.detail);
      }}
      onDoubleClick={pin.onDoubleClick}
      onKeyDown={onKey}
      onFocus={() => setFocused(true)}
      onBlur={() => {
        setFocused(false);
        if (isOver && area.current?.matches(':hover') !== true) leave();
      }}
    >
      <Marks {...{ markers, pinned, hover, isInside, pixelOf }} />
      {drag !== null && <Selection drag={drag} />}
      {isPointed && tip !== null && (
        <div className="tip" style={tipPlace(pixelOf(hover), plotWidth, plotHeight)}>
          {tip(hover)}
          <NearEvents markers={markersNear(markers, pixelOf, hover)} />
        </div>
      )}
    </div>
  );
}
