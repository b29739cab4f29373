import { useState } from 'react';
import { Button } from '../../kit/Button.tsx';
import { isBusy, useConversion, useConversions } from '../../kit/conversion.ts';
import { askForFile, saveFile } from '../../kit/files.ts';
import { formatAgo, formatBytes } from '../../kit/format.ts';
import { useLab } from '../../kit/useLab.tsx';

/** A conversion from elsewhere: replayed from its link, or opened from its file. */
function FromElsewhere() {
  const store = useConversions();
  const busy = useConversion(isBusy);
  const [link, setLink] = useState('');
  async function openFile(): Promise<void> {
    const file = await askForFile('.zip');
    if (file !== null) await store.getState().fromFile(new Uint8Array(await file.arrayBuffer()));
  }
  return (
    <div className="teacher-buttons">
      <input
        className="input teacher-link"
        aria-label="Link of a conversion"
        placeholder="https://…#v=1&cv=…"
        value={link}
        onChange={({ target }) => setLink(target.value)}
      />
      <Button
        className="btn small"
        isOff={busy || link.trim() === ''}
        onClick={() => void store.getState().replay(link.trim())}
      >
        Replay it
      </Button>
      <Button className="btn small" isOff={busy} onClick={() => void openFile()}>
        Open a file…
      </Button>
    </div>
  );
}

/** Deletes one at the second press: it cannot come back. */
function Delete({ id, name }: { id: string; name: string }) {
  const store = useConversions();
  const busy = useConversion(isBusy);
  const [isAsked, setAsked] = useState(false);
  return (
    <Button
      className="btn small quiet"
      isOff={busy}
      aria-label={isAsked ? `Delete ${name} for good` : `Delete ${name}`}
      onClick={() => (isAsked ? void store.getState().remove(id) : setAsked(true))}
      onBlur={() => setAsked(false)}
    >
      {isAsked ? 'Delete for good' : 'Delete'}
    </Button>
  );
}

/** The conversions that are stored: which is shown, given away, deleted. */
export function Stored() {
  const { view } = useLab();
  const store = useConversions();
  const rows = useConversion((s) => s.rows);
  const shown = useConversion((s) => s.state?.id ?? null);
  const busy = useConversion(isBusy);
  const replayable = useConversion((s) => s.state?.teacher.isReplayable === true);
  async function copyLink(): Promise<void> {
    const link = await store.getState().link();
    if (link === null) return;
    try {
      await navigator.clipboard.writeText(new URL(link, location.href).href);
      view.getState().say('Link of the conversion copied.');
    } catch {
      view.getState().say('The browser refused the clipboard: save the conversion as a file.');
    }
  }
  async function save(): Promise<void> {
    const bytes = await store.getState().file();
    if (bytes !== null)
      saveFile('switchyard-conversion.zip', bytes as Uint8Array<ArrayBuffer>, 'application/zip');
  }
  return (
    <details className="teacher-more">
      <summary>{`Stored conversions: ${rows.length}`}</summary>
      <ul className="teacher-stored">
        {rows.map(({ id, name, converted, layers, changedAt, bytes }) => (
          <li key={id}>
            <span>
              <b>{name}</b>
              <span className="muted num">
                {` ${converted} of ${layers} layers · ${formatAgo(changedAt)} · ${formatBytes(bytes)}`}
              </span>
            </span>
            <span className="teacher-buttons">
              {id === shown ? (
                <span className="tag accent">shown</span>
              ) : (
                <Button
                  className="btn small"
                  isOff={busy}
                  aria-label={`Show ${name}`}
                  onClick={() => void store.getState().open(id)}
                >
                  Show
                </Button>
              )}
              <Delete id={id} name={name} />
            </span>
          </li>
        ))}
      </ul>
      {shown !== null && (
        <div className="teacher-buttons">
          <Button className="btn small" isOff={!replayable} onClick={() => void copyLink()}>
            Copy its link
          </Button>
          <Button className="btn small" onClick={() => void save()}>
            Save it as a file
          </Button>
          {!replayable && (
            <span className="muted">
              A link names the teacher by its experiment; this one cannot be trained again from it.
            </span>
          )}
        </div>
      )}
      <FromElsewhere />
    </details>
  );
}
