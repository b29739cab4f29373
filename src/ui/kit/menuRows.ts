import type { ReactNode } from 'react';

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
