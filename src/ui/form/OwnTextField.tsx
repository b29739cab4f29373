import { useId, useState } from 'react';
import { counted } from '../../config/plural.ts';
import type { OwnTextResult } from '../../state/ownText.ts';
import { ownTextOfFile, pastedText } from '../../state/ownText.ts';
import { askForFile } from '../kit/files.ts';
import { useConfig, useLab } from '../kit/useLab.tsx';

/** A person's own text, pasted or from a file. It never leaves the machine. */
export function OwnTextField() {
  const { commands, config } = useLab();
  const own = useConfig((s) => s.own);
  const wantsOwn = useConfig((s) => (s.experiment.data.mix.own ?? 0) > 0);
  const [isPasting, setPasting] = useState(false);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();

  function take(result: OwnTextResult): void {
    setProblem(result.ok ? null : result.message);
    if (!result.ok) return;
    commands.takeOwnText(result.own);
    setPasting(false);
    setText('');
    const { mix } = config.getState().experiment.data;
    if ((mix.own ?? 0) === 0) void commands.edit({ 'data.mix': { ...mix, own: 1 } });
  }

  async function chooseFile(): Promise<void> {
    const file = await askForFile('text/*,.txt,.md,.json,.csv,.py,.js,.ts,.rs,.c,.h');
    if (file !== null) take(await ownTextOfFile(file));
  }

  function drop(): void {
    commands.takeOwnText(null);
    const { own: _, ...rest } = config.getState().experiment.data.mix;
    void commands.edit({ 'data.mix': rest });
  }

  return (
    <fieldset className="field own-text">
      <legend className="visually-hidden">Your own text</legend>
      {own === null ? (
        <>
          <div className="field-head">
            <span>Your own text</span>
          </div>
          {wantsOwn && (
            <p className="field-error" role="alert">
              This experiment was made with a text that is not in the link: choose the same file.
            </p>
          )}
          <div className="slot-tools">
            <button type="button" className="btn small" onClick={() => void chooseFile()}>
              Choose a file…
            </button>
            <button
              type="button"
              className="btn small"
              aria-expanded={isPasting}
              onClick={() => setPasting(!isPasting)}
            >
              Paste
            </button>
            <span className="muted">stays here, ≤ 50 MB</span>
          </div>
        </>
      ) : (
        <div className="slot-tools">
          <span>
            {own.name} <span className="muted num">{counted(own.text.length, 'character')}</span>
          </span>
          <button type="button" className="btn small" onClick={drop}>
            Remove
          </button>
        </div>
      )}
      {isPasting && (
        <>
          <label htmlFor={id} className="visually-hidden">
            Text to train on
          </label>
          <textarea
            id={id}
            className="input"
            value={text}
            placeholder="Paste the text to train on"
            onChange={(event) => setText(event.target.value)}
          />
          <button
            type="button"
            className="btn small"
            onClick={() => void pastedText(text).then(take)}
          >
            Use this text
          </button>
        </>
      )}
      {problem !== null && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
