import { counted } from '../../../config/plural.ts';
import { useLab, useLibrary } from '../../kit/useLab.tsx';
import { compare } from './actions.ts';
import { ExportBox } from './ExportBox.tsx';

/** What can be done with all runs that are chosen. */
export function Chosen() {
  const lab = useLab();
  const selected = useLibrary((s) => s.selected);
  const rows = useLibrary((s) => s.rows);
  const { select, remove } = lab.library.getState();
  if (selected.size === 0) return null;
  const ids = [...selected];
  return (
    <section className="library-chosen" aria-label="Chosen runs">
      <span className="num">{counted(ids.length, 'run')} chosen</span>
      <button type="button" className="btn small" onClick={() => compare(lab, ids)}>
        Compare
      </button>
      <ExportBox rows={rows.filter(({ id }) => selected.has(id))} />
      <button type="button" className="btn quiet small" onClick={() => void remove(ids)}>
        Delete
      </button>
      <button type="button" className="btn quiet small" onClick={() => select([])}>
        Choose none
      </button>
    </section>
  );
}

/** What was deleted last, and the way back. */
export function Undo() {
  const { library } = useLab();
  const deleted = useLibrary((s) => s.deleted);
  return (
    <div role="status">
      {deleted !== null && deleted.rows.length > 0 && (
        <p className="library-undo">
          {deleted.rows.length === 1
            ? `“${deleted.rows[0]?.name}” was deleted.`
            : `${counted(deleted.rows.length, 'run')} were deleted.`}{' '}
          <button
            type="button"
            className="link-btn"
            onClick={() => void library.getState().restore()}
          >
            Undo
          </button>{' '}
          <button
            type="button"
            className="link-btn"
            title="Frees the room that it takes now; it cannot come back then"
            onClick={() => void library.getState().forget()}
          >
            Delete for good
          </button>
        </p>
      )}
    </div>
  );
}
