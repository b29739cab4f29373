import type { RunState } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useBeside, useLab, useRun } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { Choice } from './Choice.tsx';
import { Pairs } from './Pairs.tsx';
import './ab.css';

const SAID: Readonly<Record<RunState, string>> = {
  empty: 'not open',
  opening: 'is being prepared',
  ready: 'is ready',
  running: 'trains',
  paused: 'is paused',
  finished: 'has finished',
  failed: 'has stopped',
};

/** Starts, pauses and ends both; it keeps its place and the focus in all phases. */
function Transport() {
  const { beside, commands } = useLab();
  const phases = [useRun((s) => s.phase), useBeside((s) => s.phase)];
  const isRunning = phases.includes('running');
  const isOver = phases.every((phase) => phase === 'finished') || phases.includes('opening');
  const { start, close } = beside.getState();
  return (
    <>
      <Button
        className="btn small"
        isOff={isOver && !isRunning}
        onClick={() => void (isRunning ? commands.pause() : start())}
      >
        {isRunning ? 'Pause both' : 'Start both'}
      </Button>
      <button type="button" className="btn small" onClick={() => void close()}>
        Close side B
      </button>
    </>
  );
}

/** Who is who, and what each is doing. */
function Sides() {
  const name = useBeside((s) => s.name);
  const phase = useRun((s) => s.phase);
  const phaseB = useBeside((s) => s.phase);
  const stopped = useRun((s) => s.stopped);
  const stoppedB = useBeside((s) => s.stopped);
  const failure = useBeside((s) => s.failure);
  const reasons = [stopped, stoppedB].map((reason) =>
    reason !== null && 'message' in reason ? reason.message : null,
  );
  return (
    <div role="status" className="ab-sides">
      <p>A, the open run, {SAID[phase]}.</p>
      <p>
        B, {name}, {SAID[phaseB]}.
      </p>
      {reasons.map(
        (reason, i) =>
          reason !== null && (
            <p key={i === 0 ? 'A' : 'B'} className="ab-problem">
              {i === 0 ? 'A' : 'B'}: {reason}
            </p>
          ),
      )}
      {failure !== null && <p className="ab-problem">{failure.message}</p>}
    </div>
  );
}

export const about: Explanation = {
  label: 'A/B',
  meaning:
    'Two experiments on identical batches: side A is the open run, side B trains beside it on the same device, step by step in turn. Each has the losses that it has alone, bit for bit. What is left of the difference is not the batches’: its mean over the last 100 steps stands with the 95 % interval of Student’s t, which takes the differences as independent.',
  formula: 'd̄ ± t(0.975; n − 1) · s / √n',
};

/** Two experiments on identical batches, in turn on one device. */
export default function AbPanel(_: ViewProps) {
  const isOpen = useBeside((s) => s.report !== null);
  if (!isOpen)
    return (
      <PanelFrame className="ab">
        <Choice />
      </PanelFrame>
    );
  return (
    <PanelFrame className="ab" sub="nats per token" tools={<Transport />}>
      <Sides />
      <Pairs />
    </PanelFrame>
  );
}
