import { useEffect, useState } from 'react';
import { typedNumber } from './typedNumber.ts';

interface WholeNumberProps {
  label: string;
  value: number;
  min: number;
  max: number;
  change: (value: number) => void;
  /** Fractions are allowed too. */
  isFloat?: boolean;
}

/** A small number field; what is not allowed is marked, and its title says what is. */
export function WholeNumber({ label, value, min, max, change, isFloat = false }: WholeNumberProps) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const number = typedNumber(text);
  const isGood =
    (isFloat ? Number.isFinite(number) : Number.isInteger(number)) &&
    number >= min &&
    number <= max;
  const allowed = `${text || '(empty)'}: a ${isFloat ? '' : 'whole '}number from ${min} to ${max}`;
  return (
    <input
      className="input num"
      inputMode={isFloat ? 'decimal' : 'numeric'}
      aria-label={label}
      aria-invalid={!isGood}
      title={isGood ? undefined : allowed}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        if (isGood && number !== value) change(number);
        else setText(String(value));
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && isGood && number !== value) change(number);
      }}
    />
  );
}
