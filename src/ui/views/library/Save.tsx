import { useState } from 'react';
import type { RunRow } from '../../../runs/record.ts';
import { useLab } from '../../kit/useLab.tsx';
import { hasOwnText, save } from './actions.ts';

/** Saves runs as a file, with a person's own text only where that is asked for. */
export function Save({ rows }: { rows: readonly RunRow[] }) {
  const lab = useLab();
  const [withText, setWithText] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const asks = rows.some(hasOwnText);
  return (
    <>
      <button
        type="button"
        className="btn quiet small"
        disabled={isBusy}
        onClick={() => {
          setIsBusy(true);
          void save(lab, rows, asks && withText).finally(() => setIsBusy(false));
        }}
      >
        {isBusy ? 'Saving …' : 'Save as file (.zip)'}
      </button>
      {asks && (
        <label className="library-text">
          <input
            type="checkbox"
            checked={withText}
            onChange={(event) => setWithText(event.target.checked)}
          />{' '}
          with my own text
        </label>
      )}
    </>
  );
}
