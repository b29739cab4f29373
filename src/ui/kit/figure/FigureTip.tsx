import { type CSSProperties, type RefObject, useEffect, useReducer } from 'react';
import { createPortal } from 'react-dom';
import type { Box } from './hatch.ts';
import type { Told } from './told.ts';

/** From a place to its tip, in pixels. */
const AWAY_PX = 6;

/** Below a place in the upper half of the window, else above it; within the window. */
export function tipPlace(
  { x, y, width, height }: Box,
  page: Readonly<Record<'width' | 'height', number>>,
): CSSProperties {
  const isLeft = x + width / 2 < page.width / 2;
  const isUpper = y + height / 2 < page.height / 2;
  return {
    ...(isUpper ? { top: y + height + AWAY_PX } : { bottom: page.height - y + AWAY_PX }),
    ...(isLeft ? { left: Math.max(8, x) } : { right: Math.max(8, page.width - x - width) }),
  };
}

/** The numbers of a place, beside it: over the page, for what a panel does not show is cut off. */
export function FigureTip({
  frame,
  box,
  told: { title, facts },
}: {
  frame: RefObject<HTMLElement | null>;
  box: Box;
  told: Told;
}) {
  const [, place] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    window.addEventListener('scroll', place, { capture: true, passive: true });
    return () => window.removeEventListener('scroll', place, { capture: true });
  }, []);
  const { left = 0, top = 0 } = frame.current?.getBoundingClientRect() ?? {};
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const style = tipPlace({ ...box, x: left + box.x, y: top + box.y }, { width, height });
  return createPortal(
    <div className="figure-tip" style={style} aria-hidden="true">
      <b>{title}</b>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </div>,
    document.body,
  );
}
