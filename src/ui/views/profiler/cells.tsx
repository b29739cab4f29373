import type { ReactNode } from 'react';
import { formatPercent } from '../../kit/format.ts';

/** A part of the whole as bar and number; the bar of the largest part is full. */
export function ShareCell({ share, largest }: { share: number; largest: number }) {
  return (
    <td className="num share">
      <span className="bar" aria-hidden="true">
        <i style={{ width: `${(100 * share) / largest}%` }} />
      </span>
      {formatPercent(share)}
    </td>
  );
}

/** Shows and hides the rows below it. */
export function Unfold({
  label,
  isOpen,
  set,
  children,
}: {
  label: string;
  isOpen: boolean;
  set: (isOpen: boolean) => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className="unfold-row"
      aria-expanded={isOpen}
      aria-label={label}
      onClick={() => set(!isOpen)}
    >
      {children}
    </button>
  );
}
