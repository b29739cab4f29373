import { useId, useMemo, useState } from 'react';
import { Button } from '../../kit/Button.tsx';
import { formatBytes } from '../../kit/format.ts';
import { useBeside, useConfig, useLab, useLibrary, useRun } from '../../kit/useLab.tsx';
import { chosenSide, FORM, LINK, refusals } from './sides.ts';

/** Side B is chosen here; what keeps it from being opened is said before it is tried. */
export function Choice() {
  const { beside, commands } = useLab();
  const [choice, setChoice] = useState(FORM);
  const [link, setLink] = useState('');
  const rows = useLibrary((s) => s.rows);
  const running = useConfig((s) => s.running);
  const shown = useConfig((s) => s.experiment);
  const adapter = useRun((s) => s.adapter);
  const report = useRun((s) => s.report);
  const failure = useBeside((s) => s.failure);
  const isOpening = useBeside((s) => s.phase === 'opening');
  const form = useMemo(
    () => (running === null ? shown : { ...shown, events: [] }),
    [running, shown],
  );
  const side = useMemo(() => chosenSide(choice, { form, rows, link }), [choice, form, rows, link]);
  const reasons = useMemo(
    () => (side === null ? [] : refusals(running ?? form, side, { adapter, report })),
    [side, running, form, adapter, report],
  );
  const id = useId();

  async function open() {
    if (side === null || !(await commands.ready())) return;
    const isOpen = await beside.getState().open(side.name, side.experiment);
    // The form's edits are side B's now; the form shows side A again.
    if (isOpen && choice === FORM) commands.discardPending();
  }

  return (
    <div className="ab-choice">
      <p className="note">
        {running === null
          ? 'Side A is the open run. None is open: the form’s experiment will be opened.'
          : `Side A is the open run${report === null ? '' : `, which holds ${formatBytes(report.gpuBytes)} of the device’s memory`}.`}
      </p>
      <div className="ab-fields">
        <label htmlFor={id}>Side B</label>
        <select
          id={id}
          className="select"
          value={choice}
          onChange={(event) => setChoice(event.target.value)}
        >
          <option value={FORM}>The form’s experiment</option>
          <option value={LINK}>The experiment of a link…</option>
          {rows.some(({ experiment }) => experiment !== null) && (
            <optgroup label="Library">
              {rows
                .filter(({ experiment }) => experiment !== null)
                .map((row) => (
                  <option key={row.id} value={row.id}>
                    {row.name}
                  </option>
                ))}
            </optgroup>
          )}
        </select>
        {choice === LINK && (
          <input
            className="input"
            aria-label="Link of side B"
            placeholder="https://…#v=1&K=2"
            value={link}
            onChange={(event) => setLink(event.target.value)}
          />
        )}
        <Button
          className="btn primary"
          isOff={side === null || reasons.length > 0 || isOpening}
          onClick={() => void open()}
        >
          {isOpening ? 'Preparing…' : 'Open side B'}
        </Button>
        {isOpening && (
          <button type="button" className="btn" onClick={() => void beside.getState().close()}>
            Cancel
          </button>
        )}
      </div>
      <div role="status" className="ab-refused">
        {reasons.length > 0 && (
          <>
            <p>Side B cannot be {side?.name}:</p>
            <ul>
              {reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </>
        )}
        {failure !== null && (
          <p>
            <strong>{failure.title ?? 'Side B was not opened'}.</strong> {failure.message}
          </p>
        )}
      </div>
    </div>
  );
}
