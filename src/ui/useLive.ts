import { type RefObject, useEffect, useState } from 'react';
import { useLab } from './useLab.tsx';

/** Least time between two drawings: ten a second. */
const FRAME_MS = 100;

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
 * The run's version as far as it has to be drawn: at most ten times a second, in an animation
 * frame, and only while the element is on the screen and the tab is visible.
 */
export function useLiveVersion(ref: RefObject<HTMLElement | null>): number {
  const { run } = useLab();
  const [version, setVersion] = useState(() => run.getState().version);
  useEffect(() => {
    let isOnScreen = true;
    let frame: number | null = null;
    let drawnAt = 0;

    function draw(now: number): void {
      frame = null;
      if (now - drawnAt < FRAME_MS) {
        schedule();
        return;
      }
      drawnAt = now;
      setVersion(run.getState().version);
    }
    function schedule(): void {
      if (frame === null && isOnScreen) frame = requestAnimationFrame(draw);
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
