import { useState } from 'react';
import { counted } from '../../../config/plural.ts';
import type { RunRow } from '../../../runs/record.ts';
import { saveFile } from '../../kit/files.ts';
import { Pop } from '../../kit/Pop.tsx';
import { useLab } from '../../kit/useLab.tsx';

const CHECKPOINTS = [
  ['last', 'the last of each run'],
  ['all', 'all'],
  ['none', 'none'],
] as const;
type Checkpoints = (typeof CHECKPOINTS)[number][0];

function fileName(rows: readonly RunRow[]): string {
  const [only] = rows;
  const name = rows.length === 1 && only !== undefined ? only.name : `${rows.length} runs`;
  return `${name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'run'}.zip`;
}

function Options({ rows, close }: { rows: readonly RunRow[]; close: () => void }) {
  const { runFiles, library } = useLab();
  const [checkpoints, setCheckpoints] = useState<Checkpoints>('last');
  const [ownText, setOwnText] = useState(false);
  const hasOwn = rows.some(({ text }) => text?.isOwn === true);
  async function write(): Promise<void> {
    close();
    const ids = rows.map(({ id }) => id);
    const blob = await runFiles.write(ids, { checkpoints, ownText });
    if (blob === null) return;
    saveFile(fileName(rows), blob, 'application/zip');
    await library.getState().read();
  }
  return (
    <form
      className="library-export"
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      <h3>{counted(rows.length, 'run')} as one file</h3>
      <p>
        Settings, metrics and routing as Parquet and CSV, samples; dropped on this page, the file
        opens again.
      </p>
      <label>
        Checkpoints{' '}
        <select
          className="select compact"
          value={checkpoints}
          onChange={({ target }) => {
            const found = CHECKPOINTS.find(([id]) => id === target.value);
            if (found !== undefined) setCheckpoints(found[0]);
          }}
        >
          {CHECKPOINTS.map(([id, label]) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {hasOwn && (
        <label>
          <input
            type="checkbox"
            checked={ownText}
            onChange={({ target }) => setOwnText(target.checked)}
          />{' '}
          your own text too
        </label>
      )}
      <button type="submit" className="btn small">
        Save
      </button>
    </form>
  );
}

/** Writes runs of the library into one file. */
export function ExportBox({ rows }: { rows: readonly RunRow[] }) {
  return (
    <Pop
      className="btn quiet small"
      label={rows.length === 1 ? `Export ${rows[0]?.name ?? ''}` : 'Export the chosen runs'}
      contentClassName="pop"
      align="start"
      content={(close) => <Options rows={rows} close={close} />}
    >
      Export…
    </Pop>
  );
}
