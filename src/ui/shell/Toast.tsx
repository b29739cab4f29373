import { useEffect } from 'react';
import { useLab, useView } from '../useLab.tsx';

const TOAST_MS = 4000;

/** One short message at a time. */
export function Toast() {
  const { view } = useLab();
  const toast = useView((s) => s.toast);
  useEffect(() => {
    if (toast === null) return;
    const timer = setTimeout(() => view.getState().set({ toast: null }), TOAST_MS);
    return () => clearTimeout(timer);
  }, [toast, view]);
  return (
    <div role="status" aria-live="polite">
      {toast !== null && (
        <p key={toast.id} className="toast">
          {toast.text}
        </p>
      )}
    </div>
  );
}
