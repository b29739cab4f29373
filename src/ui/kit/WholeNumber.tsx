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
  /** What is wrong with a number that is in the range; null where nothing is. */
  refusal?: (value: number) => string | null;
}

/** A small number field; what is not allowed is marked, and its title says what is. */
export function WholeNumber(props: WholeNumberProps) {
  const { label, value, min, max, change, isFloat = false, refusal } = props;
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const number = typedNumber(text);
  const isInRange =
    (isFloat ? Number.isFinite(number) : Number.isInteger(number)) &&
    number >= min &&
    number <= max;
  const wrong = isInRange
    ? (refusal?.(number) ?? null)
    : `${text || '(empty)'}: a ${isFloat ? '' : 'whole '}number from ${min} to ${max}`;
  const isGood = wrong === null;
  return (
    <input
      className="input num"
      inputMode={isFloat ? 'decimal' : 'numeric'}
      aria-label={label}
      aria-invalid={!isGood}
      title={wrong ?? undefined}
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
