import { useEffect, useRef } from 'react';
import type { MenuEntry, MenuProps } from './menuRows.ts';

/** Menus that the page shows, closed or open: the palette finds what stands in them. */
const shown = new Set<() => MenuProps>();

/** Name of a menu: its label, else the text of its button. */
const nameOf = ({ label, children }: MenuProps) => label ?? String(children);

/** Has the menu known for as long as its button is shown. */
export function useShown(props: MenuProps): void {
  const last = useRef(props);
  useEffect(() => {
    last.current = props;
  });
  useEffect(() => {
    const menu = () => last.current;
    shown.add(menu);
    return () => void shown.delete(menu);
  }, []);
}

/** What can be chosen in the menus that are shown, each with its menu's name. */
export function choicesShown(): { menu: string; choice: MenuEntry }[] {
  const menus = [...shown].map((menu) => menu()).filter(({ disabled }) => disabled !== true);
  return menus.flatMap((menu) =>
    menu
      .rows()
      .filter((row) => row !== 'line' && 'onSelect' in row && row.disabled !== true)
      .map((choice) => ({ menu: nameOf(menu), choice: choice as MenuEntry })),
  );
}
