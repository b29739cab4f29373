import { Children, type ReactNode, useEffect, useState } from 'react';

/** Figures that come one after the other, each in a task of its own, so that none holds up the page. */
export function Gradually({ children }: { children: ReactNode }) {
  const all = Children.toArray(children);
  const [shown, setShown] = useState(0);
  const isWhole = shown >= all.length;
  useEffect(() => {
    if (isWhole) return;
    const next = setTimeout(() => setShown(shown + 1));
    return () => clearTimeout(next);
  }, [isWhole, shown]);
  return all.slice(0, shown);
}
