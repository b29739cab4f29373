import { type ComponentProps, useState } from 'react';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  /** Whether pressing it does nothing now. */
  isOff?: boolean;
}

/**
 * A button that keeps the focus while it cannot be pressed, as after the press that used it up:
 * `disabled` alone would drop it to the page. It is disabled once the focus goes elsewhere.
 */
export function Button({ isOff = false, onClick, onFocus, onBlur, ...rest }: ButtonProps) {
  const [isHeld, setHeld] = useState(false);
  return (
    <button
      type="button"
      {...rest}
      disabled={isOff && !isHeld}
      aria-disabled={isOff || undefined}
      onClick={isOff ? (event) => event.preventDefault() : onClick}
      onFocus={(event) => {
        setHeld(true);
        onFocus?.(event);
      }}
      onBlur={(event) => {
        setHeld(false);
        onBlur?.(event);
      }}
    />
  );
}
