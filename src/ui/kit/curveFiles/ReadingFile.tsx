import { formatPercent } from '../format.ts';
import type { Reading } from './useCurveFiles.ts';

/** How far a file was read, with the way out. */
export function ReadingFile({ reading, cancel }: { reading: Reading; cancel: () => void }) {
  const { name, part } = reading;
  return (
    <span className="reading-file">
      <span className="file">{name}</span>
      <progress value={part} max={1} aria-label={`Reading ${name}`} />
      <span className="num">{formatPercent(part)}</span>
      <button type="button" className="btn quiet small" onClick={cancel}>
        Cancel
      </button>
    </span>
  );
}
