import { useEffect, useState } from 'react';
import { pendingPaths } from '../../state/configStore.ts';
import type { RunState } from '../../state/runStore.ts';
import { formatBytes, formatCompact, formatCount, formatDuration } from '../format.ts';
import { useConfig, useLab, useRun } from '../useLab.tsx';
import { PauseIcon, PlayIcon, ResetIcon, StepIcon } from './icons.tsx';

const PHASE_NAMES: Readonly<Record<RunState['phase'], string>> = {
  empty: 'Not started',
  opening: 'Preparing',
  ready: 'Ready',
  running: 'Training',
  paused: 'Paused',
  finished: 'Finished',
  failed: 'Stopped',
};

const STAGE_NAMES = {
  data: 'Reading the text',
  tokenizer: 'Training the tokenizer',
  kernels: 'Compiling GPU kernels',
  parameters: 'Drawing the initial weights',
  replay: 'Replaying events',
} as const;

function Buttons() {
  const { commands } = useLab();
  const phase = useRun((s) => s.phase);
  const step = useRun((s) => s.step);
  // While it is looked for, a start may be asked for: it waits for the adapter.
  const hasNoGpu = useRun((s) => s.adapter === null && s.failure?.code === 'NoWebGPU');
  const experiment = useConfig((s) => s.experiment);
  const running = useConfig((s) => s.running);
  const hasPending = pendingPaths({ experiment, running }, step).length > 0;
  if (phase === 'opening') {
    return (
      <button type="button" className="btn" onClick={() => void commands.cancel()}>
        Cancel
      </button>
    );
  }
  const isRunning = phase === 'running';
  const canStart = !hasNoGpu && (phase !== 'finished' || hasPending);
  return (
    <>
      {isRunning ? (
        <button
          type="button"
          className="btn primary"
          aria-keyshortcuts="Space"
          onClick={() => void commands.pause()}
        >
          <PauseIcon />
          Pause
        </button>
      ) : (
        <button
          type="button"
          className="btn primary"
          aria-keyshortcuts="Space"
          disabled={!canStart}
          onClick={() => void commands.start()}
        >
          <PlayIcon />
          {phase === 'paused' ? 'Resume' : 'Start'}
        </button>
      )}
      <button
        type="button"
        className="btn icon"
        aria-label="Take one step"
        aria-keyshortcuts="."
        title="One step ( . )"
        disabled={!canStart || isRunning}
        onClick={() => void commands.step()}
      >
        <StepIcon />
      </button>
      <button
        type="button"
        className="btn icon"
        aria-label="Reset to step 0"
        aria-keyshortcuts="R"
        title="Reset to step 0 ( R )"
        disabled={running === null}
        onClick={() => void commands.askReset()}
      >
        <ResetIcon />
      </button>
    </>
  );
}

function Progress() {
  const phase = useRun((s) => s.phase);
  const step = useRun((s) => s.step);
  const speed = useRun((s) => s.stepsPerSec);
  const progress = useRun((s) => s.progress);
  const total = useConfig((s) => s.experiment.optimizer.totalSteps);
  const isOpening = phase === 'opening';
  const part = isOpening
    ? progress === null || progress.total === 0
      ? 0
      : progress.done / progress.total
    : step / total;
  const left = phase === 'running' && speed > 0 ? (total - step) / speed : Number.NaN;
  return (
    <div className="run-progress">
      <div className="labels">
        <span>
          <b>{PHASE_NAMES[phase]}</b>
          {isOpening && progress !== null && ` · ${STAGE_NAMES[progress.stage]}`}
        </span>
        {!isOpening && (
          <span className="num">
            step <b>{formatCount(step)}</b> / {formatCount(total)}
            {Number.isFinite(left) && ` · ${formatDuration(left)} left`}
          </span>
        )}
      </div>
      <div
        className="bar"
        role="progressbar"
        aria-label={isOpening ? 'Preparation' : 'Training steps'}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * Math.min(1, part))}
      >
        <i style={{ transform: `scaleX(${Math.min(1, part)})` }} />
      </div>
    </div>
  );
}

function Stats() {
  const report = useRun((s) => s.report);
  const tokensPerSec = useRun((s) => s.tokensPerSec);
  const stepsPerSec = useRun((s) => s.stepsPerSec);
  return (
    <dl className="stats num">
      <div>
        <dt>Tokens/s</dt>
        <dd>{tokensPerSec > 0 ? formatCompact(tokensPerSec) : '–'}</dd>
      </div>
      <div>
        <dt>Steps/s</dt>
        <dd>{stepsPerSec > 0 ? stepsPerSec.toFixed(1) : '–'}</dd>
      </div>
      <div>
        <dt>GPU memory</dt>
        <dd>{report === null ? '–' : formatBytes(report.gpuBytes)}</dd>
      </div>
    </dl>
  );
}

/** State and step for screen readers, at most every five seconds. */
function LiveStatus() {
  const { run } = useLab();
  const [text, setText] = useState('');
  useEffect(() => {
    let said = { phase: run.getState().phase, at: 0 };
    return run.subscribe(({ phase, step, metrics }) => {
      const now = Date.now();
      if (phase === said.phase && now - said.at < 5000) return;
      said = { phase, at: now };
      const loss = metrics.at('ce', step);
      setText(
        `${PHASE_NAMES[phase]}, step ${step}${Number.isFinite(loss) ? `, loss ${loss.toFixed(2)}` : ''}`,
      );
    });
  }, [run]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {text}
    </p>
  );
}

/** Start, pause, step, reset; progress and speed. */
export function Transport() {
  return (
    <section className="transport" aria-label="Transport">
      <div className="buttons">
        <Buttons />
      </div>
      <Progress />
      <Stats />
      <LiveStatus />
    </section>
  );
}
