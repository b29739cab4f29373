import { counted } from '../../config/plural.ts';
import { useLab, useLibrary } from '../kit/useLab.tsx';

/** Says that the views show a stored run in the live one's place. */
export function ShownBanner() {
  const { library } = useLab();
  const shown = useLibrary((s) => s.shown);
  const name = useLibrary((s) => s.rows.find(({ id }) => id === s.shown?.head.id)?.name);
  if (shown === null) return null;
  return (
    <section className="banner" aria-label="A stored run is shown">
      <p className="text">
        <strong>You see {name ?? 'a stored run'}</strong>, {counted(shown.step, 'step')}, as it is
        stored.{' '}
        <span className="muted">
          Start, the settings and the profiler belong to the live run all the same.
        </span>
      </p>
      <div className="actions">
        <button type="button" className="btn small" onClick={() => library.getState().hide()}>
          Back to the live run
        </button>
      </div>
    </section>
  );
}
