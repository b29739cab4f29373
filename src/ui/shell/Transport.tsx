import { useEffect, useState } from 'react';
import { pendingPaths } from '../../state/configStore.ts';
import type { RunState } from '../../state/runStore.ts';
import { Button } from '../kit/Button.tsx';
import { focusOn } from '../kit/focus.ts';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatDuration,
  formatFixed,
  formatLoss,
} from '../kit/format.ts';
import { PauseIcon, PlayIcon, ResetIcon, StepIcon } from '../kit/icons.tsx';
import { useConfig, useLab, useRun } from '../kit/useLab.tsx';

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

/** What the first button does in each phase, which is one button all the time. */
const PRESSES: Partial<Record<RunState['phase'], string>> = {
  opening: 'Preparing…',
  running: 'Pause',
  paused: 'Resume',
};

/**
 * Starts, pauses and resumes. It keeps its place and the focus in all phases, so that a second
 * press never lands on something else, and a key that is held down presses once.
 */
function Primary({ canStart }: { canStart: boolean }) {
  const { commands } = useLab();
  const phase = useRun((s) => s.phase);
  const isRunning = phase === 'running';
  return (
    <Button
      className="btn primary"
      aria-keyshortcuts="Space"
      isOff={!isRunning && !canStart}
      onKeyDown={(event) => event.repeat && event.key === 'Enter' && event.preventDefault()}
      onClick={() => void (isRunning ? commands.pause() : commands.start())}
    >
      {isRunning ? <PauseIcon /> : <PlayIcon />}
      {PRESSES[phase] ?? 'Start'}
    </Button>
  );
}

function Buttons() {
  const { commands } = useLab();
  const phase = useRun((s) => s.phase);
  const step = useRun((s) => s.step);
  // While it is looked for, a start may be asked for: it waits for the adapter.
  const hasNoGpu = useRun((s) => s.adapter === null && s.failure?.code === 'NoWebGPU');
  const experiment = useConfig((s) => s.experiment);
  const running = useConfig((s) => s.running);
  const sent = useConfig((s) => s.sent);
  const hasPending = pendingPaths({ experiment, running, sent }, step).length > 0;
  const isOpening = phase === 'opening';
  const canStart = !isOpening && !hasNoGpu && (phase !== 'finished' || hasPending);
  return (
    <>
      <Primary canStart={canStart} />
      {isOpening ? (
        <button
          type="button"
          className="btn"
          onClick={(event) => {
            // Not to a button: pressed twice, it would start again.
            focusOn(event.currentTarget.closest('section'));
            void commands.cancel();
          }}
        >
          Cancel
        </button>
      ) : (
        <>
          <Button
            className="btn icon"
            aria-label="Take one step"
            aria-keyshortcuts="."
            title="One step ( . )"
            isOff={!canStart || phase === 'running'}
            onClick={() => void commands.step()}
          >
            <StepIcon />
          </Button>
          <Button
            className="btn icon"
            aria-label="Reset to step 0"
            aria-keyshortcuts="R"
            title="Reset to step 0 ( R )"
            isOff={running === null}
            onClick={() => void commands.askReset()}
          >
            <ResetIcon />
          </Button>
        </>
      )}
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
        <dd>{stepsPerSec > 0 ? formatFixed(stepsPerSec, 1) : '–'}</dd>
      </div>
      <div>
        <dt>GPU memory</dt>
        <dd>{report === null ? '–' : formatBytes(report.gpuBytes)}</dd>
      </div>
    </dl>
  );
}

/** Time between two announcements of the step, beside those of every new phase. */
const SAY_MS = 20_000;

/** State and step for screen readers: each phase at once, steps at a rate that can be listened to. */
function LiveStatus() {
  const { run } = useLab();
  const [text, setText] = useState('');
  useEffect(() => {
    let said = { phase: run.getState().phase, at: 0 };
    return run.subscribe(({ phase, step, metrics }) => {
      const now = Date.now();
      if (phase === said.phase && now - said.at < SAY_MS) return;
      said = { phase, at: now };
      const loss = metrics.at('ce', step);
      setText(
        `${PHASE_NAMES[phase]}, step ${step}${Number.isFinite(loss) ? `, loss ${formatLoss(loss)}` : ''}`,
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
