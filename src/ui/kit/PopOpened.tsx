import { Popover } from 'radix-ui';
import { useState } from 'react';
import type { PopProps } from './popProps.ts';

/** The box and its button, open at first. */
export default function PopOpened(props: PopProps) {
  const {
    children,
    className,
    label,
    boxLabel,
    contentClassName,
    align = 'center',
    content,
  } = props;
  const [isOpen, setOpen] = useState(true);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger className={className} aria-label={label}>
        {children}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={contentClassName}
          aria-label={boxLabel ?? label}
          align={align}
          sideOffset={6}
          collisionPadding={10}
        >
          {content(() => setOpen(false))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
