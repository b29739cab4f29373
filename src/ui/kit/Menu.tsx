import { lazy, type ReactNode, useState } from 'react';
import { Loaded } from './Loaded.tsx';

const load = () => import('./MenuOpened.tsx');
const MenuOpened = lazy(load);

export interface MenuEntry {
  label: string;
  onSelect: () => void;
  disabled?: boolean;
}

/** A row of a menu: something to do, the title of what follows, or a line. */
export type MenuRow = MenuEntry | { title: string } | 'line';

export interface MenuProps {
  /** What the button shows. */
  children: ReactNode;
  className: string;
  /** Name of the button where its text is not enough. */
  label?: string;
  disabled?: boolean;
  align?: 'start' | 'end';
  /** Asked for when the menu opens. */
  rows: () => readonly MenuRow[];
}

/** A button that opens a menu; the menu's code comes with the first press. */
export function Menu(props: MenuProps) {
  const { children, className, label, disabled = false } = props;
  const [landmark, setLandmark] = useState<Element | null>(null);
  const closed = (
    <button
      type="button"
      className={className}
      aria-label={label}
      aria-haspopup="menu"
      aria-expanded={false}
      disabled={disabled}
      onPointerEnter={() => void load().catch(() => undefined)}
      onClick={({ currentTarget }) =>
        setLandmark(currentTarget.closest('.header, main') ?? document.body)
      }
    >
      {children}
    </button>
  );
  if (landmark === null) return closed;
  return (
    <Loaded name="This menu" fallback={closed}>
      <MenuOpened {...props} landmark={landmark} />
    </Loaded>
  );
}
