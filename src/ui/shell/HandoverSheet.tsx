import { Dialog } from 'radix-ui';
import { useEffect, useRef, useState } from 'react';
import { ARCHITECTURES, CLASS_IDS, type ClassId, MAX_BATCHES } from '../../handover/options.ts';
import { failureOf } from '../../state/failure.ts';
import type { HandoverAnswer } from '../../state/handed.ts';
import { saveFile } from '../kit/files.ts';
import { useLab, useView } from '../kit/useLab.tsx';
import { WholeNumber } from '../kit/WholeNumber.tsx';
import './handover.css';

/** Why there is no file; settings that stand in the way as a list. */
function Refusal({ answer }: { answer: HandoverAnswer | null }) {
  return (
    <div role="status" className="handover-refusal">
      {answer !== null && 'reason' in answer && (
        <>
          <p>{answer.reason}</p>
          <ul>
            {answer.settings.map((setting) => (
              <li key={setting}>{setting}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** The run's model; null where the open one could not be read, which is said. */
function useHanded() {
  const { commands, config } = useLab();
  const handed = useView((s) => s.handed);
  return async () => {
    if (handed !== null) return { id: handed.id };
    const checkpoint = await commands.checkpoint();
    return checkpoint && { checkpoint, own: config.getState().own };
  };
}

/** Whether this very sheet is still open: closed, it has the page's one sheet no more. */
function useIsOpen(): () => boolean {
  const isOpen = useRef(false);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);
  return () => isOpen.current;
}

/** Hands a model over as one zip file: the folder that `npm run handover` writes. */
export function HandoverSheet() {
  const { runFiles, view } = useLab();
  const handed = useView((s) => s.handed);
  const model = useHanded();
  const isOpen = useIsOpen();
  const [as, setAs] = useState<ClassId | null>(null);
  const [batches, setBatches] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<HandoverAnswer | null>(null);
  async function write(): Promise<void> {
    setBusy(true);
    setAnswer(null);
    try {
      const run = await model();
      const ask = { as, batches: as === null ? batches : 0 };
      const found = run && (await runFiles.handOver(run, ask));
      setAnswer(found);
      if (found === null || 'reason' in found) return;
      saveFile(`switchyard-${as ?? 'pytorch'}.zip`, found.blob, 'application/zip');
      if (isOpen()) view.getState().set({ sheet: null });
    } catch (error) {
      const reason = `The file was not written: ${failureOf(error).message}`;
      setAnswer({ reason, settings: [] });
    } finally {
      setBusy(false);
    }
  }
  return (
    <form
      className="handover"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void write();
      }}
    >
      <Dialog.Title className="dialog-title">
        Hand over {handed?.name ?? 'the open run'}
      </Dialog.Title>
      <p className="muted">
        A zip file with the weights of {handed === null ? 'this step' : 'its last checkpoint'}: with
        two readable programs and AdamW’s moments it trains on wherever there is PyTorch, on one
        process or many; or it is a folder for a class of transformers, where that computes the
        same.
      </p>
      <label className="handover-line">
        For{' '}
        <select
          className="select"
          value={as ?? ''}
          onChange={({ target }) => {
            setAs(CLASS_IDS.find((id) => id === target.value) ?? null);
            setAnswer(null);
          }}
        >
          <option value="">PyTorch: train on</option>
          {CLASS_IDS.map((id) => (
            <option key={id} value={id}>
              transformers: {ARCHITECTURES[id]}
            </option>
          ))}
        </select>
      </label>
      {as === null && (
        <div className="handover-line">
          <WholeNumber
            label="Next batches that go along"
            value={batches}
            min={0}
            max={MAX_BATCHES}
            change={setBatches}
          />
          <span aria-hidden="true">next batches go along</span>
        </div>
      )}
      <Refusal answer={answer} />
      <div className="foot">
        <Dialog.Close className="btn">Close</Dialog.Close>
        <button type="submit" className="btn primary" aria-disabled={isBusy}>
          {isBusy ? 'Writing…' : 'Save'}
        </button>
      </div>
    </form>
  );
}
