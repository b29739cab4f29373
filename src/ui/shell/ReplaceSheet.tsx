import { Dialog } from 'radix-ui';
import { counted } from '../../config/plural.ts';
import { storedStep } from '../../state/replacing.ts';
import { formatCount } from '../kit/format.ts';
import { useLab, useRun, useView } from '../kit/useLab.tsx';
import { saveCheckpoint } from './share.ts';

/** Asks before the open run, and what it was trained to, gives way to something else. */
export function ReplaceSheet() {
  const lab = useLab();
  const lost = useRun((s) => s.step - storedStep(s));
  const question = useView((s) => s.question);
  if (question === null) return null;
  const { name, action, reason, problems } = question;
  return (
    <>
      <Dialog.Title className="dialog-title">
        {problems.length > 0
          ? `${counted(problems.length, 'thing')} in ${name.replace(/^The /, 'the ')} could not be taken as written`
          : lost > 0
            ? `Throw away ${formatCount(lost)} ${lost === 1 ? 'step' : 'steps'} of training?`
            : 'Leave the open run?'}
      </Dialog.Title>
      {problems.length > 0 && (
        <ul className="problems">
          {problems.map((problem) => (
            <li key={problem}>
              <span className="tag bad">refused</span>
              <span>{problem}</span>
            </li>
          ))}
        </ul>
      )}
      <p>
        {problems.length > 0 &&
          lost > 0 &&
          `${formatCount(lost)} ${lost === 1 ? 'step' : 'steps'} of training would be lost. `}
        {reason}
      </p>
      <div className="foot">
        <button type="button" className="btn" onClick={() => void saveCheckpoint(lab)}>
          Save a checkpoint
        </button>
        <Dialog.Close className="btn">Keep the run</Dialog.Close>
        <button type="button" className="btn primary" onClick={() => question.answer(true)}>
          {action}
        </button>
      </div>
    </>
  );
}
