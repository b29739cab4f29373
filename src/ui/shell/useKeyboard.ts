import { useEffect } from 'react';
import { COMMANDS, isPressed } from '../commands.ts';
import { useLab } from '../kit/useLab.tsx';

/** Boxes over the page, which have their own keys; the form has the page's, also where it is a drawer. */
const BOX = '[role="dialog"]:not(.drawer), [role="menu"]';

function isInBox(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest(BOX) !== null;
}

/** Inputs that nothing is typed into, and nothing can be undone in. */
const PRESSED_TYPES: readonly string[] = ['checkbox', 'radio', 'range'];

function isTypedInto(element: HTMLElement): boolean {
  if (element.isContentEditable || element.closest('textarea') !== null) return true;
  const input = element.closest('input');
  return input !== null && !PRESSED_TYPES.includes(input.type);
}

/** Whether a key belongs to what has the focus: text fields, menus, selects, and Space to what it presses. */
function isTaken({ target, key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (isInBox(target) || isTypedInto(target)) return true;
  // Letters and digits choose an option; only a text field has an undo of its own.
  if (target.closest('select') !== null) return !ctrlKey && !metaKey;
  return key === ' ' && target.closest('button, a, summary, input') !== null;
}

/** Shortcuts of the whole page, most of them inactive while typing. */
export function useKeyboard(): void {
  const lab = useLab();
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented || isInBox(event.target)) return;
      const command = COMMANDS.find((row) => isPressed(row, event));
      if (command === undefined || command.when?.(lab) === false) return;
      if (!command.keys?.always && isTaken(event)) return;
      event.preventDefault();
      command.run(lab);
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [lab]);
}
