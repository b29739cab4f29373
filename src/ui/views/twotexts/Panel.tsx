import { type FormEvent, useId, useState } from 'react';
import { layerWords, studentOf } from '../../../state/conversion/students.ts';
import { agreement, firstDifference, SIDES } from '../../../state/conversion/texts.ts';
import type { ConversionState } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import { ConversionPanel } from '../../kit/ConversionPanel.tsx';
import { isBusy, useConversion, useConversions } from '../../kit/conversion.ts';
import { useRun } from '../../kit/useLab.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import type { TwoTextsFields } from './fields.ts';
import { Text } from './Text.tsx';
import './twotexts.css';

/** Most probable tokens that are told beside each. */
const CANDIDATES = 1;

const layersIn = (layers: readonly number[]) => `layers ${layerWords(layers)} converted`;

type Props = Pick<ViewProps<TwoTextsFields>, 'value' | 'set'> & { state: ConversionState };

function TwoTexts({ state, value, set }: Props) {
  const store = useConversions();
  const busy = useConversion(isBusy);
  const isWriting = useConversion((s) => s.work === 'write');
  const readable = useRun((s) => s.report?.prompt ?? 'The ');
  const [typed, setTyped] = useState<string | null>(null);
  const texts = useConversion((s) => s.texts);
  const chosen = useConversion((s) => s.student);
  const student = studentOf(state, chosen);
  const hasLayers = student.layers.length > 0;
  const id = useId();
  const prompt = typed ?? readable;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (busy || !hasLayers) return;
    const { temperature, tokens } = value;
    const seed = Math.floor(Math.random() * 2 ** 32);
    const request = { prompts: [prompt], temperature, tokens, stops: [], seed };
    void store.getState().write(student, { ...request, candidates: CANDIDATES });
  }

  const differs = texts === null ? null : firstDifference(texts);
  return (
    <>
      <form className="twotexts-form" onSubmit={submit}>
        <label htmlFor={id} className="twotexts-prompt">
          <span>Prompt</span>
          <textarea
            id={id}
            className="input mono"
            rows={2}
            value={prompt}
            onChange={({ target }) => setTyped(target.value)}
          />
        </label>
        <span className="twotexts-number">
          <span aria-hidden="true">Temperature</span>
          <WholeNumber
            isFloat
            label="Temperature"
            value={value.temperature}
            min={0}
            max={100}
            change={(temperature) => set({ temperature })}
          />
        </span>
        <span className="twotexts-number">
          <span aria-hidden="true">Tokens</span>
          <WholeNumber
            label="Tokens"
            value={value.tokens}
            min={1}
            max={4096}
            change={(tokens) => set({ tokens })}
          />
        </span>
        {isWriting ? (
          <Button className="btn" onClick={() => void store.getState().stop()}>
            Stop
          </Button>
        ) : (
          <Button type="submit" className="btn primary" isOff={busy || !hasLayers}>
            Write both
          </Button>
        )}
      </form>
      {!hasLayers && <p className="note">The chosen student has no converted layer.</p>}
      {texts === null ? (
        <p className="empty">{`Teacher and student (${layersIn(student.layers)}) continue the same prompt from the same draws.`}</p>
      ) : (
        <>
          <p role="status" className="twotexts-agreement">
            {texts.isOn ? 'Both write.' : agreement(texts)}
          </p>
          <div className="twotexts-both" aria-busy={texts.isOn}>
            {SIDES.map((side) => (
              <Text
                key={side}
                name={side === 'teacher' ? 'Teacher' : `Student, ${layersIn(texts.layers)}`}
                prompt={texts.prompt}
                tokens={texts.tokens[side]}
                differs={differs}
                generation={texts.generations?.[side] ?? null}
              />
            ))}
          </div>
        </>
      )}
    </>
  );
}

/** What conversion does to what a model writes. */
export default function TwoTextsPanel({ value, set }: ViewProps<TwoTextsFields>) {
  return (
    <ConversionPanel className="twotexts" needsConverted>
      {(state) => <TwoTexts state={state} value={value} set={set} />}
    </ConversionPanel>
  );
}
