import { type RefObject, useEffect, useState } from 'react';
import { usePrinting } from './usePrint.ts';

/** Rows above and below what is seen, so that scrolling shows none of it empty. */
const BEYOND = 8;
/** Rows where nobody knows how many are seen. */
const UNSEEN = 40;

export interface RowWindow {
  first: number;
  /** Behind the last. */
  end: number;
  /** Pixels that the rows before and behind take. */
  above: number;
  below: number;
}

/**
 * Which of many rows of one height are drawn: those that a scrolled box shows, and some around them.
 * On paper all of them.
 */
export function useRowWindow(
  box: RefObject<HTMLElement | null>,
  count: number,
  rowPx: number,
): RowWindow {
  const isPrinting = usePrinting();
  const [seen, setSeen] = useState<readonly [first: number, rows: number]>([0, UNSEEN]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => {
      const first = Math.floor(element.scrollTop / rowPx);
      const rows = element.clientHeight === 0 ? UNSEEN : Math.ceil(element.clientHeight / rowPx);
      setSeen((now) => (now[0] === first && now[1] === rows ? now : [first, rows]));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [box, rowPx]);
  if (isPrinting) return { first: 0, end: count, above: 0, below: 0 };
  const first = Math.max(0, Math.min(seen[0], count - seen[1]) - BEYOND);
  const end = Math.min(count, first + seen[1] + 2 * BEYOND);
  return { first, end, above: first * rowPx, below: (count - end) * rowPx };
}
