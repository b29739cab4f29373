import { type ReactNode, useRef } from 'react';
import { useOverflows } from './useLive.ts';

/** What may be larger than its place, as tables are: where it scrolls, a keyboard reaches it too. */
export function ScrollX({
  label,
  className = '',
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const place = useOverflows(box) ? { role: 'region', tabIndex: 0 } : { role: 'group' };
  const attributes = { ...place, 'aria-label': label };
  return (
    <div ref={box} className={`scroll-x ${className}`.trim()} {...attributes}>
      {children}
    </div>
  );
}
