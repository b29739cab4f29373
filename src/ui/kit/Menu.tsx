import { lazy, useState } from 'react';
import { Loaded } from './Loaded.tsx';
import type { MenuProps } from './menuRows.ts';
import { useShown } from './menusShown.ts';

const load = () => import('./MenuOpened.tsx');
const MenuOpened = lazy(load);

/** A button that opens a menu; the menu's code comes with the first press. */
export function Menu(props: MenuProps) {
  const { children, className, label, disabled = false } = props;
  useShown(props);
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
