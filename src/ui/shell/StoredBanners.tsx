/** What the library has to say before the panels: a run that can go on, and what is not stored. */
import { useState } from 'react';
import { sentence } from '../../state/replacing.ts';
import type { RecordingReport } from '../../worker/api.ts';
import { formatBytes, formatCount } from '../kit/format.ts';
import { CloseIcon } from '../kit/icons.tsx';
import { useLab, useRun } from '../kit/useLab.tsx';

function DismissButton({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" className="btn quiet icon small" aria-label="Dismiss" onClick={onClick}>
      <CloseIcon />
    </button>
  );
}

/** Offers to go on with the run that was left open. */
function ResumeBanner() {
  const { commands } = useLab();
  const row = useRun((s) => s.resumable);
  if (row === null) return null;
  const from = row.checkpoints.at(-1)?.step ?? 0;
  const again = row.steps - from;
  return (
    <section className="banner" aria-label="A run that can go on">
      <p className="text">
        <strong>
          {row.name} was left at step {formatCount(row.steps)}.
        </strong>{' '}
        <span className="muted">
          It goes on{' '}
          {from === 0 ? 'from its start' : `from its checkpoint of step ${formatCount(from)}`}
          {again > 0
            ? `: ${formatCount(again)} steps are trained once more, to the same values.`
            : '.'}
        </span>
      </p>
      <div className="actions">
        <button
          type="button"
          className="btn primary small"
          onClick={() => void commands.goOn(row.id)}
        >
          Go on
        </button>
        <DismissButton onClick={() => commands.decline()} />
      </div>
    </section>
  );
}

type Failure = NonNullable<RecordingReport['failure']>;

const TITLES: Readonly<Record<Failure['kind'], string>> = {
  denied: 'This run is kept for this visit alone.',
  full: 'The newest part of this run is not stored.',
  wiped: 'What was stored of this run is gone.',
  error: 'The newest part of this run is not stored.',
};

function consequence({ kind, bytes }: Failure): string {
  if (kind === 'denied') return 'Training goes on; save what you want to keep as a file.';
  if (kind === 'wiped') return 'Training goes on, and is stored again from here on.';
  const size = bytes === null ? '' : ` (${formatBytes(bytes)})`;
  return `Training goes on; it is stored${size} as soon as there is room.`;
}

function StorageBanner({ failure, dismiss }: { failure: Failure; dismiss: () => void }) {
  const { commands } = useLab();
  return (
    <div className="banner warn" role="alert">
      <p className="text">
        <strong>{TITLES[failure.kind]}</strong> {sentence(failure.message)} {consequence(failure)}
      </p>
      <div className="actions">
        {failure.kind === 'full' && (
          <button
            type="button"
            className="btn small"
            title="Those that are neither pinned nor the last of a run that can go on"
            onClick={() => void commands.freeStorage()}
          >
            Delete the oldest checkpoints
          </button>
        )}
        <DismissButton onClick={dismiss} />
      </div>
    </div>
  );
}

function LargeBanner({
  tooLarge,
  dismiss,
}: {
  tooLarge: NonNullable<RecordingReport['tooLarge']>;
  dismiss: () => void;
}) {
  const { commands } = useLab();
  return (
    <div className="banner" role="status">
      <p className="text">
        <strong>No checkpoint of this run is taken by itself.</strong> One takes{' '}
        {formatBytes(tooLarge.bytes)}, more than 5 % of the {formatBytes(tooLarge.allowed)} that the
        browser allows. Without one, the run can go on from its start alone.
      </p>
      <div className="actions">
        <button type="button" className="btn small" onClick={() => void commands.keepCheckpoint()}>
          Store one now
        </button>
        <DismissButton onClick={dismiss} />
      </div>
    </div>
  );
}

/** What of the open run is not stored; each kind of trouble can be dismissed once a run. */
function RecordingBanner() {
  const recording = useRun((s) => s.recording);
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  if (recording === null) return null;
  const { id, failure, tooLarge } = recording;
  const isOpen = (kind: string) => !dismissed.includes(`${id} ${kind}`);
  const dismiss = (kind: string) => () => setDismissed([...dismissed, `${id} ${kind}`]);
  return (
    <>
      {failure !== null && isOpen(failure.kind) && (
        <StorageBanner failure={failure} dismiss={dismiss(failure.kind)} />
      )}
      {tooLarge !== null && isOpen('large') && (
        <LargeBanner tooLarge={tooLarge} dismiss={dismiss('large')} />
      )}
    </>
  );
}

export default function StoredBanners() {
  return (
    <>
      <ResumeBanner />
      <RecordingBanner />
    </>
  );
}
