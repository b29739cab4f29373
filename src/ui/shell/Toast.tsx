import { useEffect, useRef, useState } from 'react';
import type { Toast as Message } from '../../state/viewStore.ts';
import { CloseIcon } from '../kit/icons.tsx';
import { useLab, useView } from '../kit/useLab.tsx';

const LEAST_MS = 4000;
/** About what slow reading takes. */
const MS_PER_CHARACTER = 80;

/** How long a message stands: as long as it takes to see and read it. */
export function toastMs(text: string): number {
  return LEAST_MS + MS_PER_CHARACTER * text.length;
}

/** A message that goes by itself, but not while it is pointed at, has the focus, or a dialog is over it. */
function Toast({ toast: { id, text } }: { toast: Message }) {
  const { view } = useLab();
  const [isTouched, setTouched] = useState(false);
  const isCovered = useView((s) => s.sheet !== null);
  const isHeld = isTouched || isCovered;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => view.getState().dismiss(id), toastMs(text));
    return () => clearTimeout(timer);
  }, [id, text, isHeld, view]);
  return (
    <li
      className="toast"
      onPointerEnter={() => setTouched(true)}
      onPointerLeave={() => setTouched(false)}
      onFocus={() => setTouched(true)}
      onBlur={() => setTouched(false)}
    >
      <span>{text}</span>
      <button
        type="button"
        className="btn quiet icon small"
        aria-label="Dismiss this message"
        onClick={() => view.getState().dismiss(id)}
      >
        <CloseIcon />
      </button>
    </li>
  );
}

/** Short messages, the newest last. */
export function Toasts() {
  const toasts = useView((s) => s.toasts);
  const list = useRef<HTMLUListElement>(null);
  const last = toasts.at(-1)?.id;
  useEffect(() => {
    if (last !== undefined) list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' });
  }, [last]);
  return (
    <div role="status" aria-live="polite" aria-relevant="additions">
      <ul className="toasts" ref={list}>
        {toasts.map((toast) => (
          <Toast key={toast.id} toast={toast} />
        ))}
      </ul>
    </div>
  );
}
