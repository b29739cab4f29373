import { counted } from '../../../config/plural.ts';
import type { DamagedRun } from '../../../runs/record.ts';
import { saveFile } from '../../kit/files.ts';
import { useLab, useLibrary } from '../../kit/useLab.tsx';

function DamagedRow({ run: { id, name, reason } }: { run: DamagedRun }) {
  const { runFiles, library } = useLab();
  async function save(): Promise<void> {
    const blob = await runFiles.writeRaw(id);
    if (blob !== null)
      saveFile(`damaged-${id.replace(/[^\w-]/g, '-')}.zip`, blob, 'application/zip');
  }
  return (
    <li>
      <span>
        <b>{name}</b> <span className="muted">{reason}</span>
      </span>
      <button
        type="button"
        className="btn quiet small"
        aria-label={`Save what is stored of ${name}`}
        onClick={() => void save()}
      >
        Save as it is
      </button>
      <button
        type="button"
        className="btn quiet small"
        aria-label={`Delete ${name}`}
        onClick={() => void library.getState().remove([id])}
      >
        Delete
      </button>
    </li>
  );
}

/** Runs that are stored and cannot be read, with the reason. */
export function Damaged() {
  const damaged = useLibrary((s) => s.damaged);
  if (damaged.length === 0) return null;
  return (
    <section className="library-damaged" aria-label="Damaged runs">
      <p role="status">
        {counted(damaged.length, 'run')} {damaged.length === 1 ? 'is' : 'are'} damaged and cannot be
        opened.
      </p>
      <ul>
        {damaged.map((run) => (
          <DamagedRow key={run.id} run={run} />
        ))}
      </ul>
    </section>
  );
}
