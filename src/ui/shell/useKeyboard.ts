import { useEffect } from 'react';
import type { Lab } from '../../state/lab.ts';
import { useLab } from '../kit/useLab.tsx';
import { copyLink } from './share.ts';

/** Whether a key belongs to what has the focus: text fields, menus, and buttons for Space. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role="dialog"], [role="menu"]')) return true;
  if (target.isContentEditable || target.closest('textarea, select')) return true;
  const input = target.closest('input');
  if (input !== null) return input.type !== 'range' || key === ' ';
  return (
    key === ' ' &&
    target.closest('button, a, [role="slider"]') !== null &&
    target.closest('[role="slider"]') === null
  );
}

function act(lab: Lab, event: KeyboardEvent): boolean {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
    void (event.shiftKey ? lab.commands.redo() : lab.commands.undo());
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return false;
  switch (event.key) {
    case ' ':
      void lab.commands.toggle();
      return true;
    case '.':
      void lab.commands.step();
      return true;
    case 'r':
    case 'R':
      void lab.commands.askReset();
      return true;
    case 's':
    case 'S':
      void copyLink(lab);
      return true;
    case '?':
      lab.view.getState().set({ sheet: 'help' });
      return true;
    default:
      return false;
  }
}

/** Shortcuts of the whole page, inactive while typing. */
export function useKeyboard(): void {
  const lab = useLab();
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented || isTaken(event.target, event.key)) return;
      if (act(lab, event)) event.preventDefault();
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [lab]);
}
