import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';

/** Width of a drawing where nothing is laid out. */
const UNKNOWN_PX = 640;

/** Width of a box in pixels, known before the first drawing is painted; 0 until then. */
export function useDrawnWidth(box: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => setWidth(Math.floor(box.current?.clientWidth || UNKNOWN_PX)), [box]);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const next = Math.floor(entry?.contentRect.width ?? 0);
      if (next > 0) setWidth(next);
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [box]);
  return width;
}
