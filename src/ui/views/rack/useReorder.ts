import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';

export interface Lift {
  from: number;
  /** Place that the slot would come to. */
  to: number;
}

/** Row of a list under a height, the nearest one outside. */
function rowAt(list: HTMLElement, y: number): number {
  const rows = [...list.children];
  const i = rows.findIndex((row) => y < row.getBoundingClientRect().bottom);
  return i < 0 ? rows.length - 1 : i;
}

/** Dragging rows of a list to another place; Escape lets go. */
export function useReorder(
  list: RefObject<HTMLElement | null>,
  move: (from: number, to: number) => void,
): { lift: Lift | null; start: (slot: number, event: PointerEvent<HTMLElement>) => void } {
  const [lift, setLift] = useState<Lift | null>(null);
  const end = useRef<(() => void) | null>(null);
  useEffect(() => () => end.current?.(), []);

  function start(from: number, event: PointerEvent<HTMLElement>): void {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const stop = new AbortController();
    end.current = () => {
      stop.abort();
      end.current = null;
    };
    let to = from;
    const { signal } = stop;
    const finish = (isKept: boolean) => {
      end.current?.();
      setLift(null);
      if (isKept && to !== from) move(from, to);
    };
    setLift({ from, to });
    window.addEventListener(
      'pointermove',
      (moved) => {
        if (list.current === null) return;
        to = rowAt(list.current, moved.clientY);
        setLift({ from, to });
      },
      { signal },
    );
    window.addEventListener('pointerup', () => finish(true), { signal });
    window.addEventListener('pointercancel', () => finish(false), { signal });
    window.addEventListener('keydown', ({ key }) => key === 'Escape' && finish(false), { signal });
  }

  return { lift, start };
}
