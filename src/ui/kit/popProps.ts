import type { ReactNode } from 'react';

/** A button and the box that it opens. */
export interface PopProps {
  /** What the button shows. */
  children: ReactNode;
  className: string;
  label: string;
  /** Name of the box, where it is another than the button's. */
  boxLabel?: string;
  contentClassName: string;
  align?: 'start' | 'center';
  content: (close: () => void) => ReactNode;
}
