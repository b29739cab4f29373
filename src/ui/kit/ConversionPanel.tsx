import type { ReactNode } from 'react';
import { convertedLayers } from '../../state/conversion/students.ts';
import type { ConversionState } from '../../worker/api.ts';
import { Button } from './Button.tsx';
import { isBusy, useConversion, useConversions } from './conversion.ts';
import { PanelFrame } from './PanelFrame.tsx';
import { useLab } from './useLab.tsx';
import './conversion.css';

interface ConversionPanelProps {
  className: string;
  /** Whether nothing is shown before a layer is converted. */
  needsConverted?: boolean;
  sub?: (state: ConversionState) => ReactNode;
  tools?: (state: ConversionState) => ReactNode;
  children: (state: ConversionState) => ReactNode;
}

/** There is none: the next step as a button. */
function NoConversion() {
  const { view } = useLab();
  const isRead = useConversion((s) => s.isRead);
  if (!isRead) return <p className="empty">The stored conversions are read.</p>;
  return (
    <div className="empty conversion-empty">
      <p>No conversion yet: choose a dense teacher, then press Convert.</p>
      <Button className="btn" onClick={() => view.getState().set({ sought: { view: 'teacher' } })}>
        Choose a teacher
      </Button>
    </div>
  );
}

function NoneConverted() {
  const store = useConversions();
  const busy = useConversion(isBusy);
  return (
    <div className="empty conversion-empty">
      <p>
        {busy ? 'No layer is converted yet: the first is at work.' : 'No layer is converted yet.'}
      </p>
      {!busy && (
        <Button className="btn" onClick={() => void store.getState().goOn()}>
          Go on converting
        </Button>
      )}
    </div>
  );
}

/** The frame of a view of the conversion that is shown; what is missing stands in its place. */
export function ConversionPanel(props: ConversionPanelProps) {
  const { className, needsConverted = false, sub, tools, children } = props;
  const state = useConversion((s) => s.state);
  const isThere = state !== null && (!needsConverted || convertedLayers(state).length > 0);
  return (
    <PanelFrame
      className={className}
      sub={state !== null && sub?.(state)}
      tools={isThere && tools?.(state)}
    >
      {state === null && <NoConversion />}
      {state !== null && !isThere && <NoneConverted />}
      {isThere && children(state)}
    </PanelFrame>
  );
}
