import { isOperable } from '../../state/rackStore.ts';
import { goToView } from '../go.ts';
import { useConfig, useLab, useRun } from '../kit/useLab.tsx';

/** Says, beside rows that make a new model, where the experts of the running one are edited. */
export function RackPointer() {
  const lab = useLab();
  const running = useConfig((s) => s.running);
  const isOpen = useRun((s) => isOperable(s, { running }));
  if (!isOpen) return null;
  return (
    <p className="rack-pointer">
      These rows are for a new model.{' '}
      <button type="button" className="link-btn" onClick={() => goToView(lab, 'rack')}>
        Change the running model in the rack
      </button>
    </p>
  );
}
