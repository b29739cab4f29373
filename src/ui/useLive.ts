import { type RefObject, useEffect, useState } from 'react';
import { useLab } from './useLab.tsx';

/** Least time between two drawings: ten a second. */
const FRAME_MS = 100;
/** What is scrolled away is only kept from being stale when it comes back. */
const AWAY_MS = 2000;
/** On a slow machine drawing may take at most one part in this many of the time. */
const IDLE_PARTS = 4;

/** Width of an element, 0 before its first layout. */
export function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}

/**
 * The run's version as far as it has to be drawn: at most ten times a second (less where drawing is
 * slow, so that it leaves the processor to training), in an animation frame, and only while the element is on the screen and the tab is visible.
 */
export function useLiveVersion(ref: RefObject<HTMLElement | null>): number {
  const { run } = useLab();
  const [version, setVersion] = useState(() => run.getState().version);
  useEffect(() => {
    let isOnScreen = true;
    let frame: number | null = null;
    let drawnAt = 0;
    let pause = FRAME_MS;

    function draw(now: number): void {
      frame = null;
      if (now - drawnAt < (isOnScreen ? pause : AWAY_MS)) {
        schedule();
        return;
      }
      drawnAt = now;
      setVersion(run.getState().version);
      setTimeout(() => {
        pause = Math.max(FRAME_MS, IDLE_PARTS * (performance.now() - now));
      });
    }
    function schedule(): void {
      if (frame === null) frame = requestAnimationFrame(draw);
    }

    const observer = new IntersectionObserver(([entry]) => {
      isOnScreen = entry?.isIntersecting ?? true;
      schedule();
    });
    if (ref.current !== null) observer.observe(ref.current);
    const stop = run.subscribe((now, before) => {
      if (now.version !== before.version) schedule();
    });
    schedule();
    return () => {
      stop();
      observer.disconnect();
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }, [ref, run]);
  return version;
}
