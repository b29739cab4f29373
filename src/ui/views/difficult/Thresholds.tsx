import { useEffect, useState } from 'react';
import type { Field } from '../../../state/fields.ts';

interface NumbersProps {
  label: string;
  /** What is allowed, in words. */
  allowed: string;
  field: Field<readonly number[]>;
  value: readonly number[];
  change: (value: readonly number[]) => void;
}

/** Some numbers, typed with commas or spaces between them. */
export function Numbers({ label, allowed, field, value, change }: NumbersProps) {
  const written = value.join(', ');
  const [text, setText] = useState(written);
  useEffect(() => setText(written), [written]);
  const typed = field.read(
    text
      .trim()
      .split(/[\s,;]+/)
      .join(','),
  );
  function take(): void {
    if (typed === undefined) setText(written);
    else {
      setText(typed.join(', '));
      change(typed);
    }
  }
  return (
    <input
      className="input num difficult-numbers"
      aria-label={label}
      aria-invalid={typed === undefined}
      title={typed === undefined ? `${text || '(empty)'}: ${allowed}` : undefined}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take();
      }}
    />
  );
}
