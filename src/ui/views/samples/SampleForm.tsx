import { type FormEvent, useId } from 'react';
import { Button } from '../../kit/Button.tsx';
import { linesOf, type Typed } from './request.ts';

interface SampleFormProps {
  typed: Typed;
  onChange(part: Partial<Typed>): void;
  canSample: boolean;
  isWriting: boolean;
  onSubmit(event: FormEvent): void;
  onStop(): void;
}

/** What to write, and after what. */
export function SampleForm({
  typed,
  onChange,
  canSample,
  isWriting,
  onSubmit,
  onStop,
}: SampleFormProps) {
  const id = useId();
  return (
    <form className="samples-form" onSubmit={onSubmit}>
      <label htmlFor={`${id}p`} className="grow">
        <span>Prompt</span>
        <textarea
          id={`${id}p`}
          className="input mono"
          rows={Math.min(4, linesOf(typed.prompts).length)}
          aria-describedby={`${id}d`}
          value={typed.prompts}
          onChange={(e) => onChange({ prompts: e.target.value })}
        />
      </label>
      <label htmlFor={`${id}t`}>
        <span>Temperature</span>
        <input
          id={`${id}t`}
          className="input num"
          inputMode="decimal"
          value={typed.temperature}
          onChange={(e) => onChange({ temperature: e.target.value })}
        />
      </label>
      <label htmlFor={`${id}n`}>
        <span>Tokens</span>
        <input
          id={`${id}n`}
          className="input num"
          inputMode="numeric"
          value={typed.tokens}
          onChange={(e) => onChange({ tokens: e.target.value })}
        />
      </label>
      <label htmlFor={`${id}s`}>
        <span>Stop at</span>
        <textarea
          id={`${id}s`}
          className="input mono"
          rows={Math.min(4, linesOf(typed.stops).length)}
          aria-describedby={`${id}d`}
          value={typed.stops}
          onChange={(e) => onChange({ stops: e.target.value })}
        />
      </label>
      {isWriting ? (
        <Button className="btn" onClick={onStop}>
          Stop
        </Button>
      ) : (
        <Button type="submit" className="btn" isOff={!canSample}>
          Sample
        </Button>
      )}
      <p id={`${id}d`} className="samples-hint muted">
        One a line: prompts are continued side by side, a text ends before a stop text (\n is a line
        break).
      </p>
    </form>
  );
}
