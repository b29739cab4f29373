import { useEffect } from 'react';
import { COMMANDS, isPressed } from '../commands.ts';
import { useLab } from '../kit/useLab.tsx';

/** Boxes over the page, which have their own keys; the form has the page's, also where it is a drawer. */
const BOX = '[role="dialog"]:not(.drawer), [role="menu"]';

function isInBox(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest(BOX) !== null;
}

/** Whether a key belongs to what has the focus: text fields, menus, and buttons for Space. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (isInBox(target)) return true;
  if (target.isContentEditable || target.closest('textarea, select')) return true;
  const input = target.closest('input');
  if (input !== null) return input.type !== 'range' || key === ' ';
  return (
    key === ' ' &&
    target.closest('button, a, [role="slider"]') !== null &&
    target.closest('[role="slider"]') === null
  );
}

/** Shortcuts of the whole page, most of them inactive while typing. */
export function useKeyboard(): void {
  const lab = useLab();
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented || isInBox(event.target)) return;
      const command = COMMANDS.find((row) => isPressed(row, event));
      if (command === undefined || command.when?.(lab) === false) return;
      if (!command.keys?.always && isTaken(event.target, event.key)) return;
      event.preventDefault();
      command.run(lab);
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [lab]);
}
