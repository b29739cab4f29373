import { formatAgo, formatBytes } from '../../kit/format.ts';
import { useLab, useLibrary } from '../../kit/useLab.tsx';

/** How much is stored, whether it stays, and when some of it was last written to a file. */
export function Stored() {
  const { library } = useLab();
  const use = useLibrary((s) => s.use);
  const exportedAt = useLibrary((s) => Math.max(0, ...s.rows.map((row) => row.exportedAt ?? 0)));
  const hasRows = useLibrary((s) => s.rows.length > 0);
  if (use === null) return null;
  const { used, allowed, isPersistent } = use;
  return (
    <p className="library-stored">
      {used !== null && (
        <span className="num">
          {formatBytes(used)} used
          {allowed !== null && ` of ${formatBytes(allowed)} that the browser allows`}
        </span>
      )}
      {used !== null && allowed !== null && (
        <progress value={used} max={allowed} aria-label="Storage used" />
      )}
      {isPersistent === true ? (
        <span>The browser keeps what is stored until you delete it.</span>
      ) : (
        <span>
          The browser may delete what is stored where room is short.{' '}
          <button
            type="button"
            className="link-btn"
            onClick={() => void library.getState().persist()}
          >
            Ask it to keep everything
          </button>
        </span>
      )}
      {hasRows && <span>Last exported: {exportedAt === 0 ? 'never' : formatAgo(exportedAt)}.</span>}
    </p>
  );
}
