import { Dialog } from 'radix-ui';
import { formatCount } from '../format.ts';
import { useLab, useRun } from '../useLab.tsx';
import { saveCheckpoint } from './share.ts';

/** Asks before a trained model is thrown away. */
export function ResetSheet() {
  const lab = useLab();
  const step = useRun((s) => s.step);
  const close = () => lab.view.getState().set({ sheet: null });
  return (
    <>
      <Dialog.Title className="dialog-title">
        Throw away {formatCount(step)} steps of training?
      </Dialog.Title>
      <p>
        Reset takes the model back to its initial weights and drops the live changes. The curve
        stays, faint, behind the next run; the parameters do not.
      </p>
      <div className="foot">
        <button type="button" className="btn" onClick={() => void saveCheckpoint(lab)}>
          Save a checkpoint
        </button>
        <Dialog.Close className="btn">Keep the run</Dialog.Close>
        <button
          type="button"
          className="btn primary"
          onClick={() => {
            close();
            void lab.commands.reset();
          }}
        >
          Reset
        </button>
      </div>
    </>
  );
}
