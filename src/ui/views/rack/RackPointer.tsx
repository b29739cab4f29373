import { isOperable } from '../../../state/rackStore.ts';
import { focusOn } from '../../kit/focus.ts';
import { useConfig, useLab, useRun, useView } from '../../kit/useLab.tsx';
import { RACK_ID } from './edits.ts';

/** Says, beside rows that make a new model, where the experts of the running one are edited. */
export function RackPointer() {
  const { view } = useLab();
  const running = useConfig((s) => s.running);
  const isOpen = useRun((s) => isOperable(s, { running }));
  const isInDrawer = useView((s) => s.sheet === 'settings');
  if (!isOpen) return null;
  return (
    <p className="rack-pointer">
      These rows are for a new model.{' '}
      <button
        type="button"
        className="link-btn"
        onClick={() => {
          if (isInDrawer) view.getState().set({ sheet: null });
          const panel = document.getElementById(RACK_ID);
          panel?.scrollIntoView({ block: 'start' });
          focusOn(panel);
        }}
      >
        Change the running model in the rack
      </button>
    </p>
  );
}
