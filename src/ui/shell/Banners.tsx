import { lazy, useState } from 'react';
import { TINY_SIZE } from '../../config/defaults.ts';
import { applyChange, changedPaths, getPath, settingsInForce } from '../../config/edit.ts';
import { settingAt } from '../../config/schema.ts';
import { pendingPaths } from '../../state/configStore.ts';
import type { Failure } from '../../state/failure.ts';
import type { StopReason } from '../../state/runStore.ts';
import { formatCount } from '../kit/format.ts';
import { CloseIcon } from '../kit/icons.tsx';
import { Loaded } from '../kit/Loaded.tsx';
import { useConfig, useLab, useReceived, useRun } from '../kit/useLab.tsx';
import { describeValue, labelOf } from '../kit/values.ts';

const NoWebGpu = lazy(() => import('./NoWebGpu.tsx'));

const TITLES: Readonly<Record<Failure['code'], string>> = {
  ConfigInvalid: 'This experiment cannot run',
  DataMissing: 'The text is missing',
  DeviceLost: 'The GPU was lost',
  KernelCompile: 'A GPU kernel did not compile',
  ModelTooLarge: 'The model is too large for this adapter',
  NoWebGPU: 'No GPU to train on',
  NonFinite: 'Training stopped: a value was not finite',
  Cancelled: 'Cancelled',
  Unexpected: 'Something went wrong',
};

function FailureBanner({ failure }: { failure: Failure }) {
  const { commands, run } = useLab();
  const isLooking = useRun((s) => s.isLooking);
  return (
    <div className="banner bad" role="alert">
      <div className="text">
        <strong>{failure.title ?? TITLES[failure.code]}.</strong> {failure.message}
        {failure.code === 'NoWebGPU' && (
          <Loaded name="How to get a GPU" fallback={null}>
            <NoWebGpu />
          </Loaded>
        )}
      </div>
      <div className="actions">
        {failure.code === 'DeviceLost' && (
          <button type="button" className="btn small" onClick={() => void commands.recover()}>
            Recover
          </button>
        )}
        {failure.code === 'NoWebGPU' && (
          <button
            type="button"
            className="btn small"
            aria-disabled={isLooking}
            onClick={() => void commands.probe()}
          >
            {isLooking ? 'Looking…' : 'Look again'}
          </button>
        )}
        {failure.code === 'ModelTooLarge' && (
          <button
            type="button"
            className="btn small"
            onClick={() => {
              commands.stage(TINY_SIZE);
              run.getState().set({ failure: null });
            }}
          >
            Use the tiny size
          </button>
        )}
        {failure.code !== 'NoWebGPU' && (
          <button
            type="button"
            className="btn quiet icon small"
            aria-label="Dismiss"
            onClick={() => run.getState().set({ failure: null })}
          >
            <CloseIcon />
          </button>
        )}
      </div>
    </div>
  );
}

function StopBanner({ reason }: { reason: StopReason }) {
  const { commands, run } = useLab();
  const dismiss = () => run.getState().set({ stopped: null });
  switch (reason.kind) {
    case 'finished':
      return null;
    case 'deviceLost':
      return (
        <div className="banner bad" role="alert">
          <p className="text">
            <strong>The GPU was lost.</strong> {reason.message} The curves so far are kept until the
            run is recovered.
          </p>
          <div className="actions">
            <button type="button" className="btn small" onClick={() => void commands.recover()}>
              Recover
            </button>
          </div>
        </div>
      );
    case 'error':
      return (
        <div className="banner bad" role="alert">
          <p className="text">
            <strong>Training stopped.</strong> {reason.message}
          </p>
          <div className="actions">
            <button type="button" className="btn small" onClick={() => void commands.recover()}>
              Recover
            </button>
          </div>
        </div>
      );
    case 'nonFinite':
      return (
        <div className="banner bad" role="alert">
          <p className="text">
            <strong>
              Training stopped at step {formatCount(reason.step)}
              {reason.layer === null ? '' : `, layer ${reason.layer}`}.
            </strong>{' '}
            {reason.message} A lower learning rate or gradient clipping usually helps.
          </p>
          <div className="actions">
            <button type="button" className="btn small" onClick={() => void commands.askReset()}>
              Reset
            </button>
            <button
              type="button"
              className="btn quiet icon small"
              aria-label="Dismiss"
              onClick={dismiss}
            >
              <CloseIcon />
            </button>
          </div>
        </div>
      );
  }
}

/** Offers a software adapter the tiny size, until the experiment has it or a run is open. */
function SoftwareBanner() {
  const { commands } = useLab();
  const isSoftware = useRun((s) => s.adapter?.isSoftware === true);
  const hasRun = useRun((s) => s.report !== null);
  const experiment = useConfig((s) => s.experiment);
  const isTiny = changedPaths(experiment, applyChange(experiment, TINY_SIZE)).length === 0;
  if (!isSoftware || hasRun || isTiny) return null;
  return (
    <div className="banner warn">
      <p className="text">
        <strong>This is a software adapter.</strong> It computes on the processor, tens of times
        slower than a GPU. The tiny size (D {String(TINY_SIZE['model.D'])},{' '}
        {String(TINY_SIZE['model.L'])} layers, batches of {String(TINY_SIZE['batch.B'])} ×{' '}
        {String(TINY_SIZE['batch.S'])} tokens) keeps it lively; it is written into the experiment,
        so a link says so.
      </p>
      <div className="actions">
        <button type="button" className="btn small" onClick={() => commands.stage(TINY_SIZE)}>
          Use the tiny size
        </button>
      </div>
    </div>
  );
}

/** Edits that need a model started anew, as chips, until they are applied or discarded. */
function PendingBanner() {
  const { commands } = useLab();
  const step = useRun((s) => s.step);
  const phase = useRun((s) => s.phase);
  const experiment = useConfig((s) => s.experiment);
  const running = useConfig((s) => s.running);
  const sent = useConfig((s) => s.sent);
  if (running === null || phase === 'opening') return null;
  const paths = pendingPaths({ experiment, running, sent }, step);
  if (paths.length === 0) return null;
  const inForce = settingsInForce(running, step);
  return (
    <section className="banner" aria-label="Edits that need a new model">
      <div className="text">
        <strong>
          {paths.length} {paths.length === 1 ? 'edit needs' : 'edits need'} a new model.
        </strong>{' '}
        <span className="muted">The run goes on unchanged until you apply.</span>
        <ul className="chips">
          {paths.map((path) => {
            const setting = settingAt(path);
            if (setting === undefined) return null;
            const shown = (from: typeof experiment) =>
              describeValue(setting, getPath(from, path) ?? null);
            return (
              <li key={path} className="chip num">
                {labelOf(path)} <del>{shown(inForce)}</del> → <ins>{shown(experiment)}</ins>
              </li>
            );
          })}
        </ul>
      </div>
      <div className="actions">
        <button
          type="button"
          className="btn primary small"
          onClick={() => void commands.applyPending()}
        >
          Apply as new model
        </button>
        {step > 0 && (
          <button
            type="button"
            className="btn small"
            title="A run of its own that goes on from here where the edits leave the parameters as they are; else it starts anew"
            onClick={() => void commands.forkPending()}
          >
            Fork at step {formatCount(step)}
          </button>
        )}
        <button type="button" className="btn small" onClick={() => commands.discardPending()}>
          Discard
        </button>
      </div>
    </section>
  );
}

/** What is looked at to take the open run's place. */
function CheckingBanner() {
  const checking = useRun((s) => s.checking);
  if (checking === null) return null;
  return (
    <div className="banner" role="status">
      <p className="text">
        <strong>{checking.name} is being checked.</strong>{' '}
        <span className="muted">The run goes on meanwhile.</span>
      </p>
      <div className="actions">
        <button type="button" className="btn small" onClick={checking.cancel}>
          Cancel
        </button>
      </div>
    </div>
  );
}

const Received = lazy(() => import('./Received.tsx'));

/** What a link brought of runs and conversions; its code comes with the first of them. */
function ReceivedOnDemand() {
  const isAny = useReceived((s) => s.runs.length + s.problems.length > 0 || s.conversion !== null);
  if (!isAny) return null;
  return (
    <Loaded name="What the link brought" fallback={null}>
      <Received />
    </Loaded>
  );
}

const StoredBanners = lazy(() => import('./StoredBanners.tsx'));

/** What the library has to say; its code comes with the first of it, and what was dismissed stays so. */
function StoredOnDemand() {
  const isAny = useRun(
    ({ resumable, recording }) =>
      resumable !== null ||
      (recording !== null && (recording.failure ?? recording.tooLarge) !== null),
  );
  const [isLoaded, setIsLoaded] = useState(false);
  if (isAny && !isLoaded) setIsLoaded(true);
  if (!isLoaded) return null;
  return (
    <Loaded name="What the library has to say" fallback={null}>
      <StoredBanners />
    </Loaded>
  );
}

/** Everything that the page has to say before its panels. */
export function Banners() {
  const failure = useRun((s) => s.failure);
  const stopped = useRun((s) => s.stopped);
  return (
    <>
      {failure !== null && <FailureBanner failure={failure} />}
      {stopped !== null && failure === null && <StopBanner reason={stopped} />}
      <StoredOnDemand />
      <CheckingBanner />
      <SoftwareBanner />
      <PendingBanner />
      <ReceivedOnDemand />
    </>
  );
}
