import { lazy, type ReactNode, useState } from 'react';
import { Loaded } from './Loaded.tsx';

const load = () => import('./PopOpened.tsx');
const PopOpened = lazy(load);

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

/** A button that opens a box beside it; the box's code comes with the first press. */
export function Pop(props: PopProps) {
  const { children, className, label } = props;
  const [wasPressed, setPressed] = useState(false);
  const closed = (
    <button
      type="button"
      className={className}
      aria-label={label}
      aria-haspopup="dialog"
      aria-expanded={false}
      onPointerEnter={() => void load().catch(() => undefined)}
      onClick={() => setPressed(true)}
    >
      {children}
    </button>
  );
  if (!wasPressed) return closed;
  return (
    <Loaded name="This box" fallback={closed}>
      <PopOpened {...props} />
    </Loaded>
  );
}
