import { type RefObject, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { drawClock } from './drawClock.ts';
import { useLab } from './useLab.tsx';

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

/** Whether an element's content does not fit into it, so that it scrolls. */
export function useOverflows(ref: RefObject<HTMLElement | null>): boolean {
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const look = () =>
      setOverflows(
        element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight,
      );
    const observer = new ResizeObserver(look);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, [ref]);
  return overflows;
}

/**
 * The run's version as far as it has to be drawn: at most ten times a second (less where drawing is
 * slow, so that it leaves the processor to training), hardly ever while the element is scrolled
 * away, and never in a hidden tab.
 * @param drawn what alone is drawn of the run: while it is the same, so is the version
 */
export function useLiveVersion(ref: RefObject<HTMLElement | null>, drawn?: () => unknown): number {
  const { run } = useLab();
  const [shown] = useState(() => ({ version: run.getState().version, drawn: drawn?.() }));
  const subscribe = useCallback(
    (notify: () => void) =>
      drawClock(run).watch(ref.current, (version) => {
        const now = drawn?.();
        if (drawn !== undefined && now === shown.drawn) return;
        Object.assign(shown, { version, drawn: now });
        notify();
      }),
    [ref, run, shown, drawn],
  );
  return useSyncExternalStore(subscribe, () => shown.version);
}
