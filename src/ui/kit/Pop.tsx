import { lazy, useState } from 'react';
import { Loaded } from './Loaded.tsx';
import type { PopProps } from './popProps.ts';

const load = () => import('./PopOpened.tsx');
const PopOpened = lazy(load);

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
