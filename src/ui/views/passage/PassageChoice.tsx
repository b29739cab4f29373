import { useEffect, useId, useState } from 'react';
import type { Look, LookText } from '../../../state/looks/looked.ts';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { PassageFields } from './fields.ts';

const SETTLE_MS = 250;

/** A text once nobody types any more; at once where it is the first. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** The sequences that there are to choose from: batches of the validation text, or a text of the person's own. */
export interface Choice {
  batches: number;
  B: number;
  S: number;
  own: string | null;
}

/** A sequence that there is. */
export function sequenceIn({ batches, B, own }: Choice, sequence: number): number {
  return own === null ? Math.min(sequence, batches * B - 1) : sequence;
}

/** The text of the passage. */
export function passageText(
  choice: Choice,
  { source, sequence }: PassageFields,
  typed: string,
): LookText {
  if (source === 'typed' && typed !== '') return { passage: typed };
  return { sequence: sequenceIn(choice, sequence), text: choice.own };
}

interface PassageChoiceProps {
  choice: Choice;
  value: PassageFields;
  set: (part: Partial<PassageFields>) => void;
  look: Look | null;
  isRefused: boolean;
}

function Sequence({ choice, value, set, isRefused }: PassageChoiceProps) {
  const { batches, B, own } = choice;
  const sequence = sequenceIn(choice, value.sequence);
  function another(): void {
    // How many sequences a text of one's own has, its tokens tell: behind the last comes the first.
    if (own !== null) {
      set({ sequence: isRefused ? 0 : sequence + 1 });
      return;
    }
    const others = batches * B - 1;
    const drawn = Math.floor(Math.random() * others);
    if (others > 0) set({ sequence: drawn < sequence ? drawn : drawn + 1 });
  }
  return (
    <>
      {own === null ? (
        <>
          <span className="passage-number-field">
            Batch{' '}
            <WholeNumber
              label="Batch"
              value={Math.floor(sequence / B)}
              min={0}
              max={batches - 1}
              change={(batch) => set({ sequence: batch * B + (sequence % B) })}
            />
          </span>
          <span className="passage-number-field">
            Sequence{' '}
            <WholeNumber
              label="Sequence"
              value={sequence % B}
              min={0}
              max={B - 1}
              change={(at) => set({ sequence: Math.floor(sequence / B) * B + at })}
            />
          </span>
        </>
      ) : (
        <span className="passage-number-field">
          Sequence{' '}
          <WholeNumber
            label="Sequence"
            value={sequence}
            min={0}
            max={1e6}
            change={(at) => set({ sequence: at })}
          />
        </span>
      )}
      <button type="button" className="btn small" onClick={another}>
        Another one
      </button>
    </>
  );
}

/** Which passage is read: a sequence of the text that is looked at, or what a person types. */
export function PassageChoice(props: PassageChoiceProps) {
  const { choice, value, set, look, isRefused } = props;
  const id = useId();
  const isTyped = value.source === 'typed';
  return (
    <div className="passage-choice">
      <label htmlFor={id}>Passage</label>
      <select
        id={id}
        className="select compact"
        value={value.source}
        onChange={(event) => set({ source: event.target.value === 'typed' ? 'typed' : 'looked' })}
      >
        <option value="looked">{choice.own === null ? 'of validation' : 'of your own text'}</option>
        <option value="typed">typed</option>
      </select>
      {!isTyped && <Sequence {...props} />}
      {isTyped && (
        <>
          <textarea
            className="input passage-typed"
            aria-label="Passage"
            placeholder="Type or paste; the text that is looked at until then"
            rows={2}
            value={value.typed}
            onChange={(event) => set({ typed: event.target.value })}
          />
          <span className="muted num">
            {value.typed !== '' &&
              look !== null &&
              !isRefused &&
              `${look.tokens.length + 1} tokens; `}
            2 … {choice.S + 1} tokens
          </span>
        </>
      )}
    </div>
  );
}
